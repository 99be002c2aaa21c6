"""What of an unfinished answer can be shown."""

from __future__ import annotations

import pytest

from lib_omost.canvas import files
from lib_omost.canvas.diagnostics import Reading
from lib_omost.compose import streaming_canvas
from lib_omost.compose.conversation import Turn
from lib_omost.compose.streaming_canvas import StreamingCanvas, fenced, finished_part, pairs
from tests.page.scripted import code

TWO = code("boat (red)", "lighthouse")
AS_JSON = files.to_json(files.read(TWO).canvas)


@pytest.mark.parametrize("text", [TWO, AS_JSON, f"Sure!\n```python\n{TWO}```\nDone (really)."])
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
    assert answer.canvas == files.read(TWO).canvas


def test_a_bracket_within_a_text_completes_nothing():
    cut = TWO[: TWO.index("(red)") + len("(red)")]
    assert "(red)" not in finished_part(cut)


@pytest.mark.parametrize("piece", [")" * 1000, "{" + "}" * 1000])
def test_a_piece_of_many_brackets_is_read_a_few_times(piece, monkeypatch):
    readings = []
    monkeypatch.setattr(streaming_canvas, "find_calls", lambda text: readings.append(text) or [])
    monkeypatch.setattr(
        streaming_canvas.files, "read", lambda text: readings.append(text) or Reading(None)
    )
    assert finished_part(piece) == ""
    assert 0 < len(readings) <= 2 * streaming_canvas.TRIES


def test_only_what_is_new_is_looked_at():
    assert finished_part(TWO, since=len(TWO)) == ""


@pytest.mark.parametrize(
    ("answer", "shown"),
    [
        ("canvas = Canvas()", "```python\ncanvas = Canvas()\n```"),
        ('{"regions": []}', '```json\n{"regions": []}\n```'),
        ("```python\ncanvas = Canvas()\n```", "```python\ncanvas = Canvas()\n```"),
        ("Here it is.", "Here it is."),
    ],
)
def test_a_bare_canvas_is_shown_as_code(answer, shown):
    assert fenced(answer) == shown


def test_an_answer_begins_with_how_many_regions_it_has():
    turns = [Turn("a boat", TWO), Turn("what?", "A boat."), Turn("one", code("boat"))]
    two, none, one = (answer for _, answer in pairs(turns))
    assert two == f"**2 regions**\n\n```python\n{TWO}\n```"
    assert none == "A boat."
    assert one.startswith("**1 region**\n\n")


def test_a_turn_without_an_answer_shows_its_request():
    assert pairs([Turn("a boat")]) == [("a boat", None)]
