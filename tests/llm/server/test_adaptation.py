"""What a request becomes after the errors of servers, in their own words or nearly."""

import json

import pytest

from lib_omost.llm.engine import Task
from lib_omost.llm.server.adaptation import Adaptation
from lib_omost.llm.server.error_reply import parse_error
from lib_omost.llm.server.request import Constraint, request_body

TASK = Task(
    ({"role": "system", "content": "Draw."}, {"role": "user", "content": "a cat"}),
    4096,
    temperature=0.6,
    top_p=0.9,
    thinking="off",
)
CONSTRAINTS = Constraint({"type": "object"}).field_alternatives(TASK, "some-model")
PLAIN = request_body(TASK, "some-model")


def adapted(message, status=400, adaptation=None, **fields):
    """The body of the next request after an error, None for no other request."""
    adaptation = adaptation or Adaptation()
    body = (
        message if isinstance(message, dict | list) else {"error": {"message": message, **fields}}
    )
    error = parse_error(status, json.dumps(body))
    sent = adaptation.apply(PLAIN, CONSTRAINTS)
    after = adaptation.after(error, sent, CONSTRAINTS)
    return after and after.apply(PLAIN, CONSTRAINTS)


def removed(body):
    return {*Adaptation().apply(PLAIN, CONSTRAINTS)} - {*body}


@pytest.mark.parametrize(
    ("message", "fields"),
    [
        ("Unsupported value: 'temperature' does not support 0.6. Only 1 is supported.",
         {"temperature"}),
        ("`temperature` and `top_p` cannot both be specified for this model.", {"top_p"}),
        ("Unrecognized request argument supplied: seed", {"seed"}),
        ("property 'chat_template_kwargs' is unsupported", {"chat_template_kwargs"}),
        ("Unsupported fields in the request: {'stream_options'}", {"stream_options"}),
        ("Your organization must be verified to stream: stream", {"stream", "stream_options"}),
        ("Unknown parameter: 'seed'. Supported parameters: temperature, top_p", {"seed"}),
        ("reasoning_effort is not known by this model", {"reasoning_effort"}),
        ("max_tokens is not supported", {"max_tokens"}),
    ],
)  # fmt: skip
def test_a_field_that_the_message_names_is_removed(message, fields):
    assert removed(adapted(message)) == fields


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({"detail": [{"type": "extra_forbidden", "loc": ["body", "seed"], "msg": "Extra inputs",
                      "input": {"temperature": 0.6}}]}, {"seed"}),
        ({"object": "error", "message": {"detail": [
            {"loc": ["body", "seed"], "msg": "Extra inputs are not permitted"},
            {"loc": ["body", "stream_options", "include_usage"], "msg": "Extra inputs"}]}},
         {"seed", "stream_options"}),
        ([{"error": {"code": 400, "message": "Unknown name \"seed\": Cannot find field."}}],
         {"seed"}),
        ({"error": {"message": "Provider returned error", "code": 400, "metadata": {
            "raw": '{"error": {"message": "top_p is not allowed", "param": "top_p"}}'}}},
         {"top_p"}),
        ({"error": {"message": "bad value", "param": "seed"}}, {"seed"}),
    ],
    ids=["FastAPI", "Mistral", "Google", "OpenRouter", "param"],
)  # fmt: skip
def test_fields_are_found_by_their_place(body, fields):
    assert removed(adapted(body, 422)) == fields


@pytest.mark.parametrize(
    ("message", "tokens"),
    [
        ("max_tokens is too large: 4096. This model supports at most 2048 tokens.", 2048),
        ("`max_tokens` must be less than or equal to `1,024`", 1024),
        ("Invalid max_tokens value, the valid range of max_tokens is [1, 3000]", 3000),
        ("max_tokens: 4096 > 2000, which is the maximum allowed number of output tokens", 2000),
        ("This model's maximum context length is 4096 tokens. However, you requested 4596 tokens "
         "(500 in the messages, 4096 in the completion).", 3596),
        ("'max_tokens' or 'max_completion_tokens' is too large: 4096. This model's maximum context "
         "length is 4096 tokens and your request has 800 input tokens.", 3296),
        ("`inputs` tokens + `max_new_tokens` must be <= 4096. Given: 1000 `inputs` tokens and 4096 "
         "`max_new_tokens`", 3096),
    ],
)  # fmt: skip
def test_a_smaller_maximum_is_used(message, tokens):
    body = adapted(message)
    assert body["max_tokens"] == tokens
    assert removed(body) == set()


@pytest.mark.parametrize(
    "message",
    [
        "This model's maximum context length is 4096 tokens.",
        "maximum context length is 4096 tokens, you requested 8000 (3900 in the messages)",
    ],
)
def test_a_conversation_that_fills_the_context_is_not_sent_again(message):
    assert adapted(message) is None


def test_another_name_of_the_maximum():
    body = adapted("'max_tokens' is not supported. Use 'max_completion_tokens' instead.",
                   param="max_tokens")  # fmt: skip
    assert (body["max_completion_tokens"], "max_tokens" in body) == (4096, False)


@pytest.mark.parametrize(
    "message",
    [
        "System role not supported",
        "Conversation roles must alternate user/assistant/user/assistant/...",
        "Only user and assistant roles are supported!",
        "Developer instruction is not enabled for models/gemma-3-27b-it",
    ],
)
@pytest.mark.parametrize("status", [400, 500])
def test_the_system_prompt_moves_into_the_first_request(message, status):
    assert adapted(message, status)["messages"] == [{"role": "user", "content": "Draw.\n\na cat"}]


@pytest.mark.parametrize(
    ("message", "format_type"),
    [
        ("json_schema is not supported", "json_object"),
        ("'response_format.type' must be 'json_schema' or 'text'", None),
        ("unknown variant `json_schema`, expected `text` or `json_object`", "json_object"),
        ("Invalid schema for response_format 'canvas': 'strict' needs all keys", "json_object"),
    ],
)
def test_a_weaker_response_format_that_the_server_may_know(message, format_type):
    assert adapted(message).get("response_format", {}).get("type") == format_type


def test_the_steps_of_the_response_format():
    weaker = Adaptation(weakening=1)
    named = adapted("Unknown parameter", adaptation=weaker, param="response_format.schema")
    assert named["response_format"] == {"type": "json_object"}
    refused = adapted("response_format json_object is not supported", adaptation=weaker)
    assert "response_format" not in refused


@pytest.mark.parametrize(
    ("message", "effort"),
    [
        ("'reasoning_effort' does not support 'none'. Supported values are: 'minimal', 'low'",
         "minimal"),
        ("reasoning_effort must be one of low, medium, high", "low"),
    ],
)  # fmt: skip
def test_the_least_thinking_that_the_server_allows(message, effort):
    assert adapted(message)["reasoning_effort"] == effort


def test_a_refusal_without_a_reason_leaves_only_what_is_necessary():
    body = adapted("Bad request")
    assert {*body} == {"model", "messages", "max_tokens", "stream"}
    assert adapted("Bad request", adaptation=Adaptation(is_bare=True)) is None


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (401, "seed"),
        (402, "Insufficient credits: seed"),
        (403, "seed"),
        (404, "model seed not found"),
        (429, "You exceeded your current quota: seed"),
        (400, "The response was filtered by the content management policy: seed"),
        (500, "it broke"),
    ],
)
def test_no_other_request_helps(status, message):
    assert adapted(message, status) is None
