"""Features that a host has built in as scripts: FreeU, Dynamic Thresholding, tiled sampling."""

from __future__ import annotations

from typing import Any

from tests.conformance.check import AbsentError, Bench, check, demand, demand_same_pictures
from tests.conformance.checks.beside import works_beside
from tests.conformance.checks.failures import demand_clean
from tests.conformance.client import HostError


def script_title(bench: Bench, beginning: str) -> str:
    """Title of the always-on script whose title begins like this. Raises AbsentError."""
    for title in bench.client.script_titles():
        if title.startswith(beginning.lower()):
            return title
    raise AbsentError(f"the host has no {beginning}")


def switched_on(bench: Bench, beginning: str, *arguments: Any) -> dict[str, Any]:
    """Fields of a request that turn on a script, whose first arguments are these."""
    return {"alwayson_scripts": {script_title(bench, beginning): {"args": [True, *arguments]}}}


@check("sd1")
def freeu(bench: Bench) -> str:
    """FreeU acts, and the regions are exact beside it."""
    return works_beside(bench, **switched_on(bench, "FreeU Integrated", 1.3, 1.4, 0.9, 0.2))


@check("sd1")
def dynamic_thresholding(bench: Bench) -> str:
    """Dynamic Thresholding acts, and the regions are exact beside it."""
    return works_beside(bench, **switched_on(bench, "DynamicThresholding", 3.0, 0.9))


@check("sd1")
def attention_guidance(bench: Bench) -> str:
    """SAG and PAG act; their additional UNet call is regional if it repeats the positive rows."""
    seen = [
        guided(bench, "SelfAttentionGuidance", [0.5, 2.0, 1.0], regional=False),
        guided(bench, "PerturbedAttentionGuidance", [3.0, 0.0, 0.0, 1.0], regional=True),
    ]
    return f"{'; '.join(seen)}; {demand_clean(bench)}"


def guided(bench: Bench, title: str, arguments: list[Any], *, regional: bool) -> str:
    """Judge a guidance that makes a second UNet call in each step.

    SAG repeats the negative rows and PAG the positive ones. Both mark them as positive.
    """
    feature = {"width": 256, "height": 256, **switched_on(bench, title, *arguments)}
    plain = bench.run(bench.job(width=256, height=256))
    demand((plain.images[0] != bench.run(bench.job(**feature)).images[0]).any(), "it does nothing")
    calls = bench.record(bench.omost(**feature)).passes[0].positive_effect
    for number, effect in enumerate(calls):
        place = f"{title}, call {number + 1} of {len(calls)}"
        if number % 2 == 0 or regional:
            demand(min(effect) > 1e-4, f"{place}: positive rows as without Omost")
        else:
            demand(max(effect) < 1e-5, f"{place}: negative rows off by {max(effect):.1e}")
    again = bench.run(bench.job(width=256, height=256), fresh=True)
    demand_same_pictures(plain, again, "the next picture without both")
    return f"{title}: {len(calls)} calls"


@check("sd1")
def tiled_sampling(bench: Bench) -> str:
    """MultiDiffusion cannot follow a canvas: the job ends with a message, the next is as ever."""
    tiles = switched_on(bench, "MultiDiffusion", "MultiDiffusion", 128, 128, 64, 1)
    job = {"width": 256, "height": 256, **tiles}
    before = bench.run(bench.job(**job))
    try:
        result = bench.client.generate(bench.omost(**job))
        text, pictures = " ".join(result.messages), len(result.images)
    except HostError as error:
        text, pictures = error.text, 0
    demand("tiles" in text, f"no message; {pictures} pictures, {text!r}")
    demand(pictures == 0, "a picture was made all the same")
    demand_same_pictures(before, bench.run(bench.job(**job), fresh=True), "the next without Omost")
    return text[:100]
