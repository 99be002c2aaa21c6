"""Parses the events of an answer in OpenAI's chat API and collects the answer."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from lib_omost.canvas import formats
from lib_omost.canvas.fields import replace_surrogates
from lib_omost.llm.answer_events import AnswerEvents
from lib_omost.llm.engine import Done, Event, Failed
from lib_omost.llm.server.errors import ServerError, format_error

MAX_CHARACTERS_PER_TOKEN = 128
"""Length of the longest token of all known models: 128 blanks in Llama 3."""

MAX_ANSWER_CHARACTERS = 4_000_000
"""Limit of an answer, whatever number of tokens is requested."""

_LENGTH = ("length", "max_tokens", "model_length", "max_output_tokens")
_FILTERED = ("content_filter", "safety", "prohibited_content", "blocklist", "recitation", "spii")
_ABORTED = ("abort", "error", "cancelled", "insufficient_system_resource")
"""Reasons for the end of an answer, by server: OpenAI, Mistral, Gemini, vLLM, DeepSeek."""


@dataclass(frozen=True)
class AnswerEvent:
    """One event of a streamed answer.

    Attributes:
        text: The next text of the answer.
        thinking: The next text of the model's thinking, which is not part of the answer.
        refusal: The next text of the model's refusal to answer.
        arguments: The next arguments of each function that the model calls, by the call's index.
        finish: The server's reason for the end of the answer; empty before the end.
        tokens: Number of tokens of the thinking and the answer; None if the server does not count
            them.
        thinking_tokens: Number of tokens of the thinking; 0 if the server does not count them.
        error: The server's error message; empty for no error.
        status: HTTP status of the error; 0 if the server names none.
    """

    text: str = ""
    thinking: str = ""
    refusal: str = ""
    arguments: tuple[tuple[int, str], ...] = ()
    finish: str = ""
    tokens: int | None = None
    thinking_tokens: int = 0
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
        raise format_error() from error
    if isinstance(chunk, list):
        chunk = chunk[0] if chunk else None
    if not isinstance(chunk, dict):
        raise format_error()
    # Older servers report an error without the key "error".
    bare = chunk if "message" in chunk and "choices" not in chunk else None
    reported = chunk.get("error") or bare
    if reported:
        return AnswerEvent(error=json.dumps({"error": reported}), status=_status(reported))
    choice = _first(chunk.get("choices"))
    # A complete answer in a stream has both, and an empty "delta".
    message = _mapping(choice.get("delta")) or _mapping(choice.get("message"))
    usage = _mapping(chunk.get("usage"))
    tokens = usage.get("completion_tokens")
    thinking_tokens = _mapping(usage.get("completion_tokens_details")).get("reasoning_tokens")
    return AnswerEvent(
        text=_content_text(message.get("content")) or _text(choice.get("text")),
        thinking=_thinking(message),
        refusal=_text(message.get("refusal")) or _part_texts(message.get("content"), "refusal"),
        arguments=tuple(_arguments(message)),
        finish=_text(choice.get("finish_reason")),
        tokens=tokens if type(tokens) is int else None,
        thinking_tokens=thinking_tokens if type(thinking_tokens) is int else 0,
    )


def _content_text(content: object) -> str:
    return _text(content) or _part_texts(content, "text", "output_text")


def _part_texts(content: object, *kinds: str) -> str:
    """Returns the texts of the parts of some kinds in a content that is a list of parts."""
    if not isinstance(content, list):
        return ""
    parts = [{"text": part} if isinstance(part, str) else _mapping(part) for part in content]
    return "".join(_nested_text(part) for part in parts if part.get("type", "text") in kinds)


def _nested_text(part: dict[str, Any]) -> str:
    """Returns the text of a part; the parts "thinking" of Mistral contain parts themselves."""
    value = next((part[name] for name in ("text", "thinking", "refusal") if name in part), "")
    return _text(value) or _part_texts(value, "text", "thinking")


def _thinking(message: dict[str, Any]) -> str:
    """Returns the thinking of a message, which each server puts into another field."""
    for name in ("reasoning_content", "reasoning", "thinking"):
        if text := _text(message.get(name)):
            return text
    return _part_texts(message.get("content"), "thinking", "reasoning") or _part_texts(
        message.get("reasoning_details"), "reasoning.text", "reasoning.summary"
    )


def _arguments(message: dict[str, Any]) -> Iterator[tuple[int, str]]:
    """Yields the index and the arguments of each function call in a message."""
    calls = message.get("tool_calls")
    calls = calls if isinstance(calls, list) else [{"function": message.get("function_call")}]
    for number, call in enumerate(map(_mapping, calls)):
        arguments = _mapping(call.get("function")).get("arguments")
        # Some servers send the arguments as an object instead of its JSON.
        text = json.dumps(arguments) if isinstance(arguments, dict) else _text(arguments)
        index = call.get("index", number)
        if text:
            yield (index if type(index) is int else number), text


def _status(reported: object) -> int:
    status = _mapping(reported).get("code")
    if isinstance(status, str) and status.isdecimal():
        return int(status)
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
        finish: The reason for the end of the answer; empty before the end.
    """

    def __init__(self, put: Callable[[Event], None], tokens: int) -> None:
        """Starts an empty answer.

        Args:
            put: Receives the events for the user.
            tokens: The requested maximum number of tokens; longer text is dropped.
        """
        self._events = AnswerEvents(put)
        self._left = max_answer_characters(tokens)
        self.full = False
        self._tokens: int | None = None
        self._thinking_tokens = 0
        self._text = ""
        self._refusal = ""
        self._arguments: dict[int, str] = {}
        self.finish = ""

    @property
    def has_begun(self) -> bool:
        """The user has seen a part of the thinking or of the answer."""
        return bool(self._events.pieces or self._events.thinking_pieces)

    @property
    def has_text(self) -> bool:
        """The answer has text, besides thinking."""
        return bool(self._events.pieces)

    @property
    def is_whole_canvas(self) -> bool:
        """The text is a canvas that ends properly, although the server sent no end."""
        reading = formats.read(self._text or "".join(self._arguments.values()))
        return reading.canvas is not None and not reading.diagnostics

    def add(self, event: AnswerEvent) -> None:
        """Adds the next event of the answer, which must not be an error."""
        self._events.add_thinking(self._limited(event.thinking))
        if text := self._limited(event.text):
            self._text += text
            self._events.add(text)
        self._refusal += self._limited(event.refusal)
        for index, arguments in event.arguments:
            self._arguments[index] = self._arguments.get(index, "") + self._limited(arguments)
        self.full = self._left < 0
        self.finish = "length" if self.full else event.finish or self.finish
        self._tokens = self._tokens if event.tokens is None else event.tokens
        self._thinking_tokens = event.thinking_tokens or self._thinking_tokens

    def done(self) -> Done | Failed:
        """Returns the event that ends the answer.

        If the server counts no tokens, every event with text counts as one token.

        Raises:
            ServerError: The answer is empty, the model refused, or the server aborted the answer.
        """
        reason = self.finish.lower()
        if not self._text.strip() and self._arguments:
            self._events.add("\n".join(self._arguments.values()))
        if reason in _FILTERED:
            raise ServerError(
                f"The server's content filter ended the answer ({self.finish}); the text so far is "
                "kept. Describe the picture in other words, or choose another model."
            )
        if self._refusal and not self._text.strip():
            raise ServerError(
                f"The model refuses the request: “{' '.join(self._refusal.split())[:300]}” "
                "Describe the picture in other words, or choose another model."
            )
        if reason in _ABORTED:
            raise ServerError(
                f"The server aborted the answer ({self.finish}); the text so far is kept, and "
                "the server's log says why."
            )
        cut_off = reason in _LENGTH
        if not self.has_begun and not cut_off:
            raise ServerError(
                "The model's answer is empty; the conversation may be longer than its context, "
                "so go on from the current canvas alone, or choose another model."
            )
        pieces = self._events.pieces + self._events.thinking_pieces
        tokens = pieces if self._tokens is None else self._tokens
        end = Done(
            "length" if cut_off else "finished", tokens, thinking_tokens=self._thinking_tokens
        )
        return self._events.finish(end)

    def _limited(self, text: str) -> str:
        limited = replace_surrogates(text[: max(self._left, 0)])
        self._left -= len(text)
        return limited
