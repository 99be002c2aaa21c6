"""What of an unfinished answer can be shown."""

from __future__ import annotations

import pytest

from lib_omost.canvas import formats
from lib_omost.compose import streaming_canvas
from lib_omost.compose.streaming_canvas import StreamingCanvas, complete_part
from tests.page.scripted import code

TWO = code("boat (red)", "lighthouse")
AS_JSON = formats.to_json(formats.read(TWO).canvas)


@pytest.mark.parametrize(
    "text",
    [
        TWO,
        AS_JSON,
        f"Sure!\n```python\n{TWO}```\nDone (really).",
        f"Sure!\n```json\n{AS_JSON}\n```\nDone {{really}}.",
        f'<think>I write {{"description": "x"}}.</think>{{"canvas": {AS_JSON}}}',
    ],
)
@pytest.mark.parametrize("size", [1, 7, 10_000])
def test_each_completed_part_is_shown_once_and_the_last_is_the_whole(text, size):
    answer = StreamingCanvas()
    regions = [
        len(answer.canvas.regions)
        for start in range(0, len(text), size)
        if answer.add(text[start : start + size])
    ]
    assert regions == sorted(set(regions))
    assert regions[-1] == 2
    assert answer.canvas == formats.read(TWO).canvas


def test_a_bracket_within_a_text_completes_nothing():
    cut = TWO[: TWO.index("(red)") + len("(red)")]
    assert "(red)" not in complete_part(cut)


def test_a_piece_of_many_brackets_is_read_a_few_times(monkeypatch):
    readings = []
    monkeypatch.setattr(
        streaming_canvas, "find_statements", lambda text: readings.append(text) or []
    )
    assert complete_part(")" * 1000) == ""
    assert 0 < len(readings) <= streaming_canvas.MAX_READINGS + 1


def test_a_draft_in_the_thinking_is_not_shown():
    answer = StreamingCanvas()
    assert not answer.add(f"<think>A draft: {AS_JSON} Hm.")
    assert not answer.add(f"\n```python\n{TWO}```\n")
    assert answer.add(f"</think>{AS_JSON}")


def test_only_what_is_new_is_looked_at():
    assert complete_part(TWO, since=len(TWO)) == ""
