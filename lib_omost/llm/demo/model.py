"""The composer that ships: a small language model that writes canvases of a little world."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path

from lib_omost.canvas import files
from lib_omost.canvas.diagnostics import Diagnostic, Reading
from lib_omost.llm.demo.engine import DemoEngine
from lib_omost.llm.engine import Done, Failed, Message, Task, Text
from lib_omost.llm.failures import UnusableError
from lib_omost.llm.model_catalog import COMPOSER
from lib_omost.llm.transformers_engine import TransformersEngine

LONGEST = 1200
"""Tokens of an answer; six regions take about 200."""


class DemoComposer:
    """The composer of a folder, which decodes greedily.

    Raises UnusableError where the folder holds none.
    """

    def __init__(self, folder: Path = COMPOSER) -> None:
        if not (folder / "config.json").exists():
            raise UnusableError(
                f"no composer is in {folder}; `python -m training composer` trains one"
            )
        self._engine = DemoEngine(TransformersEngine(str(folder), device="cpu"))

    def answer(self, messages: Sequence[Message]) -> str:
        """Write the next message of a conversation. Raises UnusableError where that fails."""
        return self._answer(messages)[0]

    def compose(self, request: str) -> Reading:
        """Answer a request with a canvas, and what had to be repaired or left out in it."""
        answer, remarks = self._answer([{"role": "user", "content": request}])
        reading = files.read(answer)
        told = (Diagnostic("warning", remark) for remark in remarks)
        return Reading(reading.canvas, (*told, *reading.diagnostics))

    def _answer(self, messages: Sequence[Message]) -> tuple[str, tuple[str, ...]]:
        task = Task(tuple(messages), LONGEST, canvas_only=False)
        pieces: list[str] = []
        remarks: tuple[str, ...] = ()
        for event in self._engine.stream(task, threading.Event()):
            if isinstance(event, Failed):
                raise UnusableError(event.message)
            if isinstance(event, Text):
                pieces.append(event.text)
            if isinstance(event, Done):
                remarks = event.remarks
        return "".join(pieces), remarks
