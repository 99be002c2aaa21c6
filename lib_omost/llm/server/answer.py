"""Parses the server-sent events of a streamed answer and collects the answer."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from lib_omost.llm.engine import Done, Event, Progress, Text
from lib_omost.llm.server.errors import ServerError

LONGEST_LINE = 1 << 20
"""In bytes; a piece of an answer has some hundreds."""

LONGEST_EVENT = 1 << 20
"""In characters, of all its lines."""

CHARACTERS_A_TOKEN, MOST_CHARACTERS = 128, 4_000_000
"""No token of a known model has more characters: 128 blanks are the longest of Llama 3."""

DONE = "[DONE]"


def event_data(chunks: Iterable[bytes]) -> Iterator[str]:
    """Yield the data of each server-sent event in a stream, wherever its bytes are divided.

    Comments, names and an event that the stream's end cuts off are left out, as the standard wants;
    the field "error", in which older llama.cpp reports errors, counts as data. Raises ServerError
    for a line or an event that has no end.
    """
    data: list[str] = []
    size = 0
    for line in _lines(chunks):
        field, _, value = line.decode("utf-8-sig", "replace").partition(":")
        if field in ("data", "error"):
            size += len(value) + 1
            if size > LONGEST_EVENT:
                raise _garbage()
            data.append(value.removeprefix(" "))
        elif not line and data:
            yield "\n".join(data)
            data, size = [], 0


def _lines(chunks: Iterable[bytes]) -> Iterator[bytes]:
    begun, after_return = bytearray(), False
    for chunk in filter(None, chunks):
        chunk, after_return = (
            chunk.removeprefix(b"\n") if after_return else chunk,
            chunk.endswith(b"\r"),
        )
        *whole, rest = chunk.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
        for line in whole:
            if len(begun) + len(line) > LONGEST_LINE:
                raise _garbage()
            yield bytes(begun) + line
            begun.clear()
        begun += rest
        if len(begun) > LONGEST_LINE:
            raise _garbage()


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


def read_piece(data: str) -> AnswerEvent:
    """Read a chunk of a streamed answer, or an answer in one. Raises ServerError for garbage."""
    try:
        chunk = json.loads(data, strict=False)
    except (ValueError, RecursionError) as error:
        raise _garbage() from error
    if not isinstance(chunk, dict):
        raise _garbage()
    # Older servers report an error without a frame around it.
    bare = chunk if "message" in chunk and "choices" not in chunk else None
    reported = chunk.get("error") or bare
    if reported:
        return AnswerEvent(error=json.dumps({"error": reported}), status=_status(reported))
    choice = _first(chunk.get("choices"))
    said = _mapping(choice.get("delta") or choice.get("message"))
    tokens = _mapping(chunk.get("usage")).get("completion_tokens")
    return AnswerEvent(
        text=_text(said.get("content")),
        thinking=bool(said.get("reasoning_content") or said.get("reasoning")),
        finish=_text(choice.get("finish_reason")),
        tokens=tokens if type(tokens) is int else None,
    )


def _garbage() -> ServerError:
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


def most_characters(tokens: int) -> int:
    """Returns the maximum number of characters of an answer with this number of tokens."""
    return min(CHARACTERS_A_TOKEN * tokens, MOST_CHARACTERS)


def whole_text(text: str) -> str:
    """Return a text that every encoding can hold: JSON may name halves of characters."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


class ServerAnswer:
    """The pieces of one answer, each handed on as an event as it comes.

    tokens: how many were asked for; a server that writes on is not listened to. full: it does.
    """

    def __init__(self, put: Callable[[Event], None], tokens: int) -> None:
        self._put = put
        self._left = most_characters(tokens)
        self.full = False
        self._tokens: int | None = None
        self.pieces = 0
        self.finish = ""

    def add(self, piece: AnswerEvent) -> None:
        """Adds the next event of the answer, which must not be an error."""
        if piece.text:
            self.pieces += 1
            self._put(Text(whole_text(piece.text[: self._left])))
            self._left -= len(piece.text)
        elif piece.thinking:
            self._put(Progress("The model is thinking."))
        self.full = self._left < 0
        self.finish = "length" if self.full else piece.finish or self.finish
        self._tokens = self._tokens if piece.tokens is None else piece.tokens

    def done(self) -> Done:
        """Return how the answer ended; where the server counts no tokens, pieces count as such.

        Raises ServerError for an end that is none: without a word, or given up by the server.
        """
        if self.finish in ("abort", "error", "content_filter"):
            raise ServerError(
                f"The server gave the answer up ({self.finish}); what was written is kept, and "
                "the server's log says why."
            )
        cut_off = self.finish == "length"
        if not self.pieces and not cut_off:
            raise ServerError(
                "The model ended without a word; the conversation may be longer than its context, "
                "so go on from the current canvas alone, or choose another model."
            )
        tokens = self.pieces if self._tokens is None else self._tokens
        return Done("length" if cut_off else "finished", tokens)
