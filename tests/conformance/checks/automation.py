"""Canvases from the prompts at Generate, and the host's scripts that make many pictures."""

from __future__ import annotations

import json
import re
from typing import Any

from lib_omost.canvas import formats
from lib_omost.canvas.model import Canvas
from tests.conformance import payloads
from tests.conformance.check import AbsentError, Bench, check, demand, demand_same_pictures
from tests.conformance.checks.batches import SEED, host_tolerance
from tests.conformance.client import TITLE, Result
from tests.conformance.compare import max_difference

PROMPT = "a red circle on the left of a blue square"
LINES = ("a red circle above a yellow star", "a green square", "a blue triangle below a red heart")
STRANGE = "a yellow sun over two mountains"
"""The composer knows the words but not such a sentence, so that its canvas depends on the seed."""
CHANCE = {"temperature": 1.5}
"""The composer takes none by itself: every seed would compose the same."""

CANVAS = re.compile(r'Omost canvas: ("(?:\\.|[^"\\])*")')


def from_prompt(request: dict[str, Any], **settings: Any) -> dict[str, Any]:
    """The same request, its canvases composed from its prompts."""
    return payloads.with_script(request, TITLE, {"canvas_source": "prompt", **settings})


def composed(bench: Bench, request: dict[str, Any]) -> Result:
    """Run a request that composes. Raises AbsentError where the host has no language model."""
    result = bench.client.generate(request)
    if not result.images and any("environment" in message for message in result.messages):
        raise AbsentError("the environment for language models could not be made")
    demand(bool(result.images), f"no picture came back; messages: {result.messages}")
    return result


def own_canvas(text: str) -> Canvas:
    """The canvas in a picture's metadata."""
    found = CANVAS.search(text)
    demand(found is not None, f"no canvas in the metadata: {text[:200]}")
    canvas = formats.read(json.loads(found[1])).canvas
    demand(canvas is not None, f"the canvas cannot be read: {text[:200]}")
    return canvas


@check("sd1", composes=True)
def composed_batch(bench: Bench) -> str:
    """A batch with a composed canvas each equals the single runs, as nearly as the host's own."""
    count = bench.pictures
    job = bench.job(prompt=STRANGE, seed=SEED, batch_size=count)
    batch = composed(bench, from_prompt(job, **CHANCE))
    demand(len(batch.images) == count, f"{len(batch.images)} pictures instead of {count}")
    canvases = [own_canvas(text) for text in batch.infotexts]
    different = sum(canvas not in canvases[:i] for i, canvas in enumerate(canvases))
    demand(different > 1, "all canvases are the same")
    tolerance, worst = 2 * host_tolerance(bench, count), 0.0
    for i, picture in enumerate(batch.images):
        # Another limit, which no answer reaches: it is composed anew, not remembered.
        again = from_prompt(
            {**job, "seed": SEED + i, "batch_size": 1}, **CHANCE, max_new_tokens=4000
        )
        alone = composed(bench, again)
        demand(
            own_canvas(alone.infotexts[0]) == canvases[i], f"canvas {i + 1} is another one alone"
        )
        difference = max_difference(picture, alone.images[0])
        demand(difference <= tolerance, f"picture {i + 1} is {difference:.0f} levels off")
        worst = max(worst, difference)
    return (
        f"{count} pictures of {different} canvases within {worst:.0f} of 255 "
        f"(the host's own: {tolerance / 2:.0f})"
    )


@check("sd1", composes=True)
def composed_back(bench: Bench) -> str:
    """The metadata of a picture that was composed makes the same picture, and composes nothing."""
    first = composed(bench, from_prompt(bench.job(prompt=PROMPT), **CHANCE))
    text = first.infotexts[0]
    demand("Omost composition: " in text, f"what composed it is not told: {text[:300]}")
    again = bench.run({"infotext": text, "styles": []}, fresh=True)
    demand_same_pictures(first, again, "composed and pasted")
    demand("Omost composition: " not in again.infotexts[0], "it was composed again")
    return "0 bits differ"


@check("sd1")
def composed_failure(bench: Bench) -> str:
    """A canvas that cannot be composed ends the job with a message."""
    model = "nowhere/at/all.gguf"
    result = bench.client.generate(from_prompt(bench.job(prompt=PROMPT), model=model))
    demand(not result.images, "a picture was made")
    message = " ".join(result.messages)
    # A host that is open to the network refuses every file, even one that is there.
    named = "no canvas was composed" in message and model in message
    demand(named, f"the message does not name the missing file: {result.messages}")
    return result.messages[0]


@check("sd1", composes=True)
def prompts_from_file(bench: Bench) -> str:
    """Each line of "Prompts from file" has a canvas of its own, and is as the line alone."""
    arguments = [False, False, "start", "\n".join(LINES)]
    if bench.forge:  # it can make one picture of all besides
        arguments.append(False)
    script = {"script_name": "prompts from file or textbox", "script_args": arguments}
    many = composed(bench, from_prompt({**bench.job(prompt=""), **script}))
    demand(len(many.images) == len(LINES), f"{len(many.images)} pictures")
    for i, line in enumerate(LINES):
        alone = composed(bench, from_prompt(bench.job(prompt=line)))
        same = own_canvas(many.infotexts[i]) == own_canvas(alone.infotexts[0])
        demand(same, f"line {i + 1} has another canvas alone")
        difference = max_difference(many.images[i], alone.images[0])
        demand(difference == 0, f"line {i + 1} is {difference:.0f} levels off")
    return f"{len(LINES)} lines, 0 bits differ"


@check("sd1")
def plot(bench: Bench) -> str:
    """X/Y/Z plot: each cell of two of our axes is the picture of these settings."""
    methods, strengths = ("omost", "couple"), (0.5, 1.0)
    labels = axis_labels(bench)
    axes = [
        *(labels.index("[Omost] Method"), ", ".join(methods), []),
        *(labels.index("[Omost] Region strength"), ", ".join(map(str, strengths)), []),
        *(0, "", []),
    ]
    script = {"script_name": "x/y/z plot", "script_args": [*axes, *plot_settings(bench, len(axes))]}
    cells = bench.run({**bench.omost(), **script})
    demand(len(cells.images) == 4, f"{len(cells.images)} cells")
    settings = [(method, strength) for strength in strengths for method in methods]
    for i, (method, strength) in enumerate(settings):
        job = payloads.with_omost(
            bench.job(), payloads.canvas(), method=method, region_strength=strength
        )
        difference = max_difference(cells.images[i], bench.run(job).images[0])
        demand(difference == 0, f"{method} at {strength} is {difference:.0f} levels off")
    return "4 cells, 0 bits differ"


@check("sd1")
def plot_axes(bench: Bench) -> str:
    """X/Y/Z plot offers our axes, each once."""
    ours = [label for label in axis_labels(bench) if label.startswith("[Omost] ")]
    demand(len(ours) == len(set(ours)) > 10, f"axes: {ours}")
    return f"{len(ours)} axes"


def axis_labels(bench: Bench) -> list[str]:
    """What the plot of txt2img offers as its first axis."""
    return list(plot_arguments(bench)[0]["choices"])


def plot_settings(bench: Bench, first: int) -> list[object]:
    """The plot's own defaults behind its axes, with the single pictures, without the legend.

    Hosts differ in them: Forge Neo's plot has a number of rows too.
    """
    wanted = {
        "Draw legend": False,
        "Include Sub Images": True,
        "Use text inputs instead of dropdowns": True,
    }
    return [
        wanted.get(argument["label"], argument["value"])
        for argument in plot_arguments(bench)[first:]
    ]


def plot_arguments(bench: Bench) -> list[dict[str, Any]]:
    """The arguments of the plot of txt2img, as the host describes them."""
    for script in bench.client.get("/sdapi/v1/script-info"):
        if script["name"] == "x/y/z plot" and not script["is_img2img"]:
            return list(script["args"])
    raise AbsentError("the host has no X/Y/Z plot")
