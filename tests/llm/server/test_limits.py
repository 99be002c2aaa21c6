"""Servers that would send for ever are left after a counted number of bytes."""

from __future__ import annotations

import threading
import time
import zlib
from types import SimpleNamespace

import pytest

from lib_omost.llm.engine import Done, Task, Text, Thinking
from lib_omost.llm.server.answer import MAX_CHARACTERS_PER_TOKEN
from lib_omost.llm.server.client import (
    MAX_ERROR_BYTES,
    MAX_LIST_BYTES,
    MIN_STREAM_BYTES,
    STREAM_BYTES_PER_TOKEN,
    Timeouts,
)
from lib_omost.llm.server.errors import ServerError
from lib_omost.llm.server.sent_events import MAX_EVENT_CHARACTERS, MAX_LINE_BYTES
from tests.llm.scripted_server import (
    FINISHED,
    HandTimer,
    chunk,
    endless,
    event,
    playing,
    reply,
    stream,
    trickle,
)
from tests.llm.server.test_engine import (
    TASK,
    answer_of,
    engine,
    events_of,
    failure_of,
    reading_threads,
)

IN_FLIGHT = 12 << 20
"""Bytes that the two ends of a connection on loopback may hold beside what was read."""

FIVE_TOKENS = Task(TASK.messages, max_new_tokens=5)


@pytest.mark.parametrize(
    ("data", "tokens", "most", "message"),
    [
        (b"data: x", 4096, MAX_LINE_BYTES, "not in the form of OpenAI's chat API"),
        (b"data: x\n", 4096, MAX_EVENT_CHARACTERS, "not in the form of OpenAI's chat API"),
        (
            b": thinking\n\n",
            5,
            MIN_STREAM_BYTES + 5 * STREAM_BYTES_PER_TOKEN,
            "sends more than an answer can",
        ),
    ],
    ids=["a line", "an event", "comments"],
)
def test_an_endless_stream_is_aborted(data, tokens, most, message):
    with playing(endless(data)) as server:
        _, said = failure_of(engine(server), Task(TASK.messages, max_new_tokens=tokens))
        assert message in said
        assert server.hung_up.wait(5)
        assert server.sent < 2 * most + IN_FLIGHT


def test_an_endless_chunk_header_is_aborted():
    with playing(endless(b"f", Transfer_Encoding="chunked")) as server:
        failure_of(engine(server, timeouts=Timeouts(retry_pauses=())))
        assert server.hung_up.wait(5)
        assert server.sent < IN_FLIGHT


def test_a_huge_chunk_is_read_in_pieces():
    huge = b"7fffffff\r\n" + b"data: x"
    with playing(endless(huge, Transfer_Encoding="chunked")) as server:
        failure_of(engine(server), FIVE_TOKENS)
        assert server.hung_up.wait(5)
        assert server.sent < 2 * MAX_LINE_BYTES + IN_FLIGHT


def test_an_answer_longer_than_its_token_limit_allows_is_aborted():
    with playing(endless(event(chunk("word " * 20)).encode())) as server:
        text, end = answer_of(engine(server), FIVE_TOKENS)
        assert len(text) == 5 * MAX_CHARACTERS_PER_TOKEN
        assert isinstance(end, Done)
        assert end.reason == "length"
        assert server.hung_up.wait(5)
        assert server.sent < IN_FLIGHT


def test_an_endless_answer_without_streaming_is_aborted():
    with playing(endless(b" ", kind="application/json")) as server:
        _, said = failure_of(engine(server), FIVE_TOKENS)
        assert "sends more than an answer can have" in said
        assert server.hung_up.wait(5)
        assert server.sent < MIN_STREAM_BYTES + IN_FLIGHT


def test_a_compressed_answer_is_refused():
    packer = zlib.compressobj(wbits=31)
    packed = packer.compress(b" " * (8 << 20)) + packer.flush()

    def bomb(handler):
        handler.send_response(200)
        handler.send_header("Content-Type", "text/event-stream")
        handler.send_header("Content-Encoding", "gzip")
        handler.send_header("Content-Length", str(len(packed)))
        handler.end_headers()
        handler.wfile.write(packed)

    with playing(bomb) as server:
        _, said = failure_of(engine(server))
        assert "compresses its answers" in said


@pytest.mark.parametrize(("status", "least"), [(200, MAX_LIST_BYTES), (500, MAX_ERROR_BYTES)])
def test_endless_model_lists_and_error_bodies_are_aborted(status, least):
    with playing(endless(b"x", status, "application/json")) as server:
        with pytest.raises(ServerError):
            engine(server).models()
        assert server.hung_up.wait(5)
        assert server.sent < least + IN_FLIGHT


def test_lone_surrogates_are_replaced():
    names = {"data": [{"id": "model \ud800"}]}
    with playing(reply(names)) as server:
        assert engine(server).models() == ["model \ufffd"]
    with playing(reply({"choices": [{"message": {"content": "\udfff!"}}]})) as server:
        first, *_ = events_of(engine(server))
        assert first == Text("\ufffd!")


@pytest.mark.parametrize(
    "begin",
    [
        b"HTTP/1.1 200 OK\r\nX-",
        b'HTTP/1.1 200 OK\r\n\r\n{"data": [',
        b'HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n{"data": [',
        b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\n{"data": ',
        b"HTTP/1.1 500 Oh\r\n\r\nIt",
    ],
    ids=["a header", "a body", "a body of a length", "a chunk", "an error"],
)
@pytest.mark.parametrize("ask", ["models", "identity"])
def test_a_list_of_models_that_trickles_is_left(begin, ask, monkeypatch):
    monkeypatch.setattr("lib_omost.llm.http_connection.Timer", HandTimer)
    with playing(trickle(begin)) as server:
        with pytest.raises(ServerError, match="does not answer in time"):
            getattr(engine(server), ask)()
        assert server.hung_up.wait(5)
    assert HandTimer.seconds.pop() == Timeouts().model_list


class Clock:
    """The time of the engine, which goes on with each piece of an answer that comes."""

    def __init__(self, seconds_a_piece, monkeypatch):
        self.now, self.pace = 0.0, seconds_a_piece
        told = SimpleNamespace(monotonic=lambda: self.now, time=time.time)
        monkeypatch.setattr("lib_omost.llm.server.engine.time", told)

    def pieces_and_end(self, asked):
        *events, end = self.listening(asked.stream(FIVE_TOKENS, threading.Event()))
        return list(filter(is_piece, events)), end

    def listening(self, events):
        for said in events:
            self.now += self.pace * is_piece(said)
            yield said


def is_piece(said):
    return isinstance(said, Text | Thinking)


THIRTY_SECONDS = Timeouts(first_text=20, per_token=2)


@pytest.mark.parametrize("said", [{"text": "x"}, {"reasoning_content": "hm"}])
def test_an_answer_slower_than_any_model_is_aborted(said, monkeypatch):
    with playing(endless(event(chunk(**said)).encode())) as server:
        asked = engine(server, timeouts=THIRTY_SECONDS)
        pieces, end = Clock(10, monkeypatch).pieces_and_end(asked)
        assert len(pieces) == 4
        assert "has not ended its answer in 30 seconds" in end.message
        assert ("the text so far is kept" in end.message) == ("text" in said)
        assert not reading_threads()


def test_a_slow_answer_may_take_as_long_as_its_tokens_need(monkeypatch):
    with playing(stream(*[event(chunk("x"))] * 5, FINISHED)) as server:
        asked = engine(server, timeouts=THIRTY_SECONDS)
        pieces, end = Clock(6, monkeypatch).pieces_and_end(asked)
        assert pieces == 5 * [Text("x")]
        assert isinstance(end, Done)
