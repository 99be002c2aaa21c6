"""What else the host changes about the guidance by the negative prompt."""

from __future__ import annotations

from typing import Any

from tests.conformance.check import Bench, check, demand, demand_regional
from tests.conformance.checks.beside import works_beside

LONG = ", ".join(f"bad thing number {number}" for number in range(30))
"""A negative prompt of more tokens than the prompt."""


def calls_without_negative(bench: Bench, options: dict[str, Any]) -> int:
    """Number of UNet calls with positive rows alone in a job of four steps with a canvas."""
    with bench.options(**options):
        recording = bench.record(bench.omost(steps=4))
    demand_regional(recording)
    rows = [row for seen in recording.passes for row in seen.rows]
    return sum(negative == 0 for _, negative in rows)


@check("sd1")
def negative_skipped(bench: Bench) -> str:
    """NGMS and "ignore negative prompt early": steps without negative rows are regional too."""
    seen = []
    for name, value in (("s_min_uncond", 15.0), ("skip_early_cond", 0.5)):
        options = {name: value}
        alone = calls_without_negative(bench, options)
        demand(alone > 0, f"{name}: no step without the negative prompt")
        change = works_beside(bench, options=options, common={"steps": 4})
        seen.append(f"{name}: {alone} of 4 steps, {change}")
    return "; ".join(seen)
