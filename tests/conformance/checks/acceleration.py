"""Step caches, which omit layers or whole model calls, and compiled models."""

from __future__ import annotations

from typing import Any

from tests.conformance import payloads
from tests.conformance.check import AbsentError, Bench, check, demand, demand_same_pictures
from tests.conformance.checks.beside import rests_with
from tests.conformance.checks.failures import demand_clean
from tests.conformance.client import Result

STEPS = 8
CACHES: dict[str, tuple[list[Any], list[int]]] = {
    "first block cache / teacache": ([True, "TeaCache", 1, 1e9, 1, False], [0, 2, 4, 6]),
    "teacache": ([True, 1e9, 1, 0.0, 1.0], [0, 2, 4, 6]),
    "spectrum integrated": ([True, 0.25, 3, 0.5, 2, 0.0, 2, 1.0], [0, 1, 3, 5, 7]),
    "calibrated spectrum": ([True, 0.25, 3, 0.5, 2, 0.0, 2, 1.0, True, 0.5], [0, 1, 3, 5, 7]),
}
"""By title: the arguments of an extension that caches steps, and the steps that are then computed.

TeaCache: no step is too different, but one in a row is cached at most. Spectrum: after two steps it
forecasts every other one.
"""

COMPILER = "guard_filter_fn"
"""A choice of Forge Neo's option, by which the script is found: its title is translated."""


@check("sd1")
def step_cache(bench: Bench) -> str:
    """With a step cache, end 0.5 ends at half the schedule; the next pictures are as before."""
    installed = [title for title in CACHES if title in bench.client.script_titles()]
    if not installed:
        raise AbsentError("no step cache is installed beside; see --extension")
    return "; ".join(f"{title}: {cached(bench, title)}" for title in installed)


def cached(bench: Bench, title: str) -> str:
    arguments, computed = CACHES[title]
    job = bench.job(steps=STEPS)
    with_cache = {**job, "alwayson_scripts": {title: {"args": arguments}}}
    plain = bench.run(with_cache)
    demand((plain.images[0] != bench.run(job).images[0]).any(), "the cache changes nothing")
    bench.run(bench.job(), fresh=True)
    bench.at_rest = bench.leftovers()  # what the cache leaves on the model is not ours
    (seen,) = bench.record(payloads.with_omost(with_cache, payloads.canvas(), end=0.5)).passes
    layers = max(map(len, seen.positive_effect))
    # A cached call runs no layer, or only the first one.
    acts = [max(effect) > 1e-4 for effect in seen.positive_effect if len(effect) == layers]
    expected = [step < STEPS / 2 for step in computed]
    demand(acts == expected, f"regional among the computed steps: {acts} instead of {expected}")
    again = bench.run(with_cache, fresh=True)
    demand_same_pictures(plain, again, "the next picture without Omost and with the cache")
    bench.run(bench.job(), fresh=True)
    clean = demand_clean(bench)
    return f"{len(computed)} of {STEPS} steps computed, {sum(acts)} regional; {clean}"


@check("sd1")
def compiled(bench: Bench) -> str:
    """With a compiled model pictures are as without, with this canvas, that canvas, and off."""
    script = next(filter(compiles, bench.client.get("/sdapi/v1/script-info")), None)
    if script is None:
        raise AbsentError("the host has no option that compiles the model")
    title = script["name"]
    requests = {
        "off": bench.job(),
        "a canvas": bench.omost(),
        "another canvas": bench.omost(payloads.canvas(left=payloads.BONFIRE)),
        "off again": bench.job(),
        "the canvas again": bench.omost(),
    }
    expected = {name: bench.run(request) for name, request in requests.items()}
    # The host's own extension sets the model's method anew when it restores the model.
    other_size = bench.job(width=192)  # which leaves no graph for the jobs below
    rests_with(bench, *(compiling(other_size, title, preset) for preset in (COMPILER, "Disable")))
    graphs = [
        compare_compiled(bench, requests, expected, title, preset)
        for preset in (COMPILER, "dynamic")
    ]
    return (
        f"{len(requests)} pictures each, {graphs[0]} and {graphs[1]} graphs; {demand_clean(bench)}"
    )


def compare_compiled(
    bench: Bench,
    requests: dict[str, dict[str, Any]],
    expected: dict[str, Result],
    title: str,
    preset: str,
) -> int:
    """Compares pictures with and without a compiled model; returns the number of graphs.

    The model is restored before the next preset: Neo's own extension wraps the model twice
    when one preset directly follows another.
    """
    before = bench.client.get("/omost-probe/graphs")
    try:
        for name, request in requests.items():
            picture = bench.run(compiling(request, title, preset), fresh=True)
            demand_same_pictures(expected[name], picture, f"{preset}, {name}")
    finally:
        bench.run(compiling(bench.job(), title, "Disable"), fresh=True)
    graphs: int = bench.client.get("/omost-probe/graphs") - before
    demand(graphs > 0, f"{preset}: nothing was compiled")
    return graphs


def compiles(script: dict[str, Any]) -> bool:
    """Tells whether a script of the host compiles the model."""
    choices = [choice for argument in script["args"] for choice in argument["choices"] or ()]
    return COMPILER in choices and not script["is_img2img"]


def compiling(request: dict[str, Any], title: str, preset: str) -> dict[str, Any]:
    """The same request with a compiled model."""
    request = payloads.with_script(request, title, preset)
    return payloads.with_script(request, "Omost probe compiling", True)
