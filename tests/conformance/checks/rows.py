"""Which rows of a batch are touched."""

from __future__ import annotations

from tests.conformance.check import Bench, check, demand, demand_regional
from tests.conformance.compare import max_difference


@check("sd1", "sd2", "sdxl")
def negative_rows(bench: Bench) -> str:
    """The negative rows' first cross-attention is bit-identical to Omost off."""
    off = bench.record(bench.job()).passes[0]
    on = bench.record(bench.omost()).passes[0]
    demand(off.negative.size > 0, "no negative row was seen")
    moved = max(map(max, off.positive_effect))
    demand(moved < 1e-5, "the probe itself moves a picture without Omost")
    difference = max_difference(off.negative, on.negative)
    demand(difference == 0, f"differs by {difference:.1e}")
    moved = max_difference(off.positive, on.positive)
    demand(moved > 1e-4, "the positive rows are as without Omost")
    return f"negative rows differ by 0, positive by {moved:.2g}"


@check("sd1", "sd2", "sdxl")
def every_call(bench: Bench) -> str:
    """At every UNet call positive rows are regional and negative rows the host's own."""
    return demand_regional(bench.record(bench.omost(steps=4)))


@check("sd1", "sdxl")
def cfg_1(bench: Bench) -> str:
    """At CFG 1 the regions count as well."""
    seen = demand_regional(bench.record(bench.omost(cfg_scale=1)))
    off, on = (bench.run(job).images for job in (bench.job(cfg_scale=1), bench.omost(cfg_scale=1)))
    demand(max_difference(off[0], on[0]) > 0, "the picture is the same as without Omost")
    return seen


@check("sd1", "sdxl")
def long_negative(bench: Bench) -> str:
    """With a negative prompt of more tokens than the prompt, rows are still told apart."""
    words = ", ".join(f"bad thing number {i}" for i in range(30))
    return demand_regional(bench.record(bench.omost(negative_prompt=words)))


@check("sd1")
def same_negative(bench: Bench) -> str:
    """With the prompt repeated as the negative prompt, the picture still changes."""
    off = bench.run(bench.job(negative_prompt=bench.job()["prompt"])).images
    on = bench.run(bench.omost(negative_prompt=bench.job()["prompt"])).images
    change = max_difference(off[0], on[0])
    demand(change > 0, "the picture is the same as without Omost")
    return f"largest change {change:.0f} of 255"
