"""The demonstration composer as an engine that admits what it does not know."""

from __future__ import annotations

import threading
from collections.abc import Generator, Sequence
from contextlib import closing
from dataclasses import replace

from lib_omost.canvas import files
from lib_omost.canvas.model import Canvas, Place
from lib_omost.llm.demo.free_space import with_room
from lib_omost.llm.demo.request import Understood, understand
from lib_omost.llm.engine import Done, Engine, Event, Failed, Message, Progress, Task, Text

PLACING = "Finding room for the new region"


class DemoEngine:
    """The demonstration composer in an engine that runs its model.

    A request of which it knows nothing ends as Failed. Of a partly known one the model is told the
    known part, and the remarks of Done say what was left out.
    """

    def __init__(self, engine: Engine) -> None:
        self.inner = engine

    def stream(self, task: Task, cancel: threading.Event) -> Generator[Event, None, None]:
        """Write an answer (Engine)."""
        former = _newest_answer(task.messages)
        before = files.read(former).canvas if former else None
        understood = understand(task.messages[-1]["content"], before)
        if understood.problem:
            yield Failed(understood.problem)
            return
        told: list[Message] = [{"role": "user", "content": understood.request}]
        if understood.edits:
            told.insert(0, {"role": "assistant", "content": former})
        with closing(self.inner.stream(replace(task, messages=tuple(told)), cancel)) as events:
            if before is not None and understood.edits and not understood.placed:
                events = _placed(events, before)
            yield from _remarked(events, understood)

    def count(self, messages: Sequence[Message]) -> int | None:
        """Count the tokens of a conversation (Engine)."""
        return self.inner.count(messages)

    def unload(self) -> None:
        """Give all memory back (Engine)."""
        self.inner.unload()


def _newest_answer(messages: Sequence[Message]) -> str:
    answers = [message["content"] for message in messages if message["role"] == "assistant"]
    return answers[-1] if answers else ""


def _remarked(
    events: Generator[Event, None, None], understood: Understood
) -> Generator[Event, None, None]:
    """Add to the end of an answer what its user should know."""
    answer = ""
    for event in events:
        if isinstance(event, Text):
            answer += event.text
        if isinstance(event, Done):
            canvas = files.read(answer).canvas if event.reason == "finished" else None
            missing = understood.missing(canvas) if canvas is not None else ""
            remarks = filter(None, (*event.remarks, missing, *understood.remarks))
            yield replace(event, remarks=tuple(remarks))
        else:
            yield event


def _placed(events: Generator[Event, None, None], before: Canvas) -> Generator[Event, None, None]:
    """Hold the answer back until it is known where its new region has room."""
    answer = ""
    for event in events:
        if isinstance(event, Text):
            answer += event.text
            yield Progress(PLACING)
            continue
        if isinstance(event, (Done, Failed)) and answer:
            yield Text(_answer_with_room(answer, before))
        yield event


def _answer_with_room(answer: str, before: Canvas) -> str:
    """Write an answer again with room for its new region; the comments at its head follow."""
    after = files.read(answer).canvas
    moved = with_room(before, after) if after is not None else None
    if after is None or moved is None or moved == after:
        return answer
    old, new = after.regions[-1].place, moved.regions[-1].place
    if not isinstance(old, Place) or not isinstance(new, Place):
        return answer
    start, found, rest = answer.partition("canvas = Canvas()")[0].rpartition(_words(old))
    head = f"{start}{_words(new)}{rest}" if found else "```python\n"
    return f"{head}{files.to_code(moved)}```"


def _words(place: Place) -> str:
    return f"{place.location} {place.offset} {place.area}"
