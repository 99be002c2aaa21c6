"""The gate before the whole application: what passes, what does not, and what it takes away."""

from __future__ import annotations

import asyncio
import socket

import pytest

from lib_omost.serve.gate import Gate, own_names

HERE = [(b"host", b"127.0.0.1:7870")]
ELSEWHERE = [*HERE, (b"origin", b"http://127.0.0.1:8000")]


class Inner:
    """An application that counts its calls and streams a line after the other."""

    def __init__(self):
        self.calls = 0

    async def __call__(self, scope, receive, send):
        self.calls += 1
        headers = [(b"Access-Control-Allow-Origin", b"*"), (b"x-own", b"1")]
        if scope["type"] == "http":
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            for line in (b"one", b"two"):
                await send({"type": "http.response.body", "body": line, "more_body": True})


def through(headers, kind="http", method="POST"):
    """What a gate lets through to an application, and what it sends."""
    inner, sent = Inner(), []

    async def send(message):
        sent.append(message)

    async def receive():
        return {"type": "websocket.connect"}

    scope = {"type": kind, "headers": headers, "method": method}
    asyncio.run(Gate(inner, own_names([], listens=False))(scope, receive, send))
    return inner.calls, sent


def test_our_own_requests_pass_as_a_stream():
    calls, sent = through(HERE)
    assert calls == 1
    assert [message.get("body") for message in sent] == [None, b"one", b"two"]


def test_gradios_permissions_for_other_pages_are_taken_away():
    _, (start, *_) = through(HERE)
    headers = dict(start["headers"])
    assert headers[b"x-own"] == b"1"
    assert not any(name.lower().startswith(b"access-control") for name in headers)
    assert headers[b"cross-origin-resource-policy"] == b"same-origin"
    assert headers[b"x-frame-options"] == b"SAMEORIGIN"


@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS", "DELETE"])
def test_another_page_is_refused_with_a_sentence_before_anything_is_done(method):
    calls, (start, body) = through(ELSEWHERE, method=method)
    assert calls == 0
    assert start["status"] == 403
    assert b"Another web page (http://127.0.0.1:8000) asked for this" in body["body"]


def test_another_page_gets_no_websocket():
    calls, sent = through(ELSEWHERE, "websocket")
    assert calls == 0
    assert [message["type"] for message in sent] == ["websocket.close"]
    assert through(HERE, "websocket")[0] == 1


@pytest.mark.parametrize("name", [b"192.168.1.5:7870", b"[fe80::1]:7870", b"0.0.0.0:7870"])
def test_a_page_of_this_machine_alone_answers_to_no_other_address(name):
    calls, (start, _) = through([(b"host", name)])
    assert (calls, start["status"]) == (0, 403)


def test_starting_and_ending_pass():
    assert through([], "lifespan")[0] == 1


def test_the_names_of_a_page():
    assert own_names(["Box.example.org"], listens=False).names == {"box.example.org"}
    opened = own_names([], listens=True)
    assert socket.gethostname().lower() in opened.names
    assert opened.any_address
