"""Composes strangers' requests and judges the canvases: `python -m benchmarks.strangers`.

Two thirds of the requests are open: the command prints their failures. With `--sealed` it composes
the other third and prints figures alone.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from pathlib import Path
from typing import Any

from benchmarks.composition.answers import Answer, ask, ask_all
from benchmarks.strangers.judging import problems
from benchmarks.strangers.requests import StrangerRequest, load_requests
from lib_omost.compose.settings import ComposeSettings
from lib_omost.llm.engine_factory import create_engine


def summarize(requests: list[StrangerRequest], answers: dict[str, Answer]) -> dict[str, Any]:
    """Counts the right canvases, all together and by number of objects, and what others lack."""
    lacking = {item.id: problems(item, answers[item.id].read_canvas()) for item in requests}
    right: Counter[str] = Counter()
    asked: Counter[str] = Counter()
    for item in requests:
        few = "1 to 3 objects" if len(item.objects) <= 3 else "4 to 6 objects"
        for group in ("all", few):
            asked[group] += 1
            right[group] += not lacking[item.id]
    return {
        "right": {group: f"{right[group]} of {count}" for group, count in sorted(asked.items())},
        "lacking": dict(Counter(part for parts in lacking.values() for part in parts)),
        "failures": {name: parts for name, parts in lacking.items() if parts},
    }


def main() -> None:
    """Parses the command line, composes, and prints the figures."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.strangers", description=__doc__.splitlines()[0]
    )
    parser.add_argument("--llm", default="composer", help="as for `compose --llm`")
    parser.add_argument("--sealed", action="store_true", help="compose the sealed requests")
    parser.add_argument("--jobs", type=int, default=1, help="simultaneous requests to a server")
    parser.add_argument("--checkpoint", type=Path, help="JSON lines; an old file is continued")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    requests = [item for item in load_requests() if item.sealed == options.sealed]
    chosen = create_engine(options.llm)
    settings = ComposeSettings(options.llm, max_new_tokens=1500)
    answers = ask_all(
        lambda item: ask(chosen, settings, item), requests, options.checkpoint, options.jobs
    )
    result = summarize(requests, answers)
    texts = {item.id: item.text for item in requests}
    failures = result.pop("failures")
    if options.json:
        print(json.dumps(result))
        return
    for group, share in result["right"].items():
        print(f"{group:<20}{share}")
    print(f"{'lacking':<20}{result['lacking']}")
    if not options.sealed:
        for name, parts in failures.items():
            print(f"  {name} {texts[name]} ({', '.join(parts)}; {answers[name].end})")


if __name__ == "__main__":
    main()
