"""Messages between two processes come out as they went in, and nothing else comes out."""

import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib_omost.llm import wire
from lib_omost.llm.engine import Done, Failed, Progress, Task, Text

EVENTS = st.one_of(
    st.builds(Progress, st.text(), st.none() | st.floats(0, 1)),
    st.builds(Text, st.text()),
    st.builds(Done, st.sampled_from(["finished", "length"]), st.integers(0, 9999)),
    st.builds(Failed, st.text(), st.booleans()),
)


@given(EVENTS)
def test_an_event_crosses_as_one_line(event):
    line = wire.event_line(event)
    assert line.count("\n") == 1
    assert line.isascii()
    assert wire.event_of(wire.load(line)) == event


def test_a_task_crosses():
    task = Task(({"role": "user", "content": "Grüße, 猫"},), seed=3, canvas_only=True)
    line = wire.dump(do="stream", task=wire.task_fields(task))
    assert wire.task_of(wire.load(line)["task"]) == task


@pytest.mark.parametrize("line", ["", "hello\n", "[1]\n", "3\n", "[" * 100_000])
def test_what_is_no_message_is_refused(line):
    with pytest.raises(wire.WireError):
        wire.load(line)


@pytest.mark.parametrize(
    "message",
    [
        {},
        {"event": "Task"},
        {"event": ["Text"], "text": "a"},
        {"event": "Text"},
        {"event": "Text", "text": "a", "b": 1},
        {"event": "Text", "text": ["a"]},
        {"event": "Done", "reason": "finished", "tokens": 1, "remarks": [1]},
        json.loads('{"x": ' + "[" * 900 + "]" * 900 + "}"),
    ],
    ids=range(8),
)
def test_what_is_no_event_is_refused(message):
    with pytest.raises(wire.WireError):
        wire.event_of(message)


def test_a_line_without_an_end_is_read_no_further_than_the_longest():
    pipe = io.StringIO("ab\n" + "x" * 1000)
    lines = wire.lines(pipe, longest=10)
    assert next(lines) == "ab\n"
    with pytest.raises(wire.WireError, match="more than 10 characters"):
        next(lines)
    assert pipe.tell() == 3 + 11


@pytest.mark.parametrize("message", [{"count": 1}, {"count": "1", "id": 1}, {"count": 1, "id": []}])
def test_what_counts_no_tokens_is_refused(message):
    with pytest.raises(wire.WireError):
        wire.count_of(message)
