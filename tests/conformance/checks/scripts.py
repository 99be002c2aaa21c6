"""Scripts of the host that run many jobs: their results have our messages, also of a refusal."""

from __future__ import annotations

from typing import Any

from tests.conformance.check import Bench, check, demand
from tests.conformance.checks.automation import axis_labels, plot_settings
from tests.conformance.checks.batches import A, B, gray
from tests.conformance.checks.parts import tile_script

NO_GUIDANCE = "CFG scale 1"
"""Words of the message about a job at CFG scale 1."""


@check("sd1")
def script_messages(bench: Bench) -> str:
    """X/Y/Z plot, Prompts from file and SD upscale: the API's answer has our messages."""
    start = {"init_images": [gray(2 * bench.size)], "denoising_strength": 0.9}
    lines = [False, False, "start", "a table\na chair", *([False] if bench.forge else [])]
    scripts: dict[str, tuple[str, dict[str, Any]]] = {
        "X/Y/Z plot": ("txt2img", plot_of_methods(bench)),
        "Prompts from file": ("txt2img", script("prompts from file or textbox", lines)),
        "SD upscale": ("img2img", {**start, **tile_script(bench)}),
    }
    for name, (route, fields) in scripts.items():
        result = bench.run({**bench.omost(cfg_scale=1), **fields}, route=route)
        seen = " ".join(result.messages)
        demand(NO_GUIDANCE in seen, f"{name}: no message about CFG scale 1, only {seen!r}")
        written = " ".join(result.infotexts)
        demand(NO_GUIDANCE not in written, f"{name}: a picture's metadata has the message")
    return f"{len(scripts)} scripts"


@check("sd1")
def refused_script(bench: Bench) -> str:
    """SD upscale with canvases that its tiles cannot have ends with a message, not a picture."""
    start = {"init_images": [gray(2 * bench.size)], "denoising_strength": 0.9}
    request = {**bench.omost([A, B]), **start, **tile_script(bench)}
    result = bench.client.generate(request, route="img2img")
    demand(not result.images, f"{len(result.images)} pictures; messages: {result.messages}")
    demand(any("tile" in text for text in result.messages), f"messages: {result.messages}")
    return result.messages[0]


def plot_of_methods(bench: Bench) -> dict[str, Any]:
    """An X/Y/Z plot of two methods."""
    axis = axis_labels(bench).index("[Omost] Method")
    axes = [axis, "omost, couple", [], 0, "", [], 0, "", []]
    return script("x/y/z plot", [*axes, *plot_settings(bench, len(axes))])


def script(name: str, arguments: list[Any]) -> dict[str, Any]:
    """The request's fields for a selectable script."""
    return {"script_name": name, "script_args": arguments}
