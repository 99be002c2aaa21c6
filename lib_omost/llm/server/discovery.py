"""Finds language model servers on this machine by their default ports."""

from __future__ import annotations

import json
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
    """A server on this machine: the name of its program and its address (host:port)."""

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
    """Returns True if a port answers in time with a list of models."""
    # Here, as it imports requests, which only those need who have a server.
    from requests import RequestException

    from lib_omost.llm.server.connection import CompressedError, Connection, OversizeError

    url = f"http://{LOOPBACK}:{port}/v1/models"
    connection = Connection("", PATIENCE)
    try:
        with connection.ask("GET", url, answer_seconds=PATIENCE, whole_seconds=PATIENCE) as reply:
            if not reply.ok or reply.redirect is not None:
                return False
            found = json.loads(reply.body(MOST_BYTES))
    except (RequestException, CompressedError, OversizeError, ValueError, RecursionError):
        return False  # nothing is there, or something else
    return isinstance(found, dict) and _is_list(found)


def _is_list(found: dict[str, object]) -> bool:
    # Ollama without a model says null instead of an empty list.
    return isinstance(found.get("data"), list) or found.get("object") == "list"
