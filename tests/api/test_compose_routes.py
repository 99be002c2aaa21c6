"""Composing over HTTP: what goes in, what comes out, and what ends it."""

from __future__ import annotations

import asyncio
import json
import threading
import time

import pytest

from lib_omost.api import compose_routes
from lib_omost.canvas import formats
from lib_omost.compose.access_restriction import RESTRICTED
from lib_omost.compose.attended_stream import BUSY, BusyError
from lib_omost.compose.model_state import MemoryUse
from lib_omost.llm.answer_events import ONLY_THINKING
from lib_omost.llm.engine import Done, Failed, Thinking
from lib_omost.llm.model_catalog import NO_MODEL
from tests.api.conftest import CANVAS, CODE


def compose(client, **values):
    return client.post("/omost/v1/compose", json={"model": "model", **values})


def test_a_job_that_names_no_model_takes_the_one_of_the_settings_or_is_told(
    client, engine, monkeypatch
):
    monkeypatch.setattr("lib_omost.options.value", {"omost_model": ""}.get)
    answer = compose(client, request="a harbour", model="")
    assert answer.status_code == 422
    assert answer.json()["detail"] == NO_MODEL
    assert engine.tasks == []
    monkeypatch.setattr("lib_omost.options.value", {"omost_model": "someone/model"}.get)
    assert compose(client, request="a harbour", model="").status_code == 200
    (task,) = engine.tasks
    assert task.temperature == 0.3


def test_a_request_becomes_a_canvas(client, engine, host):
    answer = compose(client, request="a harbour", seed=3, model="model", temperature=1)
    assert answer.status_code == 200
    found = answer.json()
    assert found["answer"] == CODE
    assert formats.read(json.dumps(found["canvas"])).canvas == CANVAS
    assert formats.read(found["code"]).canvas == CANVAS
    assert (found["reason"], found["tokens"], found["diagnostics"]) == ("finished", 2, [])
    assert found["turns"] == [{"request": "a harbour", "answer": CODE, "seed": 3}]
    (task,) = engine.tasks
    assert (task.seed, task.temperature, task.messages[1]["content"]) == (3, 1, "a harbour")
    assert not host.queue_lock.held


def test_the_turns_that_came_back_are_gone_on_with(client, engine):
    turns = compose(client, request="a harbour").json()["turns"]
    found = compose(client, turns=turns, request="add a boat").json()
    assert [turn["request"] for turn in found["turns"]] == ["a harbour", "add a boat"]
    assert [m["role"] for m in engine.tasks[-1].messages] == ["system", "user", "assistant", "user"]
    again = compose(client, turns=[*turns, {"request": "add a boat"}], seed=9).json()
    assert again["turns"][1] == {"request": "add a boat", "answer": CODE, "seed": 9}


def test_what_was_left_out_is_said_beside_the_canvas(client, engine):
    assert compose(client, request="a harbour").json()["remarks"] == []
    engine.end = Done("finished", 2, ("It left out “giraffe”.",))
    assert compose(client, request="a harbour").json()["remarks"] == ["It left out “giraffe”."]
    streamed = compose(client, request="a harbour", stream=True).text
    assert json.loads(streamed.rpartition("data: ")[2])["remarks"] == ["It left out “giraffe”."]


def test_thinking_is_apart_from_the_answer(client, engine):
    engine.pieces = [Thinking("A harbour"), Thinking("?"), CODE]
    engine.end = Done("finished", 1, thinking_tokens=2)
    found = compose(client, request="a harbour", thinking="low").json()
    assert engine.tasks[-1].thinking == "low"
    assert (found["answer"], found["thinking"]) == (CODE, "A harbour?")
    assert (found["tokens"], found["thinking_tokens"]) == (1, 2)
    assert found["turns"][0]["thinking"] == "A harbour?"
    streamed = compose(client, request="a harbour", stream=True).text
    assert 'event: thinking\ndata: {"text": "A harbour"}\n\n' in streamed
    assert "A harbour" not in str(engine.tasks[-1].messages)
    compose(client, turns=found["turns"], request="add a boat")
    assert "A harbour" not in str(engine.tasks[-1].messages)


def test_thinking_that_used_up_the_tokens_is_named(client, engine):
    engine.pieces, engine.end = [Thinking("A harbour?")], ONLY_THINKING
    answer = compose(client, request="a harbour")
    assert (answer.status_code, answer.json()["only_thinking"]) == (503, True)


def test_a_canvas_that_comes_with_the_request_is_what_it_changes(client, engine):
    page = {"description": "a shelf", "regions": [{"box": [3, 31, 7, 52], "description": "a car"}]}
    found = compose(client, request="make it blue", canvas=json.dumps(page)).json()
    told = engine.tasks[-1].messages
    assert [message["role"] for message in told] == ["system", "user", "assistant", "user"]
    assert "description='a car'" in told[2]["content"]
    assert formats.read(found["turns"][0]["page"]).canvas == formats.read(json.dumps(page)).canvas
    again = compose(client, turns=found["turns"], request="make it red").json()
    assert again["turns"][0] == found["turns"][0]


def test_a_canvas_that_cannot_be_read_is_422(client, engine):
    answer = compose(client, request="make it blue", canvas="hello")
    assert answer.status_code == 422
    assert "canvas on the page cannot be read" in answer.json()["detail"]
    assert engine.tasks == []


def test_an_answer_without_a_canvas_says_so(client, engine):
    engine.pieces = ["I cannot."]
    found = compose(client, request="a harbour").json()
    assert (found["answer"], found["canvas"], found["code"]) == ("I cannot.", None, None)
    assert found["diagnostics"][-1]["severity"] == "error"


def test_what_failed_is_a_sentence_with_what_was_written(client, engine):
    engine.end = Failed("There is not enough memory.")
    answer = compose(client, request="a harbour")
    assert answer.status_code == 503
    detail = "There is not enough memory."
    assert answer.json() == {"detail": detail, "answer": CODE, "only_thinking": False}


def test_a_request_that_the_model_refuses_is_wrong_and_the_service_is_there(client, engine):
    engine.pieces, engine.end = [], Failed("It does not know “sofa”.", refused=True)
    answer = compose(client, request="a cat on a sofa")
    assert answer.status_code == 422
    detail = "It does not know “sofa”."
    assert answer.json() == {"detail": detail, "answer": "", "only_thinking": False}
    streamed = compose(client, request="a cat on a sofa", stream=True).text
    assert json.loads(streamed.rpartition("data: ")[2]) == {
        "message": "It does not know “sofa”.",
        "refused": True,
        "only_thinking": False,
    }


def events_of(text):
    found = []
    for block in text.strip().split("\n\n"):
        name, data = block.split("\n", 1)
        found.append((name.removeprefix("event: "), json.loads(data.removeprefix("data: "))))
    return found


def test_the_engines_events_are_sent_as_they_come(client, engine):
    with client.stream(
        "POST", "/omost/v1/compose", json={"request": "a", "model": "composer", "stream": True}
    ) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert answer.headers["content-encoding"] == "identity"
        events = events_of(answer.read().decode())
    assert [name for name, _ in events] == ["progress", "text", "text", "done"]
    assert events[0] == ("progress", {"message": "Writing", "fraction": None})
    assert events[1] == ("text", {"text": CODE[:20]})
    assert events[-1][1] == compose(client, request="a").json()


def test_a_failure_is_sent_as_an_event(client, engine):
    engine.end = Failed("There is not enough memory.")
    answer = compose(client, request="a", stream=True)
    last = events_of(answer.text)[-1]
    message = "There is not enough memory."
    fields = {"message": message, "refused": False, "only_thinking": False}
    assert last == ("failed", fields)


ASKED = {"request": "a", "model": "model"}


async def call(app, values, leave, method="POST", path="/omost/v1/compose"):
    """Ask as a server does that runs the app; `leave` is awaited before the client goes."""
    body = json.dumps(values).encode()
    heard = [{"type": "http.request", "body": body, "more_body": False}]
    sent = []

    async def receive():
        if heard:
            return heard.pop()
        await leave(sent)
        return {"type": "http.disconnect"}

    async def send(message):
        sent.append(message)

    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "scheme": "http",
        "query_string": b"",
        "headers": [
            (b"host", b"127.0.0.1:7860"),
            (b"content-type", b"application/json"),
            (b"accept-encoding", b"gzip"),
        ],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 7860),
    }
    await asyncio.wait_for(app(scope, receive, send), 10)
    return sent


@pytest.mark.parametrize("stream", [False, True])
def test_a_client_that_goes_ends_the_composing(app, engine, host, stream):
    engine.go_on.clear()

    async def leave(sent):
        while not engine.tasks or (stream and b"canvas" not in b"".join(bodies(sent))):
            await asyncio.sleep(0.01)

    asyncio.run(call(app, {"request": "a", "model": "model", "stream": stream}, leave))
    end = time.monotonic() + 5
    while host.queue_lock.held:
        assert time.monotonic() < end
        time.sleep(0.01)
    assert host.log[-1] == "model is cancelled"


def bodies(sent):
    return [message.get("body", b"") for message in sent]


def test_a_client_that_goes_while_a_picture_is_made_is_waited_for_no_longer(app, engine, host):
    async def leave(sent):
        while host.queue_lock.waiting == 0:
            await asyncio.sleep(0.01)

    with host.picture():
        asyncio.run(call(app, {"request": "a", "model": "model"}, leave))
        assert host.progress.pending_tasks == {}
    assert engine.tasks == []


@pytest.mark.parametrize("stream", [False, True])
def test_who_waits_keeps_no_thread_from_other_requests(app, host, stream):
    """More requests wait than the server has threads, and another route answers meanwhile."""
    answered, ended = asyncio.Event(), []

    async def leave(sent):
        await answered.wait()

    async def ask(number):
        try:
            await call(app, {**ASKED, "stream": stream, "task": f"task({number})"}, leave)
        finally:
            ended.append(number)

    async def run():
        requests = [asyncio.create_task(ask(number)) for number in range(60)]
        while len(host.progress.pending_tasks) < 60 and not any(r.done() for r in requests):
            await asyncio.sleep(0.01)
        start, *_ = await call(app, {}, leave, "GET", "/omost/v1/presets")
        assert (start["status"], ended) == (200, [])
        answered.set()
        # A middleware of starlette's fails where the client leaves before the first byte.
        await asyncio.gather(*requests, return_exceptions=True)
        assert sorted(ended) == list(range(60))

    with host.picture():
        asyncio.run(run())


def test_too_many_requests_are_refused_with_a_sentence(client, monkeypatch):
    def refuse(*_):
        raise BusyError(BUSY)

    monkeypatch.setattr(compose_routes, "AttendedStream", refuse)
    for stream in (False, True):
        answer = compose(client, request="a", stream=stream)
        assert (answer.status_code, answer.json()) == (503, {"detail": BUSY, "answer": ""})
        assert answer.headers["retry-after"] == "30"


def test_a_picture_is_waited_for_with_an_end(client, host):
    with host.picture():
        answer = compose(client, request="a", wait=0.2)
    assert answer.status_code == 503
    assert answer.json()["detail"].startswith("A picture was still being made after 0.2 seconds")


@pytest.mark.parametrize(
    ("values", "beginning"),
    [
        ({}, "The conversation has no unanswered request. Describe the picture."),
        ({"request": " "}, "The request is empty; describe the picture."),
        ({"request": ""}, "'request': "),
        ({"request": 1}, "'request': "),
        ({"request": "a", "seed": True}, "'seed': "),
        ({"request": "a", "seed": 1.5}, "'seed': "),
        ({"request": "a", "seed": -1}, "'seed': "),
        ({"request": "a", "stream": "yes"}, "'stream': "),
        ({"request": "a", "top_p": 2}, "'top_p"),
        ({"request": "a", "temperature": "1"}, "'temperature"),
        ({"request": "a", "dialect": "x"}, "'dialect': "),
        ({"request": "a", "sede": 1}, "'sede': extra "),
        ({"turns": [{"answer": ""}]}, "'turns.0.request': field required"),
        ([], "The JSON is to be an object."),
    ],
)
@pytest.mark.parametrize("path", ["/omost/v1/compose", "/omost/v1/tokens"])
def test_bad_input_is_refused_with_one_sentence(client, values, beginning, path):
    answer = client.post(path, json=values)
    assert answer.status_code == 422
    assert answer.json()["detail"].startswith(beginning)
    assert answer.json()["detail"].endswith(".")


def test_models_and_tokens(client):
    models = client.get("/omost/v1/models").json()["models"]
    assert models[0]["name"] == "composer"
    assert models[1]["needs"] == "2 GB of memory, 1.1 GB to download"
    assert models[0]["note"].endswith("knows a few drawn shapes only")
    assert (models[0]["phase"], models[0]["fraction"]) == ("not loaded", None)
    found = client.post("/omost/v1/tokens", json={"request": "a b", "model": "composer"}).json()
    assert found == {"tokens": 4, "context": 4096, "note": models[0]["note"]}


def test_the_models_state_and_the_memory_are_listed(client, monkeypatch):
    compose(client, request="a", model="composer")
    memory = MemoryUse("graphics card", 5, 8)
    monkeypatch.setattr(compose_routes, "memory_use", lambda: memory)
    found = client.get("/omost/v1/models").json()
    assert found["models"][0]["phase"] == "ready"
    assert found["memory"] == {"device": "graphics card", "used": 5, "total": 8}


def test_visitors_of_an_open_host_may_use_listed_models_only(client, host):
    host.cmd_opts.disable_extension_access = True
    for stream in (False, True):
        answer = compose(client, request="a", model="./somewhere", stream=stream)
        assert (answer.status_code, answer.json()["detail"]) == (403, RESTRICTED)
    assert compose(client, request="a", model="composer").status_code == 200


def test_several_clients_are_served_one_after_the_other(client, engine, host):
    answers = []
    threads = [
        threading.Thread(target=lambda: answers.append(compose(client, request="a").json()))
        for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert [answer["reason"] for answer in answers] == [Done("finished", 2).reason] * 3
    assert not host.queue_lock.held
