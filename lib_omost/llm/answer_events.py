"""Turns a model's text into events: its thinking, its answer, and the end of both."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from lib_omost.canvas import formats
from lib_omost.canvas.thinking_stream import AnswerPart, ThinkingSplitter
from lib_omost.llm.engine import Done, Event, Failed, Text, Thinking, ThinkingEffort

CANVAS_IN_THINKING = (
    "The model wrote its canvas as thinking and no answer after it; the canvas was read from there."
)

ONLY_THINKING = Failed(
    "The model's thinking used up the tokens of the answer: set “Thinking” to off or low, or allow "
    "more tokens (“Most tokens of an answer”).",
    only_thinking=True,
)

NO_ANSWER = Failed(
    "The model only thought and wrote no answer: set “Thinking” to off or low, or ask again."
)


def template_arguments(thinking: ThinkingEffort) -> dict[str, Any]:
    """Returns the arguments of chat templates that switch thinking.

    The templates of Qwen, GLM, DeepSeek and gpt-oss name them differently and ignore the others.

    Args:
        thinking: How much the model thinks.
    """
    if thinking == "automatic":
        return {}
    is_on = thinking != "off"
    effort = {"reasoning_effort": thinking} if is_on else {}
    return {"enable_thinking": is_on, "thinking": is_on, **effort}


class AnswerEvents:
    """Emits a model's text as events and finds a canvas that the model wrote as thinking.

    Attributes:
        pieces: Number of Text events, about the number of the answer's tokens.
        thinking_pieces: Number of Thinking events.
    """

    def __init__(
        self,
        emit: Callable[[Event], None],
        *,
        thinking: bool = False,
        is_restricted: bool = False,
    ) -> None:
        """Starts an answer.

        Args:
            emit: Receives the events.
            thinking: The prompt ended with an opening mark, so the text begins with thinking.
            is_restricted: A grammar restricts all of the text, so thinking without marks is an
                answer in the wrong place if no other answer follows.
        """
        self.pieces = 0
        self.thinking_pieces = 0
        self._emit = emit
        self._is_restricted = is_restricted
        self._splitter = ThinkingSplitter(thinking=thinking)
        self._thinking = self._unmarked = ""
        self._is_blank = True

    def add(self, text: str) -> None:
        """Emits the next piece of the model's text, which may contain thinking between marks."""
        self._add_parts(self._splitter.add(text))

    def add_thinking(self, text: str) -> None:
        """Emits a piece of thinking that had no marks in the text."""
        self._unmarked += text
        self._add_thinking(text)

    def finish(self, end: Done) -> Done | Failed:
        """Emits the rest of the text and returns the last event.

        Args:
            end: The end of the model's text; its tokens include the thinking.
        """
        self._add_parts(self._splitter.finish())
        thinking_tokens = min(end.thinking_tokens or self.thinking_pieces, end.tokens)
        counted = replace(end, tokens=end.tokens - thinking_tokens, thinking_tokens=thinking_tokens)
        if not self._is_blank or not self._thinking or end.reason == "cancelled":
            return counted
        answer = self._unmarked if self._is_restricted else _answer_in(self._thinking)
        if answer:
            self._add_answer(answer)
            return replace(counted, remarks=(*end.remarks, CANVAS_IN_THINKING))
        return ONLY_THINKING if end.reason in ("length", "repetition") else NO_ANSWER

    def _add_thinking(self, text: str) -> None:
        if text:
            self.thinking_pieces += 1
            self._thinking += text
            self._emit(Thinking(text))

    def _add_parts(self, parts: list[AnswerPart]) -> None:
        for part in parts:
            if part.is_thinking:
                self._add_thinking(part.text)
            else:
                self._add_answer(part.text)

    def _add_answer(self, text: str) -> None:
        # Blank lines separate the thinking from the answer.
        text = text.lstrip() if self._is_blank and self._thinking else text
        if text:
            self._is_blank = self._is_blank and not text.strip()
            self.pieces += 1
            self._emit(Text(text))


def _answer_in(thinking: str) -> str:
    """Returns the canvas or the edits in a model's thinking, "" for neither.

    Prose around a canvas is left out, because the answer goes back to the model with the next
    request.
    """
    if _is_json(thinking):
        return thinking
    canvas = formats.read(thinking).canvas
    return formats.to_text(canvas) if canvas is not None and canvas.regions else ""


def _is_json(text: str) -> bool:
    try:
        return isinstance(json.loads(text, strict=False), (dict, list))
    except (ValueError, RecursionError):
        return False
