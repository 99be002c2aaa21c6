"""Messages between two processes come out as they went in, and nothing else comes out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib_omost.llm import wire
from lib_omost.llm.engine import Done, Failed, Progress, Task, Text

EVENTS = st.one_of(
    st.builds(Progress, st.text(), st.none() | st.floats(0, 1)),
    st.builds(Text, st.text()),
    st.builds(Done, st.sampled_from(["finished", "length"]), st.integers(0, 9999)),
    st.builds(Failed, st.text()),
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
    "message", [{}, {"event": "Task"}, {"event": "Text"}, {"event": "Text", "text": "a", "b": 1}]
)
def test_what_is_no_event_is_refused(message):
    with pytest.raises(wire.WireError):
        wire.event_of(message)
