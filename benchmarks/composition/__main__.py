"""Measures how well a language model composes: `python -m benchmarks.composition`.

The model answers 100 requests for new canvases and 40 follow-ups on given canvases. Rules judge the
canvases (request_rules.py, follow_up_rules.py). A request or follow-up is right if all its rules
hold. Each answer is appended to the checkpoint, so a run that was killed continues.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from benchmarks.composition.answers import Answer, Item, ask, ask_all, load_answers, read_again
from benchmarks.composition.report import summarize, table
from benchmarks.composition.requests import load_follow_ups, load_requests, load_unseen_requests
from lib_omost.compose.settings import DIALECTS, ComposeSettings
from lib_omost.llm.answer_forms import FORM_NAMES
from lib_omost.llm.engine_factory import create_engine
from lib_omost.llm.prompt_examples import example_words
from lib_omost.llm.server.engine import ServerEngine, Timeouts

STEP = 10
"""Items between two that are asked one after the other."""

PATIENT = Timeouts(first_text=7200, between_texts=1800, per_token=60)
"""Time limits of a server on a busy machine: a late answer is judged like any other."""


def select(items: list[Item], only: str, every: int) -> list[Item]:
    """Returns a part of the items.

    Args:
        items: All requests and follow-ups.
        only: Ids such as "r001..r010" or "f05", separated by commas; "" for all.
        every: Every k-th of them.
    """
    if only:
        ranges = [part.partition("..") for part in only.split(",")]
        items = [
            item
            for item in items
            if any(first <= item.id <= (last or first) for first, _, last in ranges)
        ]
    return items[::every]


def spread(items: list[Item]) -> list[Item]:
    """Returns the items in an order in which every part of a run has all kinds of them."""
    return [item for start in range(STEP) for item in items[start::STEP]]


def main() -> None:
    """Parses the command line, asks, and prints the table or writes JSON."""
    options = _parse()
    all_items = load_unseen_requests() if options.unseen else [*load_requests(), *load_follow_ups()]
    items = select(all_items, options.only, options.every)
    values = {} if options.temperature is None else {"temperature": options.temperature}
    settings = ComposeSettings(
        options.llm,
        server_model=options.model,
        dialect=options.dialect,
        max_new_tokens=options.max_tokens,
        **values,
    )
    chosen = create_engine(
        options.llm,
        server_model=options.model,
        dialect=options.dialect,
        form=options.form,
        prompt=options.prompt,
    )

    if isinstance(chosen.engine, ServerEngine):
        chosen.engine.timeouts = PATIENT

    def report(answer: Answer) -> None:
        print(
            f"{answer.id}: {answer.seconds} s, {answer.tokens} tokens, {answer.end}",
            file=sys.stderr,
        )

    checkpoint = Path(options.checkpoint) if options.checkpoint else None
    if options.judge_only:
        answers = load_answers(checkpoint) if checkpoint else {}
        items = [item for item in items if item.id in answers]
        answers = {item.id: read_again(chosen, item, answers[item.id]) for item in items}
    else:
        answers = ask_all(
            lambda item: ask(chosen, settings, item),
            spread(items),
            checkpoint,
            options.jobs,
            report,
        )
    result: dict[str, Any] = {
        "llm": options.llm,
        "form": options.form,
        "prompt": options.prompt,
        "temperature": settings.resolved().temperature,
        **summarize(items, answers, example_words(chosen.system)),
    }
    if options.json:
        text = json.dumps(result, ensure_ascii=False, indent=1)
        Path(options.json).write_text(text + "\n", encoding="utf-8")
    print(table(result))
    for name, problems in result["failures"].items():
        print(f"  {name}: {'; '.join(problems.values())}")


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.composition", description=__doc__.splitlines()[0]
    )
    add = parser.add_argument
    add("--llm", default="composer", help="a language model or server, as for `compose --llm`")
    add("--model", default="", help="the model on the server")
    add("--dialect", choices=DIALECTS, default="openai", help="as for `compose --dialect`")
    add("--form", choices=FORM_NAMES, help="the form of the answers (default: the product's)")
    add("--prompt", default="", help="the variant of the system prompt (llm/answer_forms.py)")
    add("--temperature", type=float, help="as for `compose --temperature`")
    add("--max-tokens", type=int, default=1500, help="longest answer (default: 1500)")
    add("--only", default="", metavar="IDS", help='such as "r001..r010,f05" (default: all)')
    add("--unseen", action="store_true", help="ask 20 other requests (unseen_requests.json)")
    add("--every", type=int, default=1, metavar="K", help="ask only every K-th item")
    add("--jobs", type=int, default=1, help="simultaneous requests to a server (default: 1)")
    add("--checkpoint", metavar="FILE", help="JSON lines of the answers; an old file is continued")
    add(
        "--judge-only",
        action="store_true",
        help="ask nothing; judge the answers of the checkpoint",
    )
    add("--json", metavar="FILE", help="file of the complete result")
    return parser.parse_args()


if __name__ == "__main__":
    main()
