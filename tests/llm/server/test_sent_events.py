"""Server-sent events, and the other forms in which servers send the JSON of an answer."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib_omost.llm.server.errors import ServerError
from lib_omost.llm.server.sent_events import MAX_LINE_BYTES, answer_data, event_data

NEWLINES = st.sampled_from(["\n", "\r\n", "\r"])
LINES = st.text(st.characters(exclude_characters="\r\n", exclude_categories=["Cs"]))


@st.composite
def divided(draw: st.DrawFn, stream: bytes) -> list[bytes]:
    cuts = sorted(draw(st.lists(st.integers(0, len(stream)))))
    return [stream[start:end] for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True)]


@settings(max_examples=50)
@given(st.data())
def test_events_are_parsed_however_their_bytes_are_split(data):
    events = data.draw(st.lists(st.lists(LINES, min_size=1)))
    newline = data.draw(NEWLINES)
    noise = st.sampled_from(["", ": keep-alive", "event: message", "id", "retry: 3"])
    written = []
    for lines in events:
        for line in lines:
            space = data.draw(st.sampled_from([" ", ""])) if line[:1] != " " else " "
            written += [data.draw(noise.filter(bool)), f"data:{space}{line}"]
        written += ["", data.draw(noise)]
    stream = "".join(line + newline for line in written).encode()
    assert list(event_data(data.draw(divided(stream)))) == ["\n".join(lines) for lines in events]


@given(st.data(), st.lists(st.sampled_from([b"data:", b"x", b"\r", b"\n", b":", b"\xff"])))
def test_any_bytes_give_the_same_events_however_they_are_split(data, parts):
    stream = b"".join(parts)
    assert list(event_data(data.draw(divided(stream)))) == list(event_data([stream]))


def test_an_event_is_yielded_as_soon_as_its_empty_line_arrives():
    def chunks():
        yield b"data: a\n\n"
        raise AssertionError("read on before the event was given out")

    assert next(event_data(chunks())) == "a"


def test_a_truncated_last_event_is_ignored():
    assert list(event_data([b"data: a\n\ndata: b\n"])) == ["a"]


def test_a_line_above_the_length_limit_is_refused_in_one_or_several_chunks():
    longest = b"data:" + b"x" * (MAX_LINE_BYTES - 5)
    assert list(event_data([longest + b"\n\n"])) == ["x" * (MAX_LINE_BYTES - 5)]
    for chunks in ([longest + b"x\n\n"], [longest, b"x\n\n"]):
        with pytest.raises(ServerError, match="form of OpenAI's chat API"):
            list(event_data(chunks))


def test_reading_stops_at_a_line_without_an_end():
    part = b"x" * (MAX_LINE_BYTES // 4)
    with pytest.raises(ServerError, match="form of OpenAI's chat API"):
        list(event_data([b"data: ", *[part] * 4]))
    assert list(event_data([b"data: ", *[part] * 3, b"\n\n"])) == [part.decode() * 3]


@pytest.mark.parametrize(
    ("stream", "events"),
    [
        (b'data: {"a": 1}\ndata: {"b": 2}\ndata: [DONE]\n', ['{"a": 1}', '{"b": 2}', "[DONE]"]),
        (b'data: {"a":\ndata: 1}\n\n', ['{"a":\n1}']),
        (b'data: {"a": 1}\n\ndata: {"b": 2}', ['{"a": 1}', '{"b": 2}']),
        (b'data: {"a": 1}\n\ndata: {"b": ', ['{"a": 1}']),
        (b'{"a": 1}', ['{"a": 1}']),
        (b'\xef\xbb\xbf \n{"a":\n 1}\n', ['{"a":\n 1}']),
        (b'[{"a": 1}]', ['[{"a": 1}]']),
        (b'{"a": 1}\n{"b": 2}\n', ['{"a": 1}', '{"b": 2}']),
        (b"<html>", []),
        (b"", []),
    ],
    ids=["no empty lines", "two lines", "no last line", "cut", "JSON", "blanks before JSON",
         "a list", "one object a line", "HTML", "nothing"],
)  # fmt: skip
def test_forms_of_an_answer(stream, events):
    assert list(answer_data([stream])) == events
    assert list(answer_data([bytes([byte]) for byte in stream])) == events
