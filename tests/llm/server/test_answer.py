"""The pieces of an answer in the events of each server."""

import json

import pytest

from lib_omost.llm.server.answer import AnswerEvent, parse_answer_event
from lib_omost.llm.server.errors import ServerError


@pytest.mark.parametrize(
    ("chunk", "piece"),
    [
        ({"choices": [{"delta": {"role": "assistant", "content": ""}}]}, AnswerEvent()),
        ({"choices": [{"delta": {"content": "a\nb"}}]}, AnswerEvent("a\nb")),
        ({"choices": [{"delta": {"reasoning_content": "hm"}}]}, AnswerEvent(thinking="hm")),
        (
            {"choices": [{"delta": {"content": None, "reasoning": "hm"}}]},
            AnswerEvent(thinking="hm"),
        ),
        ({"choices": [{"delta": {"thinking": "hm"}}]}, AnswerEvent(thinking="hm")),
        (
            {
                "choices": [
                    {"delta": {"reasoning_details": [{"type": "reasoning.text", "text": "hm"}]}}
                ]
            },
            AnswerEvent(thinking="hm"),
        ),
        (
            {
                "choices": [
                    {
                        "delta": {
                            "content": [
                                {"type": "thinking", "thinking": [{"type": "text", "text": "hm"}]},
                                {"type": "text", "text": "a"},
                                {"type": "output_text", "text": "b"},
                                "c",
                                {"type": "image_url", "image_url": "d"},
                            ]
                        }
                    }
                ]
            },
            AnswerEvent("abc", thinking="hm"),
        ),
        ({"choices": [{"delta": {"refusal": "No."}}]}, AnswerEvent(refusal="No.")),
        (
            {"choices": [{"delta": {"content": [{"type": "refusal", "refusal": "No."}]}}]},
            AnswerEvent(refusal="No."),
        ),
        (
            {
                "choices": [
                    {
                        "delta": {
                            "tool_calls": [
                                {"index": 1, "function": {"name": "canvas", "arguments": "{1"}},
                                {"function": {"name": "canvas"}},
                            ]
                        }
                    }
                ]
            },
            AnswerEvent(arguments=((1, "{1"),)),
        ),
        (
            {"choices": [{"message": {"tool_calls": [{"function": {"arguments": {"a": 1}}}]}}]},
            AnswerEvent(arguments=((0, '{"a": 1}'),)),
        ),
        (
            {"choices": [{"delta": {"function_call": {"arguments": "{1}"}}}]},
            AnswerEvent(arguments=((0, "{1}"),)),
        ),
        ({"choices": [{"text": "a"}]}, AnswerEvent("a")),
        ([{"choices": [{"text": "a"}]}], AnswerEvent("a")),
        (
            {"choices": [{"delta": {}, "message": {"content": "all"}}]},
            AnswerEvent("all"),
        ),
        ({"choices": [{"delta": {}, "finish_reason": "length"}]}, AnswerEvent(finish="length")),
        (
            {
                "usage": {
                    "completion_tokens": 9,
                    "completion_tokens_details": {"reasoning_tokens": 7},
                }
            },
            AnswerEvent(tokens=9, thinking_tokens=7),
        ),
        ({"choices": [], "usage": {"completion_tokens": 7}}, AnswerEvent(tokens=7)),
        ({"choices": None, "usage": None}, AnswerEvent()),
        (
            {"choices": [{"message": {"content": "all"}, "finish_reason": "stop"}]},
            AnswerEvent("all", finish="stop"),
        ),
        ({"choices": [3], "usage": {"completion_tokens": "7"}}, AnswerEvent()),
        (
            {"choices": [{"delta": {"content": [3], "tool_calls": [4]}, "finish_reason": 3}]},
            AnswerEvent(),
        ),
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
        ({"error": {"message": "it broke", "code": "429"}}, 429),
        ([{"error": {"message": "it broke", "code": 400}}], 400),
        ({"error": "it broke", "error_type": "generation"}, 0),
        ({"object": "error", "message": "it broke", "code": 400}, 400),
    ],
)
def test_an_error_event_in_the_stream_raises_its_message(chunk, status):
    piece = parse_answer_event(json.dumps(chunk))
    assert "it broke" in piece.error
    assert piece.status == status
