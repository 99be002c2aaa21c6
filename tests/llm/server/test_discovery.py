"""Servers that answer on this machine: real ones, on ports of their own."""

import json
import socket
import threading
import time
from contextlib import contextmanager

import pytest

from lib_omost.llm.server import discovery as module
from lib_omost.llm.server.discovery import MAX_LIST_BYTES, LocalServer, local_servers

MODELS = json.dumps({"object": "list", "data": [{"id": "llama3"}]})


@contextmanager
def server(*pieces, pause=0.0, seen=None):
    """Answer one request with these pieces; yields the port. seen: takes the request."""
    listening = socket.create_server(("127.0.0.1", 0))

    def answer():
        try:
            connection, _ = listening.accept()
        except OSError:  # nobody asked
            return
        with connection:
            request = connection.recv(4096)
            if seen is not None:
                seen.append(request)
            try:
                for piece in pieces:
                    connection.sendall(piece.encode())
                    time.sleep(pause)
            except OSError:
                pass  # whoever asked has gone

    thread = threading.Thread(target=answer, daemon=True)
    thread.start()
    yield listening.getsockname()[1]
    listening.close()
    thread.join(5)


def http(body, status="200 OK"):
    return f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\n\r\n{body}"


def closed_port():
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return listening.getsockname()[1]


def test_answering_servers_are_listed_by_name_in_the_order_of_the_ports():
    seen = []
    with server(http(MODELS), seen=seen) as one, server(http(MODELS)) as other:
        ports = (("Ollama", one), ("LM Studio", closed_port()), ("llama.cpp", other))
        assert local_servers(ports) == [
            LocalServer("Ollama", f"127.0.0.1:{one}"),
            LocalServer("llama.cpp", f"127.0.0.1:{other}"),
        ]
    assert seen[0].startswith(b"GET /v1/models HTTP/1.1\r\n")


def test_the_usual_ports_are_probed_by_default():
    assert dict(module.DEFAULT_PORTS) == {"Ollama": 11434, "LM Studio": 1234, "llama.cpp": 8080}
    assert local_servers(()) == []


def test_ollama_without_a_model_is_found():
    with server(http('{"object": "list", "data": null}')) as port:
        assert local_servers((("Ollama", port),)) != []


@pytest.mark.parametrize(
    "answer",
    [
        http("<html>"),
        http('{"models": 3}'),
        http("[]"),
        http("[" * 60_000),
        http(MODELS, "404 Not Found"),
        http(MODELS, "302 Found\r\nLocation: http://127.0.0.1:1/"),
        "SSH-2.0-OpenSSH",
        "",
    ],
)
def test_a_program_that_lists_no_models_is_not_offered(answer):
    with server(answer) as port:
        assert local_servers((("Ollama", port),)) == []


def test_the_probe_stops_reading_a_list_above_the_size_limit():
    pieces = [http('{"data": ["'), *["x" * 4096] * 100, '"]}']
    assert sum(map(len, pieces)) > MAX_LIST_BYTES
    with server(*pieces) as port:
        assert local_servers((("Ollama", port),)) == []


def test_the_probe_stops_at_its_time_limit_if_the_server_is_slow(monkeypatch):
    """Each byte comes in time, the whole never would."""
    monkeypatch.setattr(module, "TIMEOUT", 0.2)
    began = time.monotonic()
    with server(*http(MODELS * 50), pause=0.02) as port:
        assert local_servers((("Ollama", port),)) == []
    assert time.monotonic() - began < 10  # the whole takes half a minute
