"""Server-sent events and the pieces in them."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib_omost.llm.server.answer import MAX_LINE_BYTES, AnswerEvent, event_data, parse_answer_event
from lib_omost.llm.server.errors import ServerError

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
    ("chunk", "piece"),
    [
        ({"choices": [{"delta": {"role": "assistant", "content": ""}}]}, AnswerEvent()),
        ({"choices": [{"delta": {"content": "a\nb"}}]}, AnswerEvent("a\nb")),
        ({"choices": [{"delta": {"reasoning_content": "hm"}}]}, AnswerEvent(thinking=True)),
        (
            {"choices": [{"delta": {"content": None, "reasoning": "hm"}}]},
            AnswerEvent(thinking=True),
        ),
        ({"choices": [{"delta": {}, "finish_reason": "length"}]}, AnswerEvent(finish="length")),
        ({"choices": [], "usage": {"completion_tokens": 7}}, AnswerEvent(tokens=7)),
        ({"choices": None, "usage": None}, AnswerEvent()),
        (
            {"choices": [{"message": {"content": "all"}, "finish_reason": "stop"}]},
            AnswerEvent("all", finish="stop"),
        ),
        ({"choices": [3], "usage": {"completion_tokens": "7"}}, AnswerEvent()),
        ({"choices": [{"delta": {"content": ["a"]}, "finish_reason": 3}]}, AnswerEvent()),
    ],
)
def test_text_reasoning_and_end_are_parsed_from_chunks(chunk, piece):
    assert parse_answer_event(json.dumps(chunk)) == piece


def test_control_characters_in_strings_are_read():
    assert parse_answer_event('{"choices": [{"delta": {"content": "a\tb"}}]}').text == "a\tb"


@pytest.mark.parametrize("data", ["", "Internal error", "[1]", '{"choices": [', "[" * 100_000])
def test_an_event_that_is_no_chunk_raises_a_server_error(data):
    with pytest.raises(ServerError, match="form of OpenAI's chat API"):
        parse_answer_event(data)


@pytest.mark.parametrize(
    ("chunk", "status"),
    [
        ({"error": {"message": "it broke", "code": 503}}, 503),
        ({"error": {"message": "it broke", "code": "server_error"}}, 0),
        ({"error": "it broke", "error_type": "generation"}, 0),
        ({"object": "error", "message": "it broke", "code": 400}, 400),
    ],
)
def test_an_error_event_in_the_stream_raises_its_message(chunk, status):
    piece = parse_answer_event(json.dumps(chunk))
    assert "it broke" in piece.error
    assert piece.status == status
