"""How well the composer that ships answers: `python -m benchmarks.composer [--json]`.

No request was seen in training, which leaves a sixteenth of all texts to this measurement. Judged
are the canvases as the product reads them, in fractions:
readable  read without a single repair;
objects   exactly the asked objects;
colors    those and every colour that was said;
places    the objects, on the asked side of the picture, and in the asked depth;
all       all of these;
edits     after a second turn everything is to the letter what was asked, the rest unchanged; the
          product has put right by then what the model changed beside it;
elsewhere the same where the canvas is one that the composer did not write, so has no sketch;
alarms    requests and edits of which the product wrongly says that the composer does not know all.
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

from lib_omost.canvas import files
from lib_omost.canvas.model import Canvas
from lib_omost.llm.composer import Composer
from lib_omost.llm.demo_request import Understood, understand
from lib_omost.llm.models import COMPOSER
from training.canvases import canvas_of
from training.composer.conversations import assistant, user
from training.composer.edits import random_edit
from training.composer.judging import judge, same
from training.composer.requests import Request, is_held_out, random_request

SEED = "sealed"


def read(text: str) -> Canvas | None:
    """The canvas of an answer that needs no repair."""
    reading = files.read(text)
    return None if reading.diagnostics else reading.canvas


def is_alarm(understood: Understood) -> bool:
    """Whether something is said to be unknown; what a thing is drawn as is no alarm."""
    return bool(understood.problem or understood.left_out)


def held_out(count: int, most: int) -> Iterator[Request]:
    """Draw requests for 1 to `most` objects that training does not ask."""
    rng = random.Random(SEED)
    requests = (random_request(rng, most) for _ in itertools.count())
    return itertools.islice((r for r in requests if is_held_out(r.text)), count)


def measure(composer: Composer, requests: Iterable[Request]) -> dict[str, Any]:
    """Ask for these pictures, and for an edit of each as it was meant."""
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
            told = assistant(request.composition, sketched=sketched)
            edited = read(composer.answer([user(request.text), told, user(edit.text)]))
            counts[name].append(edited is not None and same(edit.composition, edited))
            counts[f"{name}: {edit.kind}"].append(counts[name][-1])
            if not counts[name][-1]:
                failures.append(f"{request.text} > {edit.text} ({name})")
    fractions = {name: round(sum(seen) / len(seen), 3) for name, seen in sorted(counts.items())}
    return {**fractions, "requests": len(counts["all"]), "failures": failures}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--requests", type=int, default=200)
    parser.add_argument("--objects", type=int, default=3, help="at most so many (default: 3)")
    parser.add_argument("--folder", type=Path, default=COMPOSER)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    start = time.perf_counter()
    requests = held_out(options.requests, options.objects)
    result = measure(Composer(options.folder), requests)
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
