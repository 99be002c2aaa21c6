"""The demonstration composer as an engine that admits what it does not know."""

from __future__ import annotations

import threading
from collections.abc import Generator, Sequence
from contextlib import closing
from dataclasses import replace

from lib_omost.canvas import files
from lib_omost.canvas.model import Canvas
from lib_omost.llm.demo_form import put_right, write
from lib_omost.llm.demo_request import Understood, understand
from lib_omost.llm.engine import Done, Engine, Event, Failed, Message, Progress, Task, Text

CHECKING = "Comparing the change with the request"


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
            yield Failed(understood.problem, refused=True)
            return
        told: list[Message] = [{"role": "user", "content": understood.request}]
        if understood.edits:
            told.insert(0, {"role": "assistant", "content": former})
        with closing(self.inner.stream(replace(task, messages=tuple(told)), cancel)) as events:
            if before is not None and understood.change is not None:
                events = _put_right(events, before, understood)
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


def _put_right(
    events: Generator[Event, None, None], before: Canvas, understood: Understood
) -> Generator[Event, None, None]:
    """Hold a changed canvas back until it is whole, and undo what was not asked for in it."""
    answer = ""
    for event in events:
        if isinstance(event, Text):
            answer += event.text
            yield Progress(CHECKING)
            continue
        if isinstance(event, Done) and event.reason == "finished" and answer:
            answer = _as_asked(answer, before, understood)
        if isinstance(event, (Done, Failed)) and answer:
            yield Text(answer)
        yield event


def _as_asked(answer: str, before: Canvas, understood: Understood) -> str:
    """Return the answer, written again where its canvas is not the one that was asked for."""
    written = files.read(answer).canvas
    if written is None:
        return answer
    right = put_right(before, understood, written)
    return answer if right == written else write(right)
