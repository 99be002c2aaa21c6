"""Measures how well the demonstration composer answers: `python -m benchmarks.composer [--json]`.

Training leaves a sixteenth of all requests out; only these are asked. The canvases are judged as
the product reads them. The result is the share of canvases with each property:
readable  the canvas needs no repair;
objects   it has exactly the requested objects;
colors    and every requested colour;
places    it has the objects on the requested sides and in the requested depth order;
all       all of these;
edits     after a second turn the canvas is exactly the expected one. The product has corrected the
          parts that the model changed without a request;
elsewhere the same for a canvas that another program wrote, which therefore has no sketch;
alarms    the product wrongly warns that the composer does not know a word.
"""

from __future__ import annotations

import argparse
import itertools
import json
import random
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from lib_omost.canvas import formats
from lib_omost.canvas.model import Canvas
from lib_omost.llm.demo.model import DemoComposer
from lib_omost.llm.demo.request import UnderstoodRequest, understand
from lib_omost.llm.model_catalog import COMPOSER_FOLDER
from training.canvases import canvas_of
from training.composer.conversations import assistant, user
from training.composer.edits import random_edit
from training.composer.judging import judge, same
from training.composer.requests import Request, is_held_out, random_request

SEED = "sealed"


def read(text: str) -> Canvas | None:
    """Returns the canvas of an answer that needs no repair."""
    reading = formats.read(text)
    return None if reading.diagnostics else reading.canvas


def is_alarm(understood: UnderstoodRequest) -> bool:
    """Tells whether a request is refused or has unknown words."""
    return bool(understood.problem or understood.unknown_words)


def held_out(count: int, most: int) -> Iterator[Request]:
    """Draws requests for 1 to `most` objects that training does not use."""
    rng = random.Random(SEED)
    requests = (random_request(rng, most) for _ in itertools.count())
    return itertools.islice((r for r in requests if is_held_out(r.text)), count)


def measure(composer: DemoComposer, requests: Iterable[Request]) -> dict[str, Any]:
    """Asks for these pictures, and for an edit of each canvas that was right."""
    rng = random.Random(SEED)
    counts: dict[str, list[bool]] = defaultdict(list)
    failures = []
    for request in requests:
        answer = composer.answer([user(request.text)])
        canvas = read(answer)
        counts["readable"].append(canvas is not None)
        verdict = judge(request, canvas) if canvas else None
        for name in ("objects", "colors", "places", "all"):
            counts[name].append(bool(verdict and getattr(verdict, name)))
        if not counts["all"][-1]:
            failures.append(request.text)
        edit = random_edit(request.composition, rng)
        counts["alarms"].append(is_alarm(understand(request.text)))
        counts["alarms"].append(is_alarm(understand(edit.text, canvas_of(request.composition))))
        for name, sketched in (("edits", True), ("elsewhere", False)):
            previous_answer = assistant(request.composition, sketched=sketched)
            edited = read(composer.answer([user(request.text), previous_answer, user(edit.text)]))
            counts[name].append(edited is not None and same(edit.composition, edited))
            counts[f"{name}: {edit.kind}"].append(counts[name][-1])
            if not counts[name][-1]:
                failures.append(f"{request.text} > {edit.text} ({name})")
    fractions = {
        name: round(sum(results) / len(results), 3) for name, results in sorted(counts.items())
    }
    return {**fractions, "requests": len(counts["all"]), "failures": failures}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--requests", type=int, default=200)
    parser.add_argument(
        "--objects", type=int, default=3, help="largest number of objects in a request (default: 3)"
    )
    parser.add_argument("--folder", type=Path, default=COMPOSER_FOLDER)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    start = time.perf_counter()
    requests = held_out(options.requests, options.objects)
    result = measure(DemoComposer(options.folder), requests)
    result["seconds"] = round(time.perf_counter() - start, 1)
    if options.json:
        print(json.dumps(result))
        return
    for name, value in result.items():
        if name != "failures":
            print(f"{name:<20}{value}")
    print("\n".join(f"  failed: {text}" for text in result["failures"][:20]))


if __name__ == "__main__":
    main()
