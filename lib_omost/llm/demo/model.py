"""The demonstration composer as one object: a request goes in, a canvas comes out."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path

from lib_omost.canvas import formats
from lib_omost.canvas.diagnostics import Diagnostic, Reading
from lib_omost.llm.demo.engine import DemoEngine
from lib_omost.llm.engine import Failed, Message, Task
from lib_omost.llm.event_stream import collect
from lib_omost.llm.failures import UnusableError
from lib_omost.llm.model_catalog import COMPOSER_FOLDER
from lib_omost.llm.transformers_engine import TransformersEngine

MAX_ANSWER_TOKENS = 1200
"""Maximum length of an answer in tokens; a canvas of six regions takes about 200."""


class DemoComposer:
    """Loads a demonstration composer from a folder and decodes greedily.

    Args:
        folder: A folder with a composer; the default is the one in this repository.

    Raises:
        UnusableError: The folder contains no model.
    """

    def __init__(self, folder: Path = COMPOSER_FOLDER) -> None:
        if not (folder / "config.json").exists():
            raise UnusableError(
                f"no composer is in {folder}; `python -m training composer` trains one"
            )
        self._engine = DemoEngine(TransformersEngine(str(folder), device="cpu"))

    def answer(self, messages: Sequence[Message]) -> str:
        """Writes the next message of a conversation.

        Args:
            messages: The conversation so far; the last message is a request.

        Returns:
            The text of the answer.

        Raises:
            UnusableError: The request is refused or the model fails.
        """
        return self._answer(messages)[0]

    def compose(self, request: str) -> Reading:
        """Composes a canvas for a request.

        Args:
            request: The text of a user.

        Returns:
            The canvas and its diagnostics; remarks of the engine come first, as warnings.

        Raises:
            UnusableError: The request is refused or the model fails.
        """
        answer, remarks = self._answer([{"role": "user", "content": request}])
        reading = formats.read(answer)
        warnings = (Diagnostic("warning", remark) for remark in remarks)
        return Reading(reading.canvas, (*warnings, *reading.diagnostics))

    def _answer(self, messages: Sequence[Message]) -> tuple[str, tuple[str, ...]]:
        task = Task(tuple(messages), MAX_ANSWER_TOKENS, canvas_only=False)
        answer = collect(self._engine.stream(task, threading.Event()))
        if isinstance(answer.end, Failed):
            raise UnusableError(answer.end.message)
        return answer.text, answer.end.remarks
