"""Splits the body of a streamed answer into JSON texts: server-sent events, or one whole text."""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterable, Iterator
from itertools import chain

from lib_omost.llm.server.errors import format_error

MAX_LINE_BYTES = 1 << 20
"""Limit of a line of the stream; one event of an answer has some hundred bytes."""

MAX_EVENT_CHARACTERS = 1 << 20
"""Limit of all lines of one event."""

DONE = "[DONE]"
"""The data of the event that ends a stream."""


def answer_data(chunks: Iterable[bytes]) -> Iterator[str]:
    """Yields the JSON texts of an answer, whatever content type its server claims.

    A server that cannot stream sends a single JSON object. Some send one object a line.

    Args:
        chunks: The bytes of the response, split at arbitrary positions.

    Raises:
        ServerError: A line or an event exceeds its limit.
    """
    chunks = iter(chunks)
    begun = b""
    for chunk in chunks:
        begun += chunk
        if begun.removeprefix(codecs.BOM_UTF8).strip() and not codecs.BOM_UTF8.startswith(begun):
            break
    begun = begun.removeprefix(codecs.BOM_UTF8).lstrip()
    if begun[:1] not in (b"{", b"["):
        yield from event_data(chain([begun], chunks))
        return
    whole = b"".join([begun, *chunks]).decode(errors="replace").strip()
    lines = whole.split("\n")
    if len(lines) > 1 and all(line.strip()[:1] + line.strip()[-1:] == "{}" for line in lines):
        yield from lines
    else:
        yield whole


def event_data(chunks: Iterable[bytes]) -> Iterator[str]:
    """Yields the data of each server-sent event (https://html.spec.whatwg.org).

    Skips comments, event names and an incomplete last event, as the standard requires. The field
    "error", in which older versions of llama.cpp report errors, counts as data. Servers that omit
    the empty line after an event are understood too, if the data is a JSON object.

    Args:
        chunks: The bytes of the stream, split at arbitrary positions.

    Raises:
        ServerError: A line or an event exceeds its limit.
    """
    data: list[str] = []
    size = 0
    for line in _lines(chunks):
        field, _, value = line.decode("utf-8-sig", "replace").partition(":")
        if field in ("data", "error"):
            value = value.removeprefix(" ")
            if data and value[:1] in ("{", DONE[0]) and _is_complete(data):
                yield "\n".join(data)
                data, size = [], 0
            size += len(value) + 1
            if size > MAX_EVENT_CHARACTERS:
                raise format_error()
            data.append(value)
        elif not line and data:
            yield "\n".join(data)
            data, size = [], 0
    if _is_complete(data):
        yield "\n".join(data)


def _is_complete(data: list[str]) -> bool:
    """Returns whether the lines of an event are a whole JSON object or the mark of the end."""
    text = "\n".join(data).strip()
    if text == DONE:
        return True
    if text[:1] + text[-1:] != "{}":
        return False
    try:
        json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return False
    return True


def _lines(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yields the lines of a stream, which end with LF, CR or both."""
    begun, after_return = bytearray(), False
    for chunk in filter(None, chunks):
        chunk, after_return = (
            chunk.removeprefix(b"\n") if after_return else chunk,
            chunk.endswith(b"\r"),
        )
        *whole, rest = chunk.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
        for line in whole:
            if len(begun) + len(line) > MAX_LINE_BYTES:
                raise format_error()
            yield bytes(begun) + line
            begun.clear()
        begun += rest
        if len(begun) > MAX_LINE_BYTES:
            raise format_error()
    if begun:
        yield bytes(begun)
