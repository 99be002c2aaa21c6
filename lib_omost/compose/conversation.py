"""A conversation about one picture: asked, answered and edited without losing any of it."""

from __future__ import annotations

import functools
import json
from dataclasses import dataclass, replace
from typing import Any

from lib_omost.canvas import files
from lib_omost.canvas.model import Canvas
from lib_omost.llm.canvas_forms import CODE, CanvasForm
from lib_omost.llm.engine import Message

FORMAT = "omost conversation"
NOTHING = "the conversation is empty; nothing can be taken back"
UNDESCRIBED = "a picture"
"""The request that stands before a canvas that no request asked for."""
RESERVE = 1200
"""Tokens kept free for an answer: a canvas of six regions takes about a thousand."""


class ConversationError(ValueError):
    """A conversation cannot be read, or has no such turn; the message says which and why."""


@dataclass(frozen=True)
class Turn:
    """A request and its answer, "" while there is none; seed: the answer was written with it.

    page: the canvas on the page when this was asked, as text, where the newest answer is not that
    canvas; "" where the page had none. None: the page had the canvas of the newest answer.
    result: the canvas that came of the answer, as text, where it holds more than the answer says.
    """

    request: str
    answer: str = ""
    seed: int = 0
    page: str | None = None
    result: str = ""

    @property
    def canvas(self) -> Canvas | None:
        """The canvas that came of the answer, None where it holds none."""
        return read(self.result or self.answer)


@functools.lru_cache(maxsize=64)
def read(text: str) -> Canvas | None:
    """Read the canvas that a text holds, None where it holds none."""
    return files.read(text).canvas if text else None


@dataclass(frozen=True)
class Conversation:
    """Turns, oldest first. Every change makes a new conversation."""

    turns: tuple[Turn, ...] = ()

    @property
    def canvas(self) -> Canvas | None:
        """The canvas that the page has after the last answer."""
        for turn in reversed(self.turns):
            if turn.canvas is not None:
                return turn.canvas
            if turn.page is not None:
                return read(turn.page)
        return None

    @property
    def base(self) -> Canvas | None:
        """The canvas that the last request is about, None where it asks for a new one."""
        *before, last = self.turns
        return Conversation(tuple(before)).canvas if last.page is None else read(last.page)

    @property
    def shown(self) -> Canvas | None:
        """The canvas that the model is shown in place of its own last answer, None for none."""
        return self._shown(len(self.turns) - 1)

    def ask(self, request: str, seed: int = 0, page: str | None = None) -> Conversation:
        """Add a request.

        page: the canvas that the user sees, as text in any form; None stands for that of the
        newest answer.

        Raises ConversationError for an empty request, and for a page whose text is no canvas.
        """
        if not request.strip():
            raise ConversationError("the request is empty; say what the picture is to show")
        turn = Turn(request, seed=seed, page=self._seen(page))
        return Conversation((*self.turns, turn))

    def answer(self, text: str) -> Conversation:
        """Put the text as the last turn's answer, in place of one that it had."""
        return self._with_last(answer=text, result="")

    def finish(self, text: str, form: CanvasForm = CODE) -> Conversation:
        """Put a whole answer as the last turn's; form: of the model that wrote it."""
        answered, written = self.answer(text), read(text)
        if written is None:
            return answered
        canvas = self.resulting(written, form)
        return answered if canvas == written else answered._with_last(result=files.to_text(canvas))

    def resulting(self, written: Canvas, form: CanvasForm) -> Canvas:
        """Return the canvas that comes of one that the model has written in the last turn.

        Where the model was shown a simplified copy of the page's canvas, it is the page's canvas
        with what the model changed.
        """
        if self.shown is None:
            return written
        request = self._last.request
        return form.apply_answer(form.simplify(self.shown, request), request, written)

    def retry(self) -> Conversation:
        """Take the last answer away and give its turn the next seed."""
        return self._with_last(answer="", result="", seed=self._last.seed + 1)

    def edit(self, number: int, request: str) -> Conversation:
        """Ask something else in turn `number`, from 0; later turns, which followed it, go."""
        if not 0 <= number < len(self.turns):
            raise ConversationError(f"there is no turn {number + 1} of {len(self.turns)}")
        old = self.turns[number]
        asked = Conversation(self.turns[:number]).ask(request, old.seed)
        return asked._with_last(page=old.page)

    def messages(self, system: str, form: CanvasForm = CODE) -> tuple[Message, ...]:
        """Return the conversation as a model reads it.

        system: the system prompt, "" for none. form: how this model writes canvases; where the
        page had another canvas than the last answer, that canvas stands there in its place.
        """
        told: list[Message] = []
        for number, turn in enumerate(self.turns):
            canvas = self._shown(number)
            if turn.page == "":
                told.clear()
            if canvas is not None:
                if told and told[-1]["role"] == "assistant":
                    told.pop()
                if not told:
                    told.append({"role": "user", "content": canvas.description or UNDESCRIBED})
                copy = form.simplify(canvas, turn.request).copy
                told.append({"role": "assistant", "content": form.write(copy)})
            told.append({"role": "user", "content": turn.request})
            if turn.answer:
                told.append({"role": "assistant", "content": turn.answer})
        before: list[Message] = [{"role": "system", "content": system}] if system else []
        return (*before, *told)

    def condensed(self) -> Conversation:
        """Keep of all finished turns only the canvas, so that a full context has room.

        Raises ConversationError where there is none.
        """
        last = self.turns[-1] if self.turns else None
        canvas = self.canvas if last is None or last.answer else self.base
        if canvas is None:
            raise ConversationError("no answer holds a canvas that could be continued from")
        if last is None or last.answer:
            return Conversation()
        return Conversation((replace(last, page=files.to_text(canvas)),))

    def _seen(self, page: str | None) -> str | None:
        """Turn.page of a request that is asked now."""
        if page is None:
            return None
        if not page.strip():
            return None if self.canvas is None else ""
        reading = files.read(page)
        if reading.canvas is None:
            raise ConversationError(
                "the canvas on the page cannot be read, so the model cannot see it "
                f"({reading.diagnostics[-1].message}): repair it, undo the change, or empty it"
            )
        try:
            return None if reading.canvas == self.canvas else files.to_text(reading.canvas)
        except files.CanvasWriteError as error:
            raise ConversationError(f"the canvas on the page is too large: {error}") from error

    def _shown(self, number: int) -> Canvas | None:
        """The canvas that the model is shown in a turn in place of its own last answer."""
        turn = self.turns[number]
        if turn.page is not None:
            return read(turn.page)
        former = self.turns[number - 1] if number else None
        return read(former.result) if former and former.result else None

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
    turns = [written(turn) for turn in conversation.turns]
    return json.dumps({"format": FORMAT, "version": 1, "turns": turns}, ensure_ascii=False)


def written(turn: Turn) -> dict[str, Any]:
    """Return a turn in the values of JSON, without what it lacks."""
    values = {"request": turn.request, "answer": turn.answer, "seed": turn.seed}
    page = {} if turn.page is None else {"page": turn.page}
    return {**values, **page, **({"result": turn.result} if turn.result else {})}


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
    page, result = item.get("page"), item.get("result", "")
    if not isinstance(page, (str, type(None))) or not isinstance(result, str):
        raise ConversationError(f"turn {number}: a canvas is a text")
    return Turn(item["request"], answer, seed, page, result)
