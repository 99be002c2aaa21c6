"""Each kind of sampler."""

from __future__ import annotations

from tests.conformance.check import Bench, check, demand, demand_regional
from tests.conformance.checks.beside import for_each


def sampled(bench: Bench, name: str) -> str:
    recording = bench.record(bench.omost(sampler_name=name, steps=3))
    seen = demand_regional(recording)
    off = bench.run(bench.job(sampler_name=name, steps=3)).images
    on = bench.run(bench.omost(sampler_name=name, steps=3)).images
    demand((off[0] != on[0]).any(), "the picture is the same as without Omost")
    return seen


@check("sd1")
def sampler_multistep(bench: Bench) -> str:
    """A k-diffusion sampler with a memory (DPM++ 2M)."""
    return sampled(bench, "DPM++ 2M")


@check("sd1")
def sampler_timesteps(bench: Bench) -> str:
    """A sampler on timesteps (DDIM)."""
    return sampled(bench, "DDIM")


@check("sd1")
def sampler_two_calls(bench: Bench) -> str:
    """Samplers with two model calls a step (DPM++ SDE, Heun)."""
    return "; ".join(f"{name}: {sampled(bench, name)}" for name in ("DPM++ SDE", "Heun"))


@check("sd1")
def samplers(bench: Bench) -> str:
    """Every sampler that the host lists, except those that cannot sample such a model."""
    names = [entry["name"] for entry in bench.client.get("/sdapi/v1/samplers")]
    blank = [name for name in names if is_blank(bench, name)]
    demand(len(blank) < len(names) / 4, f"blank pictures without Omost: {', '.join(blank)}")
    usable = [name for name in names if name not in blank]
    for_each(usable, lambda name: sampled(bench, name))
    without = f"; blank without Omost: {', '.join(blank)}" if blank else ""
    return f"{len(usable)} samplers: {', '.join(usable)}{without}"


def is_blank(bench: Bench, name: str) -> bool:
    """Tells whether the sampler makes NaN, which the host shows as a picture of one colour.

    Forge Neo lists "DPM++ 2s a RF" for every model, although it is for rectified flow alone.
    """
    picture = bench.run(bench.job(sampler_name=name, steps=3)).images[0]
    return bool(picture.min() == picture.max())
