"""The user leaves while a job samples."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from tests.conformance.check import Bench, check, demand
from tests.conformance.checks.failures import demand_clean, difference

PATIENCE = 300
"""Seconds after which a host that does not sample or end is given up."""


@check("sd1", "sdxl")
def connection_dropped(bench: Bench) -> str:
    """A client that drops its connection while its job samples leaves nothing behind."""
    bench.need_probe()
    with bench.client.unanswered(long_job(bench)):
        demand_sampling_with_regions(bench)
    wait_until(lambda: not progress(bench)["job"], "the end of the job")
    return demand_clean(bench)


def long_job(bench: Bench) -> dict[str, Any]:
    """A job that samples for seconds, also with a tiny checkpoint."""
    return bench.omost(steps=8 if bench.forge else 80)


def demand_sampling_with_regions(bench: Bench) -> None:
    """Wait until a job samples; our hooks must then be attached to the model."""
    wait_until(lambda: progress(bench)["sampling_step"] > 0, "the first step")
    attached = difference(bench.at_rest or {}, bench.leftovers())
    demand(bool(attached), "nothing is attached to the model while it samples")


def progress(bench: Bench) -> dict[str, Any]:
    """The host's state: `job` is "" without a job, `sampling_step` the steps made."""
    found: dict[str, Any] = bench.client.get("/sdapi/v1/progress?skip_current_image=true")
    return dict(found["state"])


def wait_until(true: Callable[[], bool], what: str) -> None:
    """Wait for the host. Raises FailedError when it takes too long."""
    deadline = time.monotonic() + PATIENCE
    while not true():
        demand(time.monotonic() < deadline, f"{what} did not come within {PATIENCE} s")
        time.sleep(0.05)
