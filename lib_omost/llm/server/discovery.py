"""Servers of language models that answer on this machine at their usual ports."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

LOOPBACK = "127.0.0.1"
USUAL_PORTS = (("Ollama", 11434), ("LM Studio", 1234), ("llama.cpp", 8080))
"""The programs that people run, and where each of them listens unless it is told otherwise."""

PATIENCE = 0.5
"""Seconds for a whole answer; a server on this machine needs a few milliseconds."""

MOST_BYTES = 65536
"""Of an answer; a list of models takes less."""


@dataclass(frozen=True)
class LocalServer:
    """A server that answered: its program's name, and its address as `choose` takes it."""

    name: str
    address: str


def local_servers(ports: Sequence[tuple[str, int]] = USUAL_PORTS) -> list[LocalServer]:
    """Return the servers that list models by OpenAI's API, in the order of `ports`.

    Asks nothing but this machine's own address, and all of them at once.
    """
    if not ports:
        return []
    with ThreadPoolExecutor(len(ports)) as threads:
        answers = list(threads.map(_lists_models, (port for _, port in ports)))
    return [
        LocalServer(name, f"{LOOPBACK}:{port}")
        for (name, port), answers_so in zip(ports, answers, strict=True)
        if answers_so
    ]


def _lists_models(port: int) -> bool:
    """Tell whether a list of models comes from a port in time."""
    end = time.monotonic() + PATIENCE
    try:
        head, _, body = _get(port, end).partition(b"\r\n\r\n")
        found = json.loads(body)
    except (OSError, ValueError, RecursionError):  # nothing is there, or something else
        return False
    succeeded = head.split(b" ", 2)[1:2] == [b"200"]
    return succeeded and isinstance(found, dict) and _is_list(found)


def _is_list(found: dict[str, object]) -> bool:
    # Ollama without a model says null instead of an empty list.
    return isinstance(found.get("data"), list) or found.get("object") == "list"


def _get(port: int, end: float) -> bytes:
    """Return what a port answers to GET /v1/models. Raises OSError where it is late or too long."""
    request = f"GET /v1/models HTTP/1.0\r\nHost: {LOOPBACK}:{port}\r\nConnection: close\r\n\r\n"
    with socket.create_connection((LOOPBACK, port), _left(end)) as connection:
        connection.sendall(request.encode())
        answer = b""
        while piece := _receive(connection, end):
            answer += piece
            if len(answer) > MOST_BYTES:
                raise OSError("the answer is too long")
        return answer


def _receive(connection: socket.socket, end: float) -> bytes:
    # For each read anew: a server that sends a byte now and then would stretch a time-out.
    connection.settimeout(_left(end))
    return connection.recv(4096)


def _left(end: float) -> float:
    left = end - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left
