"""Measures both demonstration models together: `python benchmarks/end_to_end.py [--json]`.

Requests for one to three objects, which training did not use, are composed, painted and read:
composed  the canvas has the requested objects, colours and places (training/composer/judging);
shown     and the picture shows every object in its region in its colour.
"""

from __future__ import annotations

import argparse
import json
from typing import Any

from tqdm import tqdm

from benchmarks.composer import held_out, read
from benchmarks.obedience import classifier, metrics
from benchmarks.obedience.methods import DEFAULT, METHODS, paint_canvases
from lib_omost.canvas.model import Canvas
from lib_omost.llm.demo.model import DemoComposer
from lib_omost.renderer import demo_painter, pipeline_loading
from lib_omost.renderer.renderer import Renderer
from training.canvases import Composition, Placed
from training.composer.conversations import user
from training.composer.judging import judge, kind_of
from training.composer.requests import Request

MAX_OBJECTS = 3


def shows_every_object(renderer: Renderer, canvas: Canvas, request: Request, seed: int) -> bool:
    """Paints a canvas and tests whether every region's object is there in its colour."""
    picture = paint_canvases(renderer, METHODS[DEFAULT], [canvas], seed)[0]
    objects = tuple(
        Placed(*kind_of(region), region.place, region.distance_to_viewer)
        for region in canvas.far_to_near()
    )
    reading = metrics.read(
        picture, Composition(request.composition.background, objects), classifier.load()
    )
    return all(region.right for region in reading.regions)


def measure(count: int) -> dict[str, Any]:
    """Composes and paints a number of requests."""
    composer = DemoComposer()
    pipeline = demo_painter.load_painter()
    pipeline.set_progress_bar_config(disable=True)
    renderer = Renderer(pipeline)
    composed, right, failures = [], [], []
    for seed, request in enumerate(tqdm(held_out(count, MAX_OBJECTS), total=count)):
        canvas = read(composer.answer([user(request.text)]))
        composed.append(canvas is not None and judge(request, canvas).all)
        right.append(
            composed[-1]
            and canvas is not None
            and shows_every_object(renderer, canvas, request, seed)
        )
        if not right[-1]:
            failures.append(request.text)
    return {
        "composed": metrics.fraction(composed),
        "shown": metrics.fraction(right),
        "failures": failures,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--requests", type=int, default=100)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    pipeline_loading.silence_libraries()
    result = measure(options.requests)
    if options.json:
        print(json.dumps(result))
        return
    for name in ("composed", "shown"):
        print(f"{name:<10}{result[name]}")
    print("\n".join(f"  failed: {text}" for text in result["failures"]))


if __name__ == "__main__":
    main()
