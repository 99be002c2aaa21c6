"""Sizes: hires fix and sizes that halve to odd numbers."""

from __future__ import annotations

from tests.conformance import payloads
from tests.conformance.check import Bench, check, demand, demand_regional
from tests.conformance.checks.locality import attention_is_local
from tests.conformance.compare import mean_difference


@check("sd1", "sdxl")
def hires(bench: Bench) -> str:
    """With hires fix both passes are regional."""
    off, on = (bench.hires(job) for job in (bench.job(), bench.omost()))
    recording = bench.record(on)
    seen = demand_regional(recording)
    sizes = [seen_pass.size for seen_pass in recording.passes]
    demand(len(sizes) == 2 and sizes[1] > sizes[0], f"passes at latent sizes {sizes}")
    change = mean_difference(bench.run(off).images[0], bench.run(on).images[0])
    demand(change > 0, "the picture is the same as without Omost")
    return f"latents {sizes[0]} and {sizes[1]}; {seen}"


@check("sd1", "sdxl")
def odd_small(bench: Bench) -> str:
    """At 200x136 the regions are where they belong."""
    return attention_is_local(bench, payloads.TOP_LEFT, width=200, height=136)


@check("sd1")
def odd_large(bench: Bench) -> str:
    """At 520x776 the regions are where they belong."""
    return attention_is_local(bench, payloads.TOP_LEFT, width=520, height=776)
