"""The accordion served by both versions of gradio, and Chromium to look at it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.page.browser import ADVANCED, BrowserMissingError, open_browser

ROOT = Path(__file__).parents[2]


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


@contextmanager
def served(gradio, module, *arguments, **variables):
    """The address of a page that a module serves in the environment of a gradio.

    Its first argument is the port. variables: of its environment, beside ours.
    """
    python = ROOT / "build" / gradio / "bin" / "python"
    if not python.exists():
        pytest.skip(f"{python.relative_to(ROOT)} is missing; `make test` makes it")
    port = free_port()
    quiet = {"GRADIO_ANALYTICS_ENABLED": "False", "no_proxy": "127.0.0.1"}
    server = subprocess.Popen(
        [python, "-m", module, str(port), *map(str, arguments)],
        cwd=ROOT,
        env={**os.environ, **quiet, **variables},
        stdout=subprocess.DEVNULL,
        stderr=sys.stderr,
    )
    url = f"http://127.0.0.1:{port}"
    try:
        for _ in range(600):
            if server.poll() is not None:
                pytest.fail(f"the page's server ended with {server.returncode}")
            try:
                urllib.request.urlopen(url, timeout=1).close()
                break
            except OSError:
                time.sleep(0.2)
        yield url
    finally:
        server.terminate()
        server.wait()


@pytest.fixture(scope="package", params=["gradio3", "gradio4"])
def address(request):
    with served(request.param, "tests.page.serve") as url:
        yield url


# Not of the session: while playwright's loop runs, other tests cannot run one.
@pytest.fixture(scope="package")
def browser():
    try:
        with open_browser() as chromium:
            yield chromium
    except BrowserMissingError as missing:
        pytest.skip(str(missing))


@pytest.fixture(scope="package")
def context(browser):
    """One profile for all tests, as gradio's files are large and kept by it."""
    context = browser.new_context()
    yield context
    context.close()


def empty_tab(context, address, *, advanced=True, **size):
    """A page of a profile that remembers nothing of former ones but files.

    advanced: open the advanced page, where every component can be used.
    """
    page = context.new_page()
    if advanced:
        page.add_init_script(ADVANCED)
    if size:
        page.set_viewport_size(size)
    session = context.new_cdp_session(page)
    session.send("Storage.clearDataForOrigin", {"origin": address, "storageTypes": "local_storage"})
    session.detach()
    return page


@pytest.fixture
def page(address, context):
    errors = []
    page = empty_tab(context, address)
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(address)
    page.wait_for_selector("#omost_txt2img_canvas textarea")
    page.wait_for_function("window.gradioApp !== undefined")
    yield page
    page.close()
    assert errors == []
