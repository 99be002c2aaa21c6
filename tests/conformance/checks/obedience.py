"""Pictures obey: with the painter that ships, what the canvas asks for is seen."""

from __future__ import annotations

from typing import Any

from PIL import Image

from benchmarks.obedience import classifier, metrics
from benchmarks.obedience.canvases import compositions
from benchmarks.obedience.methods import CFG, DEFAULT, METHODS, SIZE, STEPS, long_prompt
from lib_omost.canvas.code_writer import write_code
from tests.conformance import payloads
from tests.conformance.check import AbsentError, Bench, check, demand
from training.canvases import Composition, canvas_of

CANVASES = 24
POINTS = 0.25
"""How much more of the regions must be right with a canvas than with one long prompt."""


@check("painter")
def obedience(bench: Bench) -> str:
    """A canvas puts objects into their regions that one long prompt puts anywhere.

    With the size and settings with which the painter is used without a WebUI.
    """
    if not classifier.FILE.exists():
        raise AbsentError("no classifier: train it by python -m benchmarks.obedience.classifier")
    asked = compositions("sealed", CANVASES)
    canvas = right(bench, asked, with_canvas=True)
    prompt = right(bench, asked, with_canvas=False)
    regions = sum(len(composition.objects) for composition in asked)
    seen = f"of {regions} regions {canvas} right, with one prompt {prompt}"
    demand(canvas - prompt >= POINTS * regions, seen)
    return seen


def right(bench: Bench, asked: list[Composition], *, with_canvas: bool) -> int:
    """Let the host paint what is asked, and count the regions that are right."""
    count = 0
    for seed, composition in enumerate(asked):
        request = plain(bench, composition, seed)
        if with_canvas:
            code = write_code(canvas_of(composition))
            settings = METHODS[DEFAULT].settings
            request = payloads.with_omost({**request, "prompt": ""}, code, **settings)
        picture = Image.fromarray(bench.run(request).images[0])
        reading = metrics.read(picture, composition, classifier.load())
        count += sum(region.right for region in reading.regions)
    return count


def plain(bench: Bench, composition: Composition, seed: int) -> dict[str, Any]:
    """The request for a composition without Omost, in one prompt."""
    return bench.job(
        size=SIZE[0],
        prompt=long_prompt(composition).description,
        negative_prompt="",
        steps=STEPS,
        cfg_scale=CFG,
        seed=seed,
        sampler_name="Euler a",
    )
