"""The user leaves while a job samples: closes the page, drops the connection, reloads the UI."""

from __future__ import annotations

import time
import urllib.error
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from tests.conformance.check import AbsentError, Bench, check, demand
from tests.conformance.checks.failures import demand_clean, difference
from tests.conformance.client import HostError
from tests.page.browser import BrowserMissingError, open_browser
from tests.page.host_steps import open_page

Sleep = Callable[[float], None]
"""Waits for a number of seconds."""

PATIENCE = 300
"""Seconds after which a host that does not sample, end or reload is given up."""


@check("sd1", "sdxl")
def connection_dropped(bench: Bench) -> str:
    """A client that drops its connection while its job samples leaves nothing behind."""
    bench.need_probe()
    with bench.client.unanswered(long_job(bench)):
        demand_sampling_with_regions(bench)
    wait_until(lambda: not progress(bench)["job"], "the end of the job")
    return demand_clean(bench)


@check("sd1")
def page_closed(bench: Bench) -> str:
    """A page that is closed while its job samples leaves nothing behind."""
    bench.need_probe()
    infotext = bench.run(long_job(bench)).infotexts[0]
    try:
        with open_browser() as browser, open_page(browser, bench.client.url) as page:
            page.paste(infotext)
            page.accordion.wait_for_boxes(2)
            page.page.locator("#txt2img_generate").click()
            # The page's requests pass through this process, which time.sleep would stop.
            demand_sampling_with_regions(bench, lambda s: page.page.wait_for_timeout(1000 * s))
    except BrowserMissingError as missing:
        raise AbsentError(str(missing)) from None
    wait_until(lambda: not progress(bench)["job"], "the end of the job")
    return demand_clean(bench)


@check("sd1")
def ui_reloaded(bench: Bench) -> str:
    """Reload UI while a job samples, and again after it, leaves nothing behind."""
    bench.need_probe()
    with bench.client.unanswered(long_job(bench)):
        demand_sampling_with_regions(bench)
        reload(bench)
    seen = demand_clean(bench)
    reload(bench)
    demand(demand_clean(bench) == seen, "the second reload left something")
    return seen


def long_job(bench: Bench) -> dict[str, Any]:
    """A job that samples for seconds, also with a tiny checkpoint."""
    return bench.omost(steps=8 if bench.forge else 80)


def demand_sampling_with_regions(bench: Bench, sleep: Sleep = time.sleep) -> None:
    """Wait until a job samples; our hooks must then be attached to the model."""
    wait_until(lambda: progress(bench)["sampling_step"] > 0, "the first step", sleep)
    attached = difference(bench.at_rest or {}, bench.leftovers())
    demand(bool(attached), "nothing is attached to the model while it samples")


def progress(bench: Bench) -> dict[str, Any]:
    """The host's state: `job` is "" without a job, `sampling_step` the steps made."""
    found: dict[str, Any] = bench.client.get("/sdapi/v1/progress?skip_current_image=true")
    return dict(found["state"])


def reload(bench: Bench) -> None:
    """Reload the UI as the button in Settings does, and wait until it is there again."""
    before = bench.client.get("/omost-probe/started")

    def reloaded() -> bool:
        with suppress(HostError, urllib.error.URLError, ConnectionError, TimeoutError):
            return bool(bench.client.get("/omost-probe/started") != before)
        return False

    bench.client.post("/omost-probe/reload", {})
    # Seldom, because a request between the server's start and its routes ends the start of the
    # hosts: Starlette refuses middleware after the first request.
    wait_until(reloaded, "the UI after its reload", lambda _: time.sleep(5))


def wait_until(true: Callable[[], bool], what: str, sleep: Sleep = time.sleep) -> None:
    """Wait for the host. Raises FailedError when it takes too long."""
    deadline = time.monotonic() + PATIENCE
    while not true():
        demand(time.monotonic() < deadline, f"{what} did not come within {PATIENCE} s")
        sleep(0.05)
