"""The chunks of llama.cpp's answer as events."""

import pytest

from lib_omost.llm.engine import Done, Progress, Text, Thinking
from lib_omost.llm.llama_cpp.answer_chunks import ChunkedAnswer


def delta(**content):
    return {"choices": [{"delta": content, "finish_reason": None}]}


def finish(reason):
    return {"choices": [{"delta": {}, "finish_reason": reason}]}


def end(*chunks, cancelled=False):
    """Returns the events of chunks, the last of them the end."""
    events = []
    answer = ChunkedAnswer(events.append)
    for chunk in chunks:
        answer.add(chunk)
    return [*events, answer.end(cancelled=cancelled)]


def test_texts_and_thinking_are_events():
    chunks = (delta(role="assistant", content=None), delta(reasoning_content="dark"))
    events = end(*chunks, delta(content="a "), delta(content="cat"), finish("stop"))
    assert events == [Thinking("dark"), Text("a "), Text("cat"), Done("finished", 3)]


def test_the_reading_of_new_tokens_is_a_fraction():
    progress = {"total": 150, "cache": 50, "processed": 75, "time_ms": 9}
    events = end({**delta(), "prompt_progress": progress}, finish("stop"))
    assert events[0] == Progress("Reading the conversation", 0.25)


def test_llama_cpp_counts_the_tokens():
    usage = {"choices": [], "usage": {"completion_tokens": 40, "prompt_tokens": 9}}
    assert end(delta(content="a cat"), finish("stop"), usage)[-1] == Done("finished", 40)


@pytest.mark.parametrize(
    ("reason", "cancelled", "expected"),
    [("stop", False, "finished"), ("length", False, "length"), ("stop", True, "cancelled")],
)
def test_the_reason_for_the_end(reason, cancelled, expected):
    found = end(delta(content="a"), finish(reason), cancelled=cancelled)[-1]
    assert found == Done(expected, 1)
