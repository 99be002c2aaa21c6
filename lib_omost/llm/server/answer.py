"""Parses the server-sent events of a streamed answer and collects the answer."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from lib_omost.canvas.fields import replace_surrogates
from lib_omost.llm.engine import Done, Event, Progress, Text
from lib_omost.llm.server.errors import ServerError

MAX_LINE_BYTES = 1 << 20
"""Limit of a line of the stream; one event of an answer has some hundred bytes."""

MAX_EVENT_CHARACTERS = 1 << 20
"""Limit of all lines of one event."""

MAX_CHARACTERS_PER_TOKEN = 128
"""Length of the longest token of all known models: 128 blanks in Llama 3."""

MAX_ANSWER_CHARACTERS = 4_000_000
"""Limit of an answer, whatever number of tokens is requested."""

DONE = "[DONE]"
"""The data of the event that ends a stream."""


def event_data(chunks: Iterable[bytes]) -> Iterator[str]:
    """Yields the data of each server-sent event (https://html.spec.whatwg.org).

    Skips comments, event names and an incomplete last event, as the standard requires. The field
    "error", in which older versions of llama.cpp report errors, counts as data.

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
            size += len(value) + 1
            if size > MAX_EVENT_CHARACTERS:
                raise _format_error()
            data.append(value.removeprefix(" "))
        elif not line and data:
            yield "\n".join(data)
            data, size = [], 0


def _lines(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yields the lines of a stream, which end with LF, CR or both, except an incomplete last."""
    begun, after_return = bytearray(), False
    for chunk in filter(None, chunks):
        chunk, after_return = (
            chunk.removeprefix(b"\n") if after_return else chunk,
            chunk.endswith(b"\r"),
        )
        *whole, rest = chunk.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
        for line in whole:
            if len(begun) + len(line) > MAX_LINE_BYTES:
                raise _format_error()
            yield bytes(begun) + line
            begun.clear()
        begun += rest
        if len(begun) > MAX_LINE_BYTES:
            raise _format_error()


@dataclass(frozen=True)
class AnswerEvent:
    """One event of a streamed answer.

    Attributes:
        text: The next text of the answer.
        thinking: The event contains reasoning, which is not part of the answer.
        finish: The server's reason for the end of the answer; empty before the end.
        tokens: Number of tokens of the whole answer; None if the server does not count them.
        error: The server's error message; empty for no error.
        status: HTTP status of the error; 0 if the server names none.
    """

    text: str = ""
    thinking: bool = False
    finish: str = ""
    tokens: int | None = None
    error: str = ""
    status: int = 0


def parse_answer_event(data: str) -> AnswerEvent:
    """Parses one event of a streamed answer, or a complete answer that is not streamed.

    Args:
        data: A JSON object of OpenAI's chat API.

    Raises:
        ServerError: The data is no such object.
    """
    try:
        chunk = json.loads(data, strict=False)
    except (ValueError, RecursionError) as error:
        raise _format_error() from error
    if not isinstance(chunk, dict):
        raise _format_error()
    # Older servers report an error without the key "error".
    bare = chunk if "message" in chunk and "choices" not in chunk else None
    reported = chunk.get("error") or bare
    if reported:
        return AnswerEvent(error=json.dumps({"error": reported}), status=_status(reported))
    choice = _first(chunk.get("choices"))
    message = _mapping(choice.get("delta") or choice.get("message"))
    tokens = _mapping(chunk.get("usage")).get("completion_tokens")
    return AnswerEvent(
        text=_text(message.get("content")),
        thinking=bool(message.get("reasoning_content") or message.get("reasoning")),
        finish=_text(choice.get("finish_reason")),
        tokens=tokens if type(tokens) is int else None,
    )


def _format_error() -> ServerError:
    return ServerError(
        "The server's answer is not in the form of OpenAI's chat API; check the address, and that "
        "no other program answers there."
    )


def _status(reported: object) -> int:
    status = _mapping(reported).get("code")
    return status if type(status) is int else 0


def _first(value: object) -> dict[str, Any]:
    return _mapping(value[0]) if isinstance(value, list) and value else {}


def _mapping(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def max_answer_characters(tokens: int) -> int:
    """Returns the maximum number of characters of an answer with this number of tokens."""
    return min(MAX_CHARACTERS_PER_TOKEN * tokens, MAX_ANSWER_CHARACTERS)


class ServerAnswer:
    """Collects the events of one answer and forwards each of them at once.

    Attributes:
        full: The answer has more characters than the requested tokens can have.
        pieces: Number of events with text.
        finish: The reason for the end of the answer; empty before the end.
    """

    def __init__(self, put: Callable[[Event], None], tokens: int) -> None:
        """Starts an empty answer.

        Args:
            put: Receives the events for the user.
            tokens: The requested maximum number of tokens; longer text is dropped.
        """
        self._put = put
        self._left = max_answer_characters(tokens)
        self.full = False
        self._tokens: int | None = None
        self.pieces = 0
        self.finish = ""

    def add(self, event: AnswerEvent) -> None:
        """Adds the next event of the answer, which must not be an error."""
        if event.text:
            self.pieces += 1
            self._put(Text(replace_surrogates(event.text[: self._left])))
            self._left -= len(event.text)
        elif event.thinking:
            self._put(Progress("The model is thinking."))
        self.full = self._left < 0
        self.finish = "length" if self.full else event.finish or self.finish
        self._tokens = self._tokens if event.tokens is None else event.tokens

    def done(self) -> Done:
        """Returns the event that ends the answer.

        If the server counts no tokens, every event with text counts as one token.

        Raises:
            ServerError: The answer is empty, or the server aborted the answer.
        """
        if self.finish in ("abort", "error", "content_filter"):
            raise ServerError(
                f"The server aborted the answer ({self.finish}); the text so far is kept, and "
                "the server's log says why."
            )
        cut_off = self.finish == "length"
        if not self.pieces and not cut_off:
            raise ServerError(
                "The model's answer is empty; the conversation may be longer than its context, "
                "so go on from the current canvas alone, or choose another model."
            )
        tokens = self.pieces if self._tokens is None else self._tokens
        return Done("length" if cut_off else "finished", tokens)
