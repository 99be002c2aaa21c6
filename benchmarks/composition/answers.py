"""Asks a language model for canvases through the project's own compose path."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Protocol

from benchmarks.composition.requests import FollowUp
from lib_omost.canvas import formats
from lib_omost.canvas.model import Canvas
from lib_omost.compose.conversation import Conversation
from lib_omost.compose.request import ComposeRequest
from lib_omost.compose.settings import ComposeSettings
from lib_omost.llm.engine import Done, Failed
from lib_omost.llm.engine_factory import ChosenEngine
from lib_omost.llm.event_stream import collect


class Item(Protocol):
    """A request or a follow-up, of this benchmark or of another one."""

    @property
    def id(self) -> str:
        """Its id in the file of answers."""

    @property
    def text(self) -> str:
        """The words for the model."""


@dataclass(frozen=True)
class Answer:
    """A model's answer to a request or follow-up.

    Attributes:
        id: The id of the request or follow-up.
        text: The model's text.
        canvas: The canvas after the answer as text, "" for no canvas.
        end: The reason for the end, or the message of a failure.
        tokens: Number of generated tokens.
        seconds: Time from the request to the end.
        failed: The engine failed, so the request must be repeated. A refusal is no failure.
    """

    id: str
    text: str
    canvas: str
    end: str
    tokens: int
    seconds: float
    failed: bool = False

    def read_canvas(self) -> Canvas | None:
        """Returns the canvas after the answer, None for no canvas."""
        return formats.read(self.canvas).canvas if self.canvas else None


def ask(chosen: ChosenEngine, settings: ComposeSettings, item: Item) -> Answer:
    """Asks once."""
    conversation = _conversation(item)
    task = ComposeRequest(conversation, settings).build_task(chosen.system, chosen.notation)
    begun = time.perf_counter()
    answer = collect(chosen.engine.stream(task, threading.Event()))
    seconds = round(time.perf_counter() - begun, 1)
    end = answer.end
    return Answer(
        item.id,
        answer.text,
        _canvas_text(chosen, item, answer.text),
        end.message if isinstance(end, Failed) else end.reason,
        end.tokens if isinstance(end, Done) else 0,
        seconds,
        isinstance(end, Failed) and not end.refused,
    )


def read_again(chosen: ChosenEngine, item: Item, answer: Answer) -> Answer:
    """Returns the answer with the canvas that today's reader finds in its text."""
    return replace(answer, canvas=_canvas_text(chosen, item, answer.text))


def _conversation(item: Item) -> Conversation:
    """A follow-up refers to its given canvas, as a canvas that a user imported."""
    page = formats.to_text(item.canvas) if isinstance(item, FollowUp) else None
    return Conversation().add_request(item.text, 0, page)


def _canvas_text(chosen: ChosenEngine, item: Item, text: str) -> str:
    if not text:
        return ""
    canvas = _conversation(item).finish(text, chosen.notation).turns[-1].canvas
    return formats.to_text(canvas) if canvas else ""


def ask_all(
    ask_one: Callable[[Item], Answer],
    items: Sequence[Item],
    checkpoint: Path | None,
    jobs: int = 1,
    report: Callable[[Answer], None] = lambda answer: None,
) -> dict[str, Answer]:
    """Asks for all items and appends each answer to a file, from which a later run continues.

    An answer that failed is not in the file, so a later run repeats it.

    Args:
        ask_one: Asks for one item.
        items: The requests and follow-ups.
        checkpoint: A file with one JSON object per answer, None for no file.
        jobs: Number of simultaneous requests.
        report: Called after each new answer.

    Returns:
        The answers by the ids of the items.
    """
    known = load_answers(checkpoint) if checkpoint else {}
    lock = threading.Lock()

    def run(item: Item) -> None:
        answer = ask_one(item)
        with lock:
            known[item.id] = answer
            if checkpoint and not answer.failed:
                with checkpoint.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(asdict(answer), ensure_ascii=False) + "\n")
            report(answer)

    with ThreadPoolExecutor(jobs) as pool:
        list(pool.map(run, [item for item in items if item.id not in known]))
    return {item.id: known[item.id] for item in items}


def load_answers(checkpoint: Path) -> dict[str, Answer]:
    """Reads the answers of an earlier run. A last line that was cut off is ignored."""
    answers: dict[str, Answer] = {}
    if not checkpoint.exists():
        return answers
    text = checkpoint.read_text(encoding="utf-8")
    if not text.endswith("\n"):
        complete, _, _ = text.rpartition("\n")
        text = complete + "\n" if complete else ""
        checkpoint.write_text(text, encoding="utf-8")
    for line in text.splitlines():
        answer = Answer(**json.loads(line))
        answers[answer.id] = answer
    return answers
