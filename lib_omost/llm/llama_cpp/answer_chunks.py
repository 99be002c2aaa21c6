"""Turns the chunks of llama.cpp's streamed answer into events."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from lib_omost.llm.engine import Done, Event, Failed, Progress, Text, Thinking
from lib_omost.llm.llama_cpp.failures import explain_refusal
from lib_omost.llm.repetition import has_loop

LOOP_CHECK_PIECES = 32
"""Number of pieces of text between two checks for a loop."""


class ChunkedAnswer:
    """An answer that arrives in chunks.

    Args:
        put: Receives the events.

    Attributes:
        pieces: Number of events with text or thinking, about the number of tokens.
    """

    def __init__(self, put: Callable[[Event], None]) -> None:
        self._put = put
        self._text = ""
        self._tokens: int | None = None
        self._finish = ""
        self._failure: Failed | None = None
        self.pieces = 0

    def add(self, chunk: Mapping[str, Any]) -> bool:
        """Adds the next chunk.

        Args:
            chunk: An object of OpenAI's chat API with llama.cpp's additions.

        Returns:
            Whether the answer must end here.
        """
        error = chunk.get("error")
        if error:
            self._failure = explain_refusal(error)
            return True
        self._read_progress(chunk.get("prompt_progress"))
        usage = chunk.get("usage")
        self._tokens = usage["completion_tokens"] if usage else self._tokens
        for choice in chunk.get("choices", ()):
            self._finish = choice.get("finish_reason") or self._finish
            self._read_delta(choice["delta"])
        return self._finish == "repetition"

    def end(self, *, cancelled: bool) -> Done | Failed:
        """Returns the event that ends the answer.

        Args:
            cancelled: Whether the task is cancelled.
        """
        if self._failure is not None:
            return self._failure
        tokens = self.pieces if self._tokens is None else self._tokens
        if cancelled:
            return Done("cancelled", tokens)
        if self._finish == "repetition":
            return Done("repetition", tokens)
        return Done("length" if self._finish == "length" else "finished", tokens)

    def _read_progress(self, progress: Mapping[str, int] | None) -> None:
        if progress:
            new = progress["total"] - progress["cache"]
            done = progress["processed"] - progress["cache"]
            self._put(Progress("Reading the conversation", done / new if new else 1.0))

    def _read_delta(self, delta: Mapping[str, Any]) -> None:
        thinking, text = delta.get("reasoning_content"), delta.get("content")
        if thinking:
            self.pieces += 1
            self._put(Thinking(thinking))
        if not text:
            return
        self.pieces += 1
        self._text += text
        self._put(Text(text))
        if self.pieces % LOOP_CHECK_PIECES == 0 and has_loop(self._text):
            self._finish = "repetition"
