"""Nothing stays behind, however a generation ends."""

from __future__ import annotations

from typing import Any

from tests.conformance.check import Bench, FailedError, check, demand, demand_same_pictures
from tests.conformance.client import HostError


def demand_clean(bench: Bench) -> str:
    """The next picture without Omost is as ever, and nothing hangs on the model after it."""
    off = bench.run(bench.job())
    regional = bench.run(bench.omost())
    demand_same_pictures(off, bench.run(bench.job(), fresh=True), "the next picture without Omost")
    found = difference(bench.at_rest or {}, bench.leftovers())
    demand(not found, f"left on the model: {found}")
    again = bench.run(bench.omost(), fresh=True)
    demand_same_pictures(regional, again, "the next picture with Omost")
    return "next pictures off and on identical, nothing on the model"


def difference(expected: dict[str, Any], found: dict[str, Any]) -> str:
    """Name what differs between two findings of the probe, "" when nothing does."""
    keys = sorted(set(expected) | set(found))
    changed = [key for key in keys if expected.get(key) != found.get(key)]
    return ", ".join(f"{key}: {expected.get(key)} became {found.get(key)}" for key in changed)[:400]


@check("sd1", "sdxl")
def nothing_left(bench: Bench) -> str:
    """After a generation nothing hangs on the model: hooks, methods, callbacks, patches."""
    bench.need_probe()
    bench.run(bench.omost(), fresh=True)
    found, expected = bench.leftovers(), dict(bench.at_rest or {})
    # Forge itself puts this one back only when the next sampling begins.
    for finding in (found, expected):
        finding.pop("forge_objects", None)
    left = difference(expected, found)
    demand(not left, f"right after: {left}")
    return demand_clean(bench)


@check("sd1", "sdxl")
def interrupted(bench: Bench) -> str:
    """An interrupted generation leaves nothing behind."""
    bench.run(bench.omost())
    bench.disturbed(bench.omost(steps=8, batch_size=2, n_iter=2), interrupt_at=3)
    return demand_clean(bench)


@check("sd1", "sdxl")
def failed(bench: Bench) -> str:
    """A generation that fails inside the UNet leaves nothing behind."""
    bench.run(bench.omost())
    try:
        bench.disturbed(bench.omost(steps=4), fail_at=3)
    except HostError as error:
        demand("asked to fail" in error.text, f"failed of itself: {error}")
    else:
        raise FailedError("the host did not report the failure that the probe caused")
    return demand_clean(bench)
