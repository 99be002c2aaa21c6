"""Whole answers of a language model, pasted as they are."""

from __future__ import annotations

from tests.conformance import payloads
from tests.conformance.check import Bench, check, demand, demand_regional
from tests.conformance.compare import mean_difference
from tests.transcripts import TRANSCRIPTS


@check("sd1", "sdxl")
def transcript(bench: Bench) -> str:
    """Pictures are made from whole answers, and every UNet call is regional."""
    source = TRANSCRIPTS[-1]
    plain, changes = bench.run(bench.job(prompt="")).images[0], []
    for text in source.answers:
        request = payloads.with_omost(bench.job(prompt=""), text)
        demand_regional(bench.record(request))
        result = bench.run(request)
        changes.append(mean_difference(plain, result.images[0]))
    demand(min(changes) > 0, "the picture is the same as without Omost")
    differences = ", ".join(f"{change:.1f}" for change in changes)
    return f"{len(changes)} answers ({source.name}), mean changes {differences}"
