"""Measures how reliably a small general model writes canvases: `python -m benchmarks.any_model`.

Qwen2.5-Coder-1.5B was not trained on canvases. It answers one request per seed under the grammar,
with the engine, the prompt and the temperature of `compose --llm qwen2.5-coder-1.5b`. Each verdict
goes to standard error. The result is the share of answers with each property:
finished   the answer ends by itself and is not cut;
readable   the canvas needs no repair;
regions    the canvas has two regions or more;
on_topic   a content word of the request is in the texts of a region;
all        all of these.
"""

from __future__ import annotations

import argparse
import json
import re
import statistics
import sys
import threading
import time
from typing import Any

from lib_omost.canvas import formats
from lib_omost.canvas.model import Canvas
from lib_omost.compose.conversation import Conversation
from lib_omost.compose.request import ComposeRequest
from lib_omost.compose.settings import ComposeSettings
from lib_omost.llm.engine import Done, Event, Text
from lib_omost.llm.engine_factory import ChosenEngine, create_engine

REQUESTS = (
    "a cat and a dog on a sofa",
    "a knight in front of a burning castle",
    "an old fisherman in his boat at dawn",
    "a bowl of fruit on a wooden table",
    "a red bicycle leaning against a brick wall",
    "a robot watering flowers in a greenhouse",
    "two children building a snowman",
    "a train crossing a bridge over a river",
    "a witch's kitchen full of bottles",
    "an astronaut riding a horse on the moon",
)
COMMON = {"and", "front", "his", "over", "the", "two", "full", "against", "old"}
"""Words of the requests that also occur in descriptions of other pictures."""


def answer(chosen: ChosenEngine, llm: str, request: str, seed: int) -> tuple[str, Event, float]:
    """Asks once; returns the text, the last event and the seconds."""
    begun = time.perf_counter()
    conversation = Conversation().add_request(request, seed)
    task = ComposeRequest(conversation, ComposeSettings(llm)).build_task(chosen.system)
    *events, end = chosen.engine.stream(task, threading.Event())
    text = "".join(event.text for event in events if isinstance(event, Text))
    return text, end, time.perf_counter() - begun


def judge(request: str, text: str, end: Event) -> dict[str, bool]:
    """Returns the properties of an answer."""
    reading = formats.read(text)
    canvas = reading.canvas
    found = {
        "finished": isinstance(end, Done) and end.reason == "finished",
        "readable": canvas is not None and not reading.diagnostics,
        "regions": canvas is not None and len(canvas.regions) >= 2,
        "on_topic": canvas is not None and bool(content_words(request) & words_of(canvas)),
    }
    return {**found, "all": all(found.values())}


def content_words(text: str) -> set[str]:
    """Returns the words of a request that describe the content of the picture."""
    return {word for word in re.findall(r"[a-z]{3,}", text.lower()) if word not in COMMON}


def words_of(canvas: Canvas) -> set[str]:
    """Returns the words of the regions' texts."""
    texts = [
        text
        for region in canvas.regions
        for text in (region.description, *region.detailed_descriptions, region.tags)
    ]
    return set(re.findall(r"[a-z]{3,}", " ".join(texts).lower()))


def measure(llm: str, seeds: int) -> dict[str, Any]:
    """Asks a model for one picture with each seed."""
    chosen = create_engine(llm)
    verdicts, failures, seconds, tokens = [], [], [], []
    for seed in range(seeds):
        request = REQUESTS[seed % len(REQUESTS)]
        text, end, took = answer(chosen, llm, request, seed)
        verdicts.append(judge(request, text, end))
        print(f"seed {seed}: {verdicts[-1]}", file=sys.stderr, flush=True)
        seconds.append(took)
        tokens.append(getattr(end, "tokens", 0))
        if not verdicts[-1]["all"]:
            failures.append({"seed": seed, **verdicts[-1], "end": repr(end), "text": text})
    return {
        "seeds": seeds,
        **{name: sum(verdict[name] for verdict in verdicts) for name in verdicts[0]},
        "median_seconds": round(statistics.median(seconds), 1),
        "longest_seconds": round(max(seconds), 1),
        "median_tokens": statistics.median(tokens),
        "failures": failures,
    }


def main() -> None:
    """Parses the command line, measures, and prints JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=50)
    parser.add_argument(
        "--llm",
        default="qwen2.5-coder-1.5b",
        help="a language model, as for `compose --llm` (default: qwen2.5-coder-1.5b)",
    )
    options = parser.parse_args()
    print(json.dumps(measure(options.llm, options.seeds), indent=1))


if __name__ == "__main__":
    main()
