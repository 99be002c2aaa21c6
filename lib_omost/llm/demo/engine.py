"""Runs the demonstration composer and checks every request and answer against its vocabulary."""

from __future__ import annotations

import threading
from collections.abc import Generator, Sequence
from contextlib import closing
from dataclasses import replace

from lib_omost.canvas import formats
from lib_omost.canvas.model import Canvas
from lib_omost.llm.demo.notation import enforce_change, write_answer
from lib_omost.llm.demo.request import UnderstoodRequest, understand
from lib_omost.llm.engine import Done, Engine, Event, Failed, Message, Progress, Task, Text

CHECKING = "Comparing the change with the request"


class DemoEngine:
    """Runs the demonstration composer in another engine, and checks requests and answers.

    A request without any known word ends as Failed. Of a partly known request the model sees only
    the known part, and the remarks of Done name the ignored words.
    """

    def __init__(self, engine: Engine) -> None:
        self.inner = engine

    def stream(self, task: Task, cancel: threading.Event) -> Generator[Event, None, None]:
        """Writes an answer (Engine.stream)."""
        last_answer = _last_answer(task.messages)
        before = formats.read(last_answer).canvas if last_answer else None
        understood = understand(task.messages[-1]["content"], before)
        if understood.problem:
            yield Failed(understood.problem, refused=True)
            return
        messages: list[Message] = [{"role": "user", "content": understood.model_request}]
        if understood.is_edit:
            messages.insert(0, {"role": "assistant", "content": last_answer})
        with closing(self.inner.stream(replace(task, messages=tuple(messages)), cancel)) as events:
            if before is not None and understood.change is not None:
                events = _correct_canvas(events, before, understood)
            yield from _add_remarks(events, understood)

    def count(self, messages: Sequence[Message]) -> int | None:
        """Counts the tokens of a conversation (Engine.count)."""
        return self.inner.count(messages)

    def unload(self) -> None:
        """Frees the memory of the model (Engine.unload)."""
        self.inner.unload()


def _last_answer(messages: Sequence[Message]) -> str:
    answers = [message["content"] for message in messages if message["role"] == "assistant"]
    return answers[-1] if answers else ""


def _add_remarks(
    events: Generator[Event, None, None], understood: UnderstoodRequest
) -> Generator[Event, None, None]:
    """Adds the ignored words and the missing objects to the remarks of Done."""
    answer = ""
    for event in events:
        if isinstance(event, Text):
            answer += event.text
        if isinstance(event, Done):
            canvas = formats.read(answer).canvas if event.reason == "finished" else None
            missing = understood.missing_objects(canvas) if canvas is not None else ""
            remarks = filter(None, (*event.remarks, missing, *understood.remarks))
            yield replace(event, remarks=tuple(remarks))
        else:
            yield event


def _correct_canvas(
    events: Generator[Event, None, None], before: Canvas, understood: UnderstoodRequest
) -> Generator[Event, None, None]:
    """Buffers the answer to a change until it is complete, then undoes unrequested changes."""
    answer = ""
    for event in events:
        if isinstance(event, Text):
            answer += event.text
            yield Progress(CHECKING)
            continue
        if isinstance(event, Done) and event.reason == "finished" and answer:
            answer = _corrected_answer(answer, before, understood)
        if isinstance(event, (Done, Failed)) and answer:
            yield Text(answer)
        yield event


def _corrected_answer(answer: str, before: Canvas, understood: UnderstoodRequest) -> str:
    """Returns the answer, rewritten if its canvas shows more than the requested change."""
    written = formats.read(answer).canvas
    if written is None:
        return answer
    corrected = enforce_change(before, understood, written)
    return answer if corrected == written else write_answer(corrected)
