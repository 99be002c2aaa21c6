"""A person pastes a canvas and presses Check: Chromium on both versions of gradio."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

playwright = pytest.importorskip("playwright.sync_api")

ROOT = Path(__file__).parents[2]
EXAMPLE = (ROOT / "examples" / "shapes.txt").read_text(encoding="utf-8")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
# Chromium looks up hosts of its own at start; on a closed network that only costs time.
QUIET = ["--disable-background-networking", "--disable-component-update", "--disable-sync"]


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


@pytest.fixture(scope="module", params=["gradio3", "gradio4"])
def address(request):
    python = ROOT / "build" / request.param / "bin" / "python"
    if not python.exists():
        pytest.skip(f"{python.relative_to(ROOT)} is missing; `make test` makes it")
    port = free_port()
    server = subprocess.Popen(
        [python, "-m", "tests.page.serve", str(port)],
        cwd=ROOT,
        env={**os.environ, "GRADIO_ANALYTICS_ENABLED": "False", "no_proxy": "127.0.0.1"},
        stdout=subprocess.DEVNULL,
        stderr=sys.stderr,
    )
    url = f"http://127.0.0.1:{port}"
    try:
        for _ in range(300):
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


@pytest.fixture(scope="module")
def browser():
    if CHROMIUM is None:
        pytest.skip("chromium is missing; `make test` installs it where it may")
    with playwright.sync_playwright() as play:
        chromium = play.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu", *QUIET]
        )
        yield chromium
        chromium.close()


@pytest.fixture
def page(address, browser):
    errors = []
    page = browser.new_page()
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(address)
    page.wait_for_selector("#omost_txt2img_canvas textarea")
    page.wait_for_function("window.gradioApp !== undefined")
    yield page
    page.close()
    assert errors == []


def check(page, text):
    page.fill("#omost_txt2img_canvas textarea", text)
    page.click("#omost_txt2img_check")


def test_check_shows_the_regions_and_the_picture_at_the_output_s_aspect(page):
    check(page, EXAMPLE)
    page.wait_for_selector("#omost_txt2img_report img")
    assert page.locator("#omost_txt2img_report li").count() == 4
    picture = page.locator("#omost_txt2img_report img")
    assert picture.evaluate("image => image.naturalWidth / image.naturalHeight") == 2


def test_check_says_what_was_repaired_and_where(page):
    check(page, EXAMPLE.replace("on the top-left", "on the topp-left"))
    page.wait_for_selector("#omost_txt2img_report .omost-note, .omost-warning")
    assert "topp-left" in page.inner_text("#omost_txt2img_report")


def test_a_text_without_a_canvas_is_kept_and_the_reason_shown(page):
    check(page, "A poem about <b>nothing</b>.")
    page.wait_for_selector("#omost_txt2img_report .omost-error")
    assert page.input_value("#omost_txt2img_canvas textarea") == "A poem about <b>nothing</b>."


def test_the_other_tab_is_left_alone(page):
    check(page, EXAMPLE)
    page.wait_for_selector("#omost_txt2img_report img")
    assert page.input_value("#omost_img2img_canvas textarea") == ""
    assert page.locator("#omost_img2img_report img").count() == 0
