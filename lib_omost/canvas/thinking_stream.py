"""Splits thinking from the answer in a stream of text; answer_text.py does it for a whole text."""

from __future__ import annotations

import re
from dataclasses import dataclass

from lib_omost.canvas.answer_text import THINKING_MARKS

_PAIRS = {
    opening: closing
    for opening, closing in THINKING_MARKS.items()
    if not opening[0].isalpha()  # a phrase could also be a part of the answer
}

_HEAD = (
    r"(?:<\|start\|>\s*assistant\s*)?<\|channel\|>\s*(?P<channel>\w+)\b[^{}<]{0,80}"
    r"(?:<\|constrain\|>[^{}<]{0,20})?<\|message\|>"
)
"""The head of a Harmony message. Its channel "analysis" is thinking."""

_HEAD_BEGINNINGS = ("<|start|>", "<|channel|>")

_OPENING = re.compile("|".join([*map(re.escape, _PAIRS), _HEAD]), re.IGNORECASE)

_CLOSING = re.compile("|".join(map(re.escape, _PAIRS.values())), re.IGNORECASE)

_HARMONY_CLOSING = re.compile(rf"<\|end\|>|<\|return\|>|(?={_HEAD})", re.IGNORECASE)

_PLAIN_OPENING = re.compile(r"\s*analysis(?=[A-Z])")
"""The head of a Harmony answer whose marks are lost: "analysisThe user wants..."."""

_PLAIN_CLOSING = re.compile(r"assistant(?:final|commentary(?: to=\S+)?)\s*(?:json)?")

_CANVAS_BEGINNING = re.compile(r"[{(]|```")
"""After these characters a mark is a part of the canvas's own text."""

_MARKS = (*_PAIRS, *_PAIRS.values(), "<|end|>", "<|return|>", *_HEAD_BEGINNINGS)

_MAX_MARK = 160
"""Maximum length of a mark in characters."""


@dataclass(frozen=True)
class AnswerPart:
    """A part of a model's text.

    Attributes:
        text: The part without the marks around thinking.
        is_thinking: The part is thinking and does not belong to the answer.
    """

    text: str
    is_thinking: bool


class ThinkingSplitter:
    """Splits a text that arrives in pieces.

    A piece may end within a mark, so an end that may begin a mark waits for the next piece. A
    closing mark without an opening one changes nothing here, because the text before it was
    returned already; `answer_text.split_answer` interprets it.
    """

    def __init__(self, *, thinking: bool = False) -> None:
        """Starts a text.

        Args:
            thinking: The prompt ended with an opening mark, so the text begins with thinking.
        """
        self._closing = _CLOSING if thinking else None  # None outside of thinking
        self._waiting = ""
        self._answer = ""
        self._has_canvas = False

    def add(self, text: str) -> list[AnswerPart]:
        """Returns the parts that the next piece of the text completes."""
        return self._split(self._waiting + text, is_last=False)

    def finish(self) -> list[AnswerPart]:
        """Returns the parts that are left at the end of the text."""
        return self._split(self._waiting, is_last=True)

    def _split(self, text: str, *, is_last: bool) -> list[AnswerPart]:
        parts: list[AnswerPart] = []
        while match := self._next_mark(text):
            parts += self._part(text[: match.start()])
            self._closing = None if self._closing else _closing_mark(match)
            text = text[match.end() :]
        waiting = 0 if is_last or self._has_canvas else self._waiting_length(text)
        parts += self._part(text[: len(text) - waiting])
        self._waiting = text[len(text) - waiting :]
        return parts

    def _next_mark(self, text: str) -> re.Match[str] | None:
        if self._closing:
            return self._closing.search(text)
        if self._has_canvas:
            return None
        plain = None if self._answer.strip() else _PLAIN_OPENING.match(text)
        match = plain or _OPENING.search(text)
        return None if match and _CANVAS_BEGINNING.search(text, 0, match.start()) else match

    def _waiting_length(self, text: str) -> int:
        """Returns the length of the end of a text that may begin a mark."""
        tail = text[-_MAX_MARK:].lower()
        for match in re.finditer(r"[<\[◁]", tail):
            begun = tail[match.start() :]
            is_head = any(begun.startswith(beginning) for beginning in _HEAD_BEGINNINGS)
            if is_head or any(mark.startswith(begun) for mark in _MARKS):
                return len(begun)
        if self._closing is _PLAIN_CLOSING:
            final = tail.rfind("ass")
            return len(tail) - final if final >= 0 else 0
        # Not for a single "a": no model divides this word there, and its text would be late.
        word = "" if self._closing or self._answer.strip() else tail.lstrip()
        return len(tail) if len(word) > 1 and "analysis".startswith(word) else 0

    def _part(self, text: str) -> list[AnswerPart]:
        if not text:
            return []
        if not self._closing:
            self._answer += text
            self._has_canvas = self._has_canvas or bool(_CANVAS_BEGINNING.search(text))
        return [AnswerPart(text, is_thinking=self._closing is not None)]


def ends_with_opening(prompt: str) -> bool:
    """Returns whether a prompt ends with an opening mark, so that a model goes on thinking."""
    return prompt.rstrip().lower().endswith(tuple(_PAIRS))


def _closing_mark(opening: re.Match[str]) -> re.Pattern[str] | None:
    """Returns the mark that ends the part after an opening mark; None for a part of the answer."""
    if opening.re is _PLAIN_OPENING:
        return _PLAIN_CLOSING
    if channel := opening["channel"]:
        return _HARMONY_CLOSING if channel.lower() == "analysis" else None
    return re.compile(re.escape(_PAIRS[opening[0].lower()]), re.IGNORECASE)
