"""A conversation about one picture: asked, answered and edited without losing any of it."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any

from lib_omost.canvas.code import read_code, write_code
from lib_omost.canvas.model import Canvas
from lib_omost.llm.engine import Message

FORMAT = "omost conversation"
NOTHING = "the conversation is empty; nothing can be taken back"
RESERVE = 1200
"""Tokens kept free for an answer: a canvas of six regions takes about a thousand."""


class ConversationError(ValueError):
    """A conversation cannot be read, or has no such turn; the message says which and why."""


@dataclass(frozen=True)
class Turn:
    """A request and its answer, "" while there is none; seed: the answer was written with it."""

    request: str
    answer: str = ""
    seed: int = 0

    @property
    def canvas(self) -> Canvas | None:
        """The canvas of the answer, None where it holds none."""
        return read_code(self.answer).canvas if self.answer else None


@dataclass(frozen=True)
class Conversation:
    """Turns, oldest first. Every change makes a new conversation."""

    turns: tuple[Turn, ...] = ()

    @property
    def canvas(self) -> Canvas | None:
        """The newest canvas that an answer holds."""
        canvases = (turn.canvas for turn in reversed(self.turns))
        return next((canvas for canvas in canvases if canvas is not None), None)

    def ask(self, request: str, seed: int = 0) -> Conversation:
        """Add a request. Raises ConversationError for an empty one."""
        if not request.strip():
            raise ConversationError("the request is empty; say what the picture is to show")
        return Conversation((*self.turns, Turn(request, seed=seed)))

    def answer(self, text: str) -> Conversation:
        """Put the text as the last turn's answer, in place of one that it had."""
        return self._with_last(answer=text)

    def retry(self) -> Conversation:
        """Take the last answer away and give its turn the next seed."""
        return self._with_last(answer="", seed=self._last.seed + 1)

    def undo(self) -> Conversation:
        """Take the last turn away. Raises ConversationError where there is none."""
        if not self.turns:
            raise ConversationError(NOTHING)
        return Conversation(self.turns[:-1])

    def edit(self, number: int, request: str) -> Conversation:
        """Ask something else in turn `number`, from 0; later turns, which followed it, go."""
        if not 0 <= number < len(self.turns):
            raise ConversationError(f"there is no turn {number + 1} of {len(self.turns)}")
        return Conversation(self.turns[:number]).ask(request, self.turns[number].seed)

    def messages(self, system: str) -> tuple[Message, ...]:
        """The conversation as a model reads it; system: the system prompt, "" for none."""
        told: list[Message] = [{"role": "system", "content": system}] if system else []
        for turn in self.turns:
            told.append({"role": "user", "content": turn.request})
            if turn.answer:
                told.append({"role": "assistant", "content": turn.answer})
        return tuple(told)

    def condensed(self) -> Conversation:
        """Keep of all finished turns only the newest canvas, so that a full context has room.

        Raises ConversationError where no answer holds a canvas.
        """
        if self.canvas is None:
            raise ConversationError("no answer holds a canvas that could be continued from")
        request = next(turn.request for turn in reversed(self.turns) if turn.canvas is not None)
        kept = Turn(request, f"```python\n{write_code(self.canvas)}```")
        return Conversation((kept, *(turn for turn in self.turns if not turn.answer)))

    @property
    def _last(self) -> Turn:
        if not self.turns:
            raise ConversationError(NOTHING)
        return self.turns[-1]

    def _with_last(self, **changes: Any) -> Conversation:
        return Conversation((*self.turns[:-1], replace(self._last, **changes)))


def fits(tokens: int, context: int) -> bool:
    """Tell whether a prompt of so many tokens leaves room for an answer in the context."""
    return tokens + RESERVE <= context


def to_json(conversation: Conversation) -> str:
    """Write a conversation; `from_json` is its inverse."""
    turns = [
        {"request": turn.request, "answer": turn.answer, "seed": turn.seed}
        for turn in conversation.turns
    ]
    return json.dumps({"format": FORMAT, "version": 1, "turns": turns}, ensure_ascii=False)


def from_json(text: str) -> Conversation:
    """Read a conversation. Raises ConversationError for anything else."""
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ConversationError(f"this is no exported conversation: {error}") from error
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        raise ConversationError(f'this is no exported conversation: "format" is not "{FORMAT}"')
    turns = data.get("turns")
    if not isinstance(turns, list):
        raise ConversationError('the conversation has no list of "turns"')
    return Conversation(tuple(_turn(number, item) for number, item in enumerate(turns, start=1)))


def _turn(number: int, item: Any) -> Turn:
    if not isinstance(item, dict) or not isinstance(item.get("request"), str):
        raise ConversationError(f'turn {number} of the conversation has no "request"')
    answer, seed = item.get("answer", ""), item.get("seed", 0)
    if not isinstance(answer, str) or not isinstance(seed, int) or isinstance(seed, bool):
        raise ConversationError(f"turn {number}: an answer is a text and a seed a whole number")
    return Turn(item["request"], answer, seed)
