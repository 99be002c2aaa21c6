"""Judges the answers of a run and prints the table of the benchmark."""

from __future__ import annotations

import statistics
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from benchmarks.composition.answers import Answer, Item
from benchmarks.composition.follow_up_rules import judge_follow_up
from benchmarks.composition.request_rules import judge
from benchmarks.composition.requests import Request

REQUESTS, FOLLOW_UPS = "requests", "follow-ups"


def summarize(
    items: Sequence[Item], answers: Mapping[str, Answer], example_words: Collection[str]
) -> dict[str, Any]:
    """Returns the result of a run.

    Args:
        items: The requests and follow-ups that were asked.
        answers: The answers by id.
        example_words: The content words of the examples in the prompt.

    Returns:
        Under "requests" and "follow-ups": the number of items and of right ones, of each kind and
        of each rule, and the median seconds and tokens. Under "failures": the violations by id.
    """
    verdicts = {item.id: verdict(item, answers[item.id], example_words) for item in items}
    result: dict[str, Any] = {}
    for title, is_request in ((REQUESTS, True), (FOLLOW_UPS, False)):
        group = [item for item in items if isinstance(item, Request) == is_request]
        if group:
            result[title] = _summary(group, answers, verdicts)
    failures = {
        name: {rule: problem for rule, problem in found.items() if problem}
        for name, found in verdicts.items()
        if any(found.values())
    }
    return {**result, "failures": failures}


def verdict(item: Item, answer: Answer, example_words: Collection[str]) -> dict[str, str]:
    """Judges one answer: for each rule a problem, "" if it holds."""
    canvas = answer.read_canvas()
    if isinstance(item, Request):
        return judge(canvas, item, example_words)
    return judge_follow_up(canvas, item)


def table(result: Mapping[str, Any]) -> str:
    """Returns the result as lines of text."""
    lines: list[str] = []
    for title in (REQUESTS, FOLLOW_UPS):
        if title not in result:
            continue
        group = result[title]
        lines.append(
            f"{title}: {_share(group['right'])}, median {group['seconds']} s and "
            f"{group['tokens']} tokens"
        )
        for heading in ("kinds", "rules", "languages"):
            if heading in group:
                lines.append(f"  {heading}")
                lines += [f"    {name:<14}{_share(v)}" for name, v in group[heading].items()]
    return "\n".join(lines)


def _share(counts: Sequence[int]) -> str:
    right, total = counts
    return f"{right} of {total} ({right / total:.0%})"


def _summary(
    items: Sequence[Item],
    answers: Mapping[str, Answer],
    verdicts: Mapping[str, Mapping[str, str]],
) -> dict[str, Any]:
    right = {item.id: not any(verdicts[item.id].values()) for item in items}
    rules: dict[str, list[bool]] = defaultdict(list)
    for item in items:
        for rule, problem in verdicts[item.id].items():
            rules[rule].append(not problem)
    requests = [item for item in items if isinstance(item, Request)]
    languages = {"languages": _counts((r.language, right[r.id]) for r in requests)}
    return {
        "right": [sum(right.values()), len(items)],
        "kinds": _counts((item.kind, right[item.id]) for item in items),
        "rules": {name: [sum(held), len(held)] for name, held in rules.items()},
        **(languages if requests else {}),
        "seconds": statistics.median(answers[item.id].seconds for item in items),
        "tokens": statistics.median(answers[item.id].tokens for item in items),
    }


def _counts(results: Iterable[tuple[str, bool]]) -> dict[str, list[int]]:
    counts: dict[str, list[int]] = {}
    for name, is_right in results:
        count = counts.setdefault(name, [0, 0])
        count[0] += is_right
        count[1] += 1
    return counts
