"""A conversation about one canvas: its turns, its edits and its messages for a language model."""

from __future__ import annotations

import functools
from dataclasses import dataclass, replace
from typing import Any

from lib_omost.canvas import formats
from lib_omost.canvas.answer_text import split_answer
from lib_omost.canvas.diagnostics import DiagnosticCollector, Reading
from lib_omost.canvas.edits import apply_edits, find_edits
from lib_omost.canvas.model import Canvas
from lib_omost.llm.engine import Message
from lib_omost.llm.model_notation import CODE, ModelNotation

EMPTY = "the conversation has no turns yet"
UNDESCRIBED = "a picture"
"""Request that the model reads before a canvas that the user drew or imported."""
RESERVE = 1200
"""Tokens reserved for an answer. A canvas of six regions needs about 1000."""


class ConversationError(ValueError):
    """A conversation cannot be read or changed; the message tells the user why."""


@dataclass(frozen=True)
class Turn:
    """A request and its answer.

    Attributes:
        request: The user's request.
        answer: The model's text, "" for no answer yet.
        seed: Seed of the answer.
        page: The page's canvas at the time of the request, as text; "" for a page without a
            canvas. None means the canvas of the newest answer.
        result: The canvas after the answer, as text; "" for the canvas in the answer itself.
        thinking: The model's thinking before the answer. No model reads it again.
    """

    request: str
    answer: str = ""
    seed: int = 0
    page: str | None = None
    result: str = ""
    thinking: str = ""

    @property
    def canvas(self) -> Canvas | None:
        """The canvas after the answer, None if the answer contains no canvas."""
        return read(self.result or self.answer)


@functools.lru_cache(maxsize=64)
def read(text: str) -> Canvas | None:
    """Returns the canvas in a text, None for no canvas."""
    return formats.read(text).canvas if text else None


@dataclass(frozen=True)
class Conversation:
    """Turns, oldest first. Every change returns a new conversation."""

    turns: tuple[Turn, ...] = ()

    @property
    def canvas(self) -> Canvas | None:
        """The page's canvas after the last answer, None for no canvas."""
        for turn in reversed(self.turns):
            if turn.canvas is not None:
                return turn.canvas
            if turn.page is not None:
                return read(turn.page)
        return None

    @property
    def base(self) -> Canvas | None:
        """The canvas that the last request changes, None for a request for a new one."""
        *before, last = self.turns
        return Conversation(tuple(before)).canvas if last.page is None else read(last.page)

    @property
    def replacement_canvas(self) -> Canvas | None:
        """The canvas that replaces the previous answer in the model's input, None for no change."""
        return self._replacement(len(self.turns) - 1)

    def add_request(self, request: str, seed: int = 0, page: str | None = None) -> Conversation:
        """Adds a request.

        Args:
            request: The user's request.
            seed: Seed of the answer.
            page: The page's canvas as text in any form, "" for no canvas. None means the canvas of
                the newest answer.

        Raises:
            ConversationError: The request is empty or the page's text is no canvas.
        """
        if not request.strip():
            raise ConversationError("the request is empty; describe the picture")
        turn = Turn(request, seed=seed, page=self._page_field(page))
        return Conversation((*self.turns, turn))

    def answer(self, text: str, thinking: str = "") -> Conversation:
        """Sets or replaces the answer of the last turn.

        Args:
            text: The model's text. Thinking between marks becomes a part of the thinking, unless
                the text is nothing else.
            thinking: The model's thinking.
        """
        text, marked = _without_thinking(text)
        return self._with_last(answer=text, result="", thinking=thinking + marked)

    def finish(self, text: str, notation: ModelNotation = CODE, thinking: str = "") -> Conversation:
        """Sets the complete answer of the last turn and its canvas.

        Args:
            text: The model's text.
            notation: The notation in which the model writes canvases.
            thinking: The model's thinking.
        """
        answered = self.answer(text, thinking)
        canvas = self.read_answer(text, notation).canvas
        if canvas is None or canvas == read(text):
            return answered
        return answered._with_last(result=formats.to_text(canvas))

    def read_answer(self, text: str, notation: ModelNotation = CODE) -> Reading:
        """Reads the answer to the last turn: the canvas after it, and the diagnostics.

        An answer that describes only changes is applied to the canvas that the model was given.

        Args:
            text: The model's text, a canvas or edits of the canvas on the page.
            notation: The notation in which the model writes canvases.
        """
        edits = find_edits(text) if notation.edit_messages and self.base else None
        if edits is not None and self.base is not None:
            diagnostics = DiagnosticCollector()
            simplified = notation.simplify(self.base, self._last.request)
            canvas = apply_edits(simplified.canvas, edits, diagnostics, simplified.positions)
            return diagnostics.reading(canvas)
        given = self.replacement_canvas
        given = self.base if given is None else notation.simplify(given, self._last.request).copy
        reading = formats.read(text, previous=given)
        if reading.canvas is None:
            return reading
        return replace(reading, canvas=self.apply_answer(reading.canvas, notation))

    def apply_answer(self, written: Canvas, notation: ModelNotation) -> Canvas:
        """Returns the canvas after an answer.

        A model that got a simplified copy of the page's canvas changes only that copy. This method
        applies the model's changes to the page's canvas.

        Args:
            written: The canvas in the model's answer to the last turn.
            notation: The notation in which the model writes canvases.
        """
        if self.replacement_canvas is None:
            return written
        request = self._last.request
        return notation.apply_answer(
            notation.simplify(self.replacement_canvas, request), request, written
        )

    def retry(self) -> Conversation:
        """Removes the last answer and increments its seed."""
        return self._with_last(answer="", result="", thinking="", seed=self._last.seed + 1)

    def edit(self, number: int, request: str) -> Conversation:
        """Replaces a request and removes its answer and all later turns.

        Args:
            number: Index of the turn.
            request: The new request.

        Raises:
            ConversationError: There is no such turn, or the request is empty.
        """
        if not 0 <= number < len(self.turns):
            raise ConversationError(f"there is no turn {number + 1} of {len(self.turns)}")
        old = self.turns[number]
        asked = Conversation(self.turns[:number]).add_request(request, old.seed)
        return asked._with_last(page=old.page)

    def messages(self, system: str, notation: ModelNotation = CODE) -> tuple[Message, ...]:
        """Returns the messages for a language model.

        If the page's canvas differs from the previous answer, the page's canvas replaces that
        answer. A model that writes edits gets the page's canvas and the last request alone.

        Args:
            system: The system prompt of new canvases, "" for none.
            notation: The notation in which the model writes canvases.
        """
        if self.turns and notation.edit_messages and (base := self.base) is not None:
            request = self._last.request
            return notation.edit_messages(notation.simplify(base, request).copy, request)
        messages: list[Message] = []
        for number, turn in enumerate(self.turns):
            canvas = self._replacement(number)
            if turn.page == "":
                messages.clear()
            if canvas is not None:
                if messages and messages[-1]["role"] == "assistant":
                    messages.pop()
                if not messages:
                    messages.append({"role": "user", "content": canvas.description or UNDESCRIBED})
                copy = notation.simplify(canvas, turn.request).copy
                messages.append({"role": "assistant", "content": notation.write(copy)})
            messages.append({"role": "user", "content": turn.request})
            if turn.answer:
                # Chats of earlier versions contain thinking between marks in their answers.
                answer, _ = _without_thinking(turn.answer)
                messages.append({"role": "assistant", "content": answer})
        before: list[Message] = [{"role": "system", "content": system}] if system else []
        return (*before, *messages)

    def condensed(self) -> Conversation:
        """Replaces all answered turns by their canvas, which frees most of the context.

        Raises:
            ConversationError: The conversation has no canvas.
        """
        last = self.turns[-1] if self.turns else None
        canvas = self.canvas if last is None or last.answer else self.base
        if canvas is None:
            raise ConversationError("no answer holds a canvas that could be continued from")
        if last is None or last.answer:
            return Conversation()
        return Conversation((replace(last, page=formats.to_text(canvas)),))

    def _page_field(self, page: str | None) -> str | None:
        """Returns `Turn.page` for a new request."""
        if page is None:
            return None
        if not page.strip():
            return None if self.canvas is None else ""
        reading = formats.read(page)
        if reading.canvas is None:
            raise ConversationError(
                "the canvas on the page cannot be read, so the model cannot see it "
                f"({reading.diagnostics[-1].message}): repair it, undo the change, or empty it"
            )
        try:
            return None if reading.canvas == self.canvas else formats.to_text(reading.canvas)
        except formats.CanvasWriteError as error:
            raise ConversationError(f"the canvas on the page is too large: {error}") from error

    def _replacement(self, number: int) -> Canvas | None:
        """Returns the canvas that replaces the previous answer in a turn, None for no change."""
        turn = self.turns[number]
        if turn.page is not None:
            return read(turn.page)
        former = self.turns[number - 1] if number else None
        return read(former.result) if former and former.result else None

    @property
    def _last(self) -> Turn:
        if not self.turns:
            raise ConversationError(EMPTY)
        return self.turns[-1]

    def _with_last(self, **changes: Any) -> Conversation:
        return Conversation((*self.turns[:-1], replace(self._last, **changes)))


def _without_thinking(text: str) -> tuple[str, str]:
    """Returns the answer in a model's text and the thinking between marks, "" for none.

    Text that is nothing but thinking stays the answer, because it may contain a canvas.
    """
    split = split_answer(text)
    if split.thinking and split.answer.strip():
        return split.answer.strip(), split.thinking.strip()
    return text, ""


def fits(tokens: int, context: int) -> bool:
    """Returns whether a prompt leaves room for an answer in the model's context.

    Args:
        tokens: Tokens of the prompt.
        context: Context length in tokens.
    """
    return tokens + RESERVE <= context
