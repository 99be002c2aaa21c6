"""A run asks through the compose path, continues after an interruption, and counts."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.composition.__main__ import select, spread
from benchmarks.composition.answers import Answer, Item, ask, ask_all, load_answers, read_again
from benchmarks.composition.report import summarize, table
from benchmarks.composition.requests import load_follow_ups, load_requests, request_of
from lib_omost.compose.settings import ComposeSettings
from lib_omost.llm.engine_factory import create_engine

ITEMS = [*load_requests(), *load_follow_ups()]
BIRD = request_of(
    "r1",
    {"kind": "birds", "request": "a red circle", "things": {"circle": ["circle"]}, "counts": {}},
)


def answer(item: Item, *, failed: bool = False) -> Answer:
    return Answer(item.id, "text", "", "finished", 7, 1.5, failed)


def test_the_composer_answers_through_the_compose_path() -> None:
    given = ask(create_engine("composer"), ComposeSettings(), BIRD)
    assert given.end == "finished"
    assert given.tokens > 0
    canvas = given.read_canvas()
    assert canvas is not None
    result = summarize([BIRD], {"r1": given}, [])
    assert result["requests"]["right"] == [1, 1]
    assert result["failures"] == {}


def test_a_run_continues_with_the_items_that_have_no_answer(tmp_path: Path) -> None:
    checkpoint = tmp_path / "answers.jsonl"
    first = ask_all(answer, ITEMS[:3], checkpoint)
    with checkpoint.open("a") as file:
        file.write('{"id": "r004", "te')  # killed while it wrote
    asked: list[str] = []

    def ask_again(item: Item) -> Answer:
        asked.append(item.id)
        return answer(item)

    answers = ask_all(ask_again, ITEMS[:5], checkpoint, jobs=2)
    assert sorted(asked) == ["r004", "r005"]
    assert list(answers) == [item.id for item in ITEMS[:5]]
    assert {name: answers[name] for name in first} == first
    assert load_answers(checkpoint) == answers


def test_an_answer_that_failed_is_asked_for_again(tmp_path: Path) -> None:
    checkpoint = tmp_path / "answers.jsonl"
    assert ask_all(lambda item: answer(item, failed=True), ITEMS[:1], checkpoint)["r001"].failed
    assert load_answers(checkpoint) == {}


@pytest.mark.parametrize(
    ("only", "every", "ids"),
    [
        ("r002..r004", 1, ["r002", "r003", "r004"]),
        ("r001,f40", 1, ["r001", "f40"]),
        ("", 70, ["r001", "r071"]),
    ],
)
def test_a_part_of_the_items(only: str, every: int, ids: list[str]) -> None:
    assert [item.id for item in select(ITEMS, only, every)] == ids


def test_every_part_of_a_run_has_all_kinds() -> None:
    order = spread(ITEMS)
    assert sorted(item.id for item in order) == sorted(item.id for item in ITEMS)
    assert len({item.kind for item in order[:14]}) > 8


def test_the_table_counts_by_kind_and_rule() -> None:
    items = [ITEMS[0], ITEMS[100]]
    result = summarize(items, {item.id: answer(item) for item in items}, [])
    assert result["requests"]["right"] == [0, 1]
    assert result["follow-ups"]["rules"] == {"readable": [0, 1]}
    assert result["failures"] == {
        "r001": {"readable": "no canvas"},
        "f01": {"readable": "no canvas"},
    }
    text = table(json.loads(json.dumps(result)))
    assert "requests: 0 of 1 (0%), median 1.5 s and 7 tokens" in text
    assert "portraits" in text


def test_a_text_is_read_again_by_the_current_reader() -> None:
    composer = create_engine("composer")
    given = ask(composer, ComposeSettings(), BIRD)
    assert read_again(composer, BIRD, replace(given, canvas="")) == given
