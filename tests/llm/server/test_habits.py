"""Habits of servers in the field, each played by a scripted server on loopback."""

import json

import pytest

from lib_omost.llm.answer_events import CANVAS_IN_THINKING, NO_ANSWER, ONLY_THINKING
from lib_omost.llm.engine import Done, Failed, Task, Text, Thinking
from lib_omost.llm.server.engine import THINKS_NEVERTHELESS, Timeouts
from tests.llm.scripted_server import FINE, chunk, drop, event, playing, reply, stream, usage
from tests.llm.server.test_engine import (
    SCHEMA,
    TASK,
    answer_of,
    engine,
    events_of,
    failure_of,
    refuse,
)

CANVAS = json.dumps(
    {
        "description": "A cat.",
        "regions": [
            {
                "description": "A cat.",
                "location": "on the left",
                "offset": "no offset",
                "area": "a small square area",
                "distance_to_viewer": 5,
            }
        ],
    }
)

DONE = event("[DONE]")


def bodies(server):
    return [asked.body for asked in server.asked if asked.body]


# Where the answer is


@pytest.mark.parametrize(
    ("parts", "text"),
    [
        ([chunk("<think>A "), chunk("cat?</think>"), chunk("{}", "stop")], "{}"),
        ([chunk("", reasoning_content="A "), chunk("", reasoning="cat?"), chunk("{}", "stop")],
         "{}"),
        ([chunk("", thinking="A cat?"), chunk("{}", "stop")], "{}"),
        ([chunk("<|channel|>analysis<|message|>A cat?<|end|>"),
          chunk("<|start|>assistant<|channel|>final<|message|>{}", "stop")], "{}"),
    ],
    ids=["marks", "reasoning fields", "thinking field", "Harmony"],
)  # fmt: skip
def test_thinking_is_no_part_of_the_answer(parts, text):
    with playing(stream(*map(event, parts), DONE)) as server:
        events = events_of(engine(server))
    assert "".join(item.text for item in events if isinstance(item, Thinking)) == "A cat?"
    assert "".join(item.text for item in events if isinstance(item, Text)) == text
    assert events[-1].thinking_tokens > 0


def test_a_canvas_in_the_thinking_field_is_the_answer():
    parts = [event(chunk("", reasoning_content=CANVAS)), event(chunk("", "stop")), DONE]
    with playing(stream(*parts)) as server:
        text, end = answer_of(engine(server))
    assert (text, end.remarks) == (CANVAS, (CANVAS_IN_THINKING,))


@pytest.mark.parametrize(("finish", "end"), [("length", ONLY_THINKING), ("stop", NO_ANSWER)])
def test_thinking_alone_is_explained(finish, end):
    parts = [event(chunk("", reasoning="A cat?")), event(chunk("", finish)), DONE]
    with playing(stream(*parts)) as server:
        assert answer_of(engine(server)) == ("", end)


def test_arguments_of_a_function_call_are_the_answer():
    calls = [
        chunk("", tool_calls=[{"index": 0, "function": {"name": "canvas", "arguments": '{"a"'}}]),
        chunk("", tool_calls=[{"index": 0, "function": {"arguments": ": 1}"}}]),
        chunk("", "tool_calls"),
    ]
    with playing(stream(*map(event, calls), DONE)) as server:
        assert answer_of(engine(server))[0] == '{"a": 1}'


def test_arguments_beside_an_answer_are_ignored():
    call = chunk("{}", tool_calls=[{"index": 0, "function": {"arguments": "[]"}}])
    with playing(stream(event(call), event(chunk("", "stop")), DONE)) as server:
        assert answer_of(engine(server))[0] == "{}"


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ([chunk("", refusal="I can't "), chunk("", refusal="do that."), chunk("", "stop")],
         "The model refuses the request: “I can't do that.”"),
        ([chunk("{"), chunk("", "content_filter")], "content filter ended the answer"),
        ([chunk("", "SAFETY")], "content filter ended the answer"),
    ],
)  # fmt: skip
def test_refusals_are_named_as_such(parts, message):
    with playing(stream(*map(event, parts), DONE)) as server:
        assert message in failure_of(engine(server))[1]
    assert len(server.asked) == 1


def test_a_refused_prompt_is_named_as_such():
    filtered = {"error": {"code": "content_filter", "message": "The response was filtered."}}
    with playing(reply(filtered, 400)) as server:
        message = failure_of(engine(server))[1]
    assert message.startswith(f"The content filter of http://{server.address}/v1 refuses")
    assert len(server.asked) == 1


@pytest.mark.parametrize("kind", ["text/plain", "text/event-stream", "application/octet-stream"])
def test_a_whole_answer_of_any_content_type(kind):
    whole = {"choices": [{"message": {"content": "all"}, "finish_reason": "stop"}]}
    with playing(reply(whole, kind=kind)) as server:
        assert answer_of(engine(server))[0] == "all"


@pytest.mark.parametrize("end", [[], [drop]], ids=["closed", "dropped"])
def test_a_whole_canvas_needs_no_mark_of_its_end(end):
    with playing(stream(event(chunk(CANVAS)), *end)) as server:
        assert answer_of(engine(server)) == (CANVAS, Done("finished", 1))
    with playing(stream(event(chunk(CANVAS[:-9])), *end)) as server:
        assert "broke during the answer" in failure_of(engine(server))[1]


def test_tokens_of_thinking_are_counted_apart():
    counted = json.loads(usage(12))
    counted["usage"]["completion_tokens_details"] = {"reasoning_tokens": 9}
    with playing(stream(event(chunk("{}", "stop")), event(json.dumps(counted)), DONE)) as server:
        assert answer_of(engine(server))[1] == Done("finished", 3, thinking_tokens=9)


# What the request becomes


def test_adaptations_are_remembered_for_the_next_answer():
    scripts = [
        refuse(400, "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead."),
        refuse(400, "'temperature' does not support 0.6. Only the default (1) value is supported."),
        stream(FINE),
    ]
    with playing(*scripts) as server:
        assert answer_of(engine(server))[0] == "fine"
        assert answer_of(engine(server))[0] == "fine"
        other = answer_of(engine(server, model="other"))
    assert other[0] == "fine"
    sent = [("max_completion_tokens" in body, "temperature" in body) for body in bodies(server)]
    assert sent == [(False, True), (True, True), (True, False), (True, False), (False, True)]


def test_an_adaptation_that_did_not_help_is_forgotten():
    with playing(refuse(400, "seed"), refuse(401, "no"), stream(FINE)) as server:
        failure_of(engine(server))
        answer_of(engine(server))
    assert ["seed" in body for body in bodies(server)] == [True, False, True]


def test_the_system_prompt_moves_once_and_stays_there():
    task = Task(({"role": "system", "content": "Draw."}, *TASK.messages), 4096)
    with playing(refuse(500, "Jinja: System role not supported"), stream(FINE)) as server:
        answer_of(engine(server), task)
        answer_of(engine(server), task)
    roles = [[message["role"] for message in body["messages"]] for body in bodies(server)]
    assert roles == [["system", "user"], ["user"], ["user"]]


@pytest.mark.parametrize(
    ("script", "count"),
    [
        (refuse(400, "Bad request"), 2),
        (refuse(422, ""), 2),
        (refuse(500, "it broke"), 1),
        (refuse(502, "Bad gateway"), 2),
        (reply({"error": {"message": "Provider returned error", "code": 502}}), 2),
        (drop, 2),
        (refuse(402, "Insufficient credits"), 1),
        (refuse(429, "You exceeded your current quota, check your billing details"), 1),
        (reply({"error": "slow down"}, 429, Retry_After="9999"), 1),
        (refuse(429, "Rate limit. Please try again in 5m0.5s"), 1),
    ],
    ids=["no reason", "nothing", "a crash", "a gateway", "200", "no answer", "no credit", "quota",
         "a long pause", "a long pause in words"],
)  # fmt: skip
def test_a_request_that_cannot_succeed_is_sent_at_most_twice(script, count):
    with playing(script) as server:
        failure_of(engine(server, schema=SCHEMA, timeouts=Timeouts(retry_pauses=(0.01,) * 5)))
    assert len(server.asked) == count


def test_a_model_that_loads_is_waited_for():
    loading = refuse(503, "Loading model")
    with playing(loading, loading, loading, stream(FINE)) as server:
        asked = engine(server, timeouts=Timeouts(retry_pauses=(0.01,) * 5))
        assert answer_of(asked)[0] == "fine"


@pytest.mark.parametrize(
    ("thinking", "fields"),
    [
        ("automatic", {}),
        ("off", {"reasoning_effort": "none",
                 "chat_template_kwargs": {"enable_thinking": False, "thinking": False}}),
        ("low", {"reasoning_effort": "low",
                 "chat_template_kwargs": {"enable_thinking": True, "thinking": True,
                                          "reasoning_effort": "low"}}),
    ],
)  # fmt: skip
def test_thinking_is_switched_by_the_request(thinking, fields):
    names = {"reasoning_effort", "chat_template_kwargs", "reasoning", "thinking"}
    with playing(stream(FINE)) as server:
        answer_of(engine(server), Task(TASK.messages, 4096, thinking=thinking))
    (body,) = bodies(server)
    assert {name: value for name, value in body.items() if name in names} == fields


def test_a_model_that_thinks_nevertheless_is_named():
    parts = [event(chunk("", reasoning="Hm.")), event(chunk("{}", "stop")), DONE]
    with playing(stream(*parts)) as server:
        end = answer_of(engine(server), Task(TASK.messages, 4096, thinking="off"))[1]
        usual = answer_of(engine(server))[1]
    assert (end.remarks, usual.remarks) == ((THINKS_NEVERTHELESS,), ())


# Which model is asked


def test_the_first_model_that_chats_is_asked():
    listed = reply({"data": [{"id": "nomic-embed-text"}, {"id": "qwen3"}]})
    with playing(listed, stream(FINE)) as server:
        assert answer_of(engine(server, model=""))[0] == "fine"
    assert bodies(server)[0]["model"] == "qwen3"


def test_only_models_that_do_not_chat():
    with playing(reply({"data": [{"id": "nomic-embed-text"}]})) as server:
        message = failure_of(engine(server, model=""))[1]
    assert 'lists no model that writes text, only models such as "nomic-embed-text"' in message


def test_a_server_without_a_list_is_asked_without_a_name():
    with playing(reply({"error": "Unexpected endpoint"}, 404), stream(FINE)) as server:
        assert answer_of(engine(server, model=""))[0] == "fine"
    missing = refuse(404, "The model `default` does not exist")
    with playing(reply({"error": "Unexpected endpoint"}, 404), missing) as server:
        text, end = answer_of(engine(server, model=""))
    assert (text, isinstance(end, Failed)) == ("", True)
    assert "has no list of its models; enter the name of a model" in end.message
