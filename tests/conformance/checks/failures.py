"""Nothing stays behind, however a generation ends."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.conformance.check import (
    Bench,
    FailedError,
    check,
    demand,
    demand_same_pictures,
    recording_of,
)
from tests.conformance.checks.batches import gray
from tests.conformance.client import HostError, Result


def demand_clean(bench: Bench) -> str:
    """Nothing hangs on the model, and the next pictures without and with Omost are as ever."""
    demand_nothing_attached(bench)
    off = bench.run(bench.job())
    demand_same_pictures(off, bench.run(bench.job(), fresh=True), "the next picture without Omost")
    found = difference(bench.at_rest or {}, bench.leftovers())
    demand(not found, f"left on the model: {found}")
    regional = bench.run(bench.omost())
    again = bench.run(bench.omost(), fresh=True)
    demand_same_pictures(regional, again, "the next picture with Omost")
    return "next pictures off and on identical, nothing on the model"


def demand_nothing_attached(bench: Bench) -> None:
    """Nothing of ours hangs on the model right after a job, before another one can remove it."""
    found, expected = bench.leftovers(), dict(bench.at_rest or {})
    # Forge itself puts this one back only when the next sampling begins.
    for finding in (found, expected):
        finding.pop("forge_objects", None)
    left = difference(expected, found)
    demand(not left, f"right after: {left}")


def difference(expected: Any, found: Any, name: str = "") -> str:
    """Name what differs between two findings of the probe, "" when nothing does."""
    if isinstance(expected, dict) and isinstance(found, dict):
        keys = sorted(set(expected) | set(found))
        parts = [difference(expected.get(key), found.get(key), f"{name} {key}") for key in keys]
        return ", ".join(filter(None, parts))[:400]
    return "" if expected == found else f"{name.strip()}: {expected} became {found}"


@check("sd1", "sdxl")
def nothing_left(bench: Bench) -> str:
    """After a generation nothing hangs on the model: hooks, methods, callbacks, patches."""
    bench.need_probe()
    bench.run(bench.omost(), fresh=True)
    return demand_clean(bench)


STOPS = ("interrupt_at", "skip_at")
"""Faults after which the host answers with what it has."""

ERRORS = {"fail_at": "asked to fail", "exhaust_at": "asked to run out of memory"}
"""Faults that the host answers with an error, and words of it."""


def cause(
    bench: Bench, fault: str, request: dict[str, Any], call: int, route: str = "txt2img"
) -> Result | None:
    """Let the probe cause a fault at a UNet call of a job.

    Returns:
        The host's answer after a stop; None after an error.

    Raises:
        FailedError: The fault did not end the sampling early, or the job failed of itself.
    """
    calls = bench.record(request, route=route).calls
    try:
        result = bench.disturbed(request, route=route, **{fault: call})
    except HostError as error:
        demand(ERRORS.get(fault, "no error") in error.text, f"{fault}: failed of itself: {error}")
        return None
    demand(fault in STOPS, f"{fault}: the host did not report the error that the probe caused")
    seen = recording_of(result).calls
    demand(call <= seen < calls, f"{fault}: {seen} of {calls} UNet calls were made all the same")
    return result


def after_each_fault(
    bench: Bench, request: dict[str, Any], call: int, route: str = "txt2img"
) -> str:
    """Demand that each of the four faults leaves nothing behind."""
    faults = [*STOPS, *ERRORS]
    for fault in faults:
        cause(bench, fault, request, call, route)
        try:
            demand_clean(bench)
        except FailedError as seen:
            raise FailedError(f"{fault}: {seen}") from None
    return f"{len(faults)} faults at call {call}: next pictures identical, nothing on the model"


@check("sd1", "sdxl")
def interrupted(bench: Bench) -> str:
    """An interrupted generation leaves nothing behind."""
    result = cause(bench, "interrupt_at", bench.omost(steps=4, batch_size=2, n_iter=2), 3)
    demand(len(result.images if result else []) == 2, "the second batch was made all the same")
    return demand_clean(bench)


@check("sd1", "sdxl")
def skipped(bench: Bench) -> str:
    """Skip ends one picture of two; the second is as ever, and nothing is left behind."""
    request = bench.omost(steps=4, n_iter=2)
    result, whole = cause(bench, "skip_at", request, 3), bench.run(request)
    first, second = result.images if result else (None, None)
    demand(not np.array_equal(first, whole.images[0]), "the first picture was not skipped")
    demand(np.array_equal(second, whole.images[1]), "the second picture differs")
    return demand_clean(bench)


@check("sd1", "sdxl")
def failed(bench: Bench) -> str:
    """A generation that fails inside the UNet leaves nothing behind."""
    cause(bench, "fail_at", bench.omost(steps=4), 3)
    return demand_clean(bench)


@check("sd1", "sdxl")
def out_of_memory(bench: Bench) -> str:
    """A generation for which the memory is too small leaves nothing behind."""
    cause(bench, "exhaust_at", bench.omost(steps=4), 3)
    return demand_clean(bench)


@check("sd1")
def faults_in_hires(bench: Bench) -> str:
    """Error, out of memory, interrupt and skip in the hires pass leave nothing behind."""
    request = bench.hires(bench.omost())
    first = bench.record(request).passes[0]
    return after_each_fault(bench, request, len(first.rows) + 1)


@check("sd1")
def faults_in_img2img(bench: Bench) -> str:
    """Error, out of memory, interrupt and skip in img2img leave nothing behind."""
    start = {"init_images": [gray(bench.size)], "denoising_strength": 0.9}
    return after_each_fault(bench, {**bench.omost(steps=4), **start}, 2, "img2img")
