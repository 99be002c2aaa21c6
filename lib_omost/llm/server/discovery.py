"""Finds language model servers on this machine by their default ports."""

from __future__ import annotations

import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

LOOPBACK = "127.0.0.1"
DEFAULT_PORTS = (("Ollama", 11434), ("LM Studio", 1234), ("llama.cpp", 8080))
"""Common server programs and their default ports."""

TIMEOUT = 0.5
"""Limit of a complete response in seconds; a server on this machine needs a few milliseconds."""

MAX_LIST_BYTES = 65536
"""Limit of a response; a list of models is smaller."""


@dataclass(frozen=True)
class LocalServer:
    """A server on this machine: the name of its program and its address (host:port)."""

    name: str
    address: str


def local_servers(ports: Sequence[tuple[str, int]] = DEFAULT_PORTS) -> list[LocalServer]:
    """Returns the running servers that list models over OpenAI's API.

    All ports are tried at the same time, only on the loopback address.

    Args:
        ports: Pairs of a program's name and its port, in the order of the result.
    """
    if not ports:
        return []
    with ThreadPoolExecutor(len(ports)) as threads:
        answers = list(threads.map(_lists_models, (port for _, port in ports)))
    return [
        LocalServer(name, f"{LOOPBACK}:{port}")
        for (name, port), is_server in zip(ports, answers, strict=True)
        if is_server
    ]


def _lists_models(port: int) -> bool:
    """Returns True if a port answers in time with a list of models."""
    # Imported late: only users of a server need the package requests.
    from requests import RequestException

    from lib_omost.llm.http_connection import CompressedError, Connection, OversizeError

    url = f"http://{LOOPBACK}:{port}/v1/models"
    connection = Connection("", TIMEOUT)
    try:
        with connection.send("GET", url, read_timeout=TIMEOUT, total_timeout=TIMEOUT) as reply:
            if not reply.ok or reply.redirect is not None:
                return False
            found = json.loads(reply.body(MAX_LIST_BYTES))
    except (RequestException, CompressedError, OversizeError, ValueError, RecursionError):
        return False  # no server, or another program
    return isinstance(found, dict) and _is_list(found)


def _is_list(found: dict[str, object]) -> bool:
    # Ollama without a model returns null instead of an empty list.
    return isinstance(found.get("data"), list) or found.get("object") == "list"
