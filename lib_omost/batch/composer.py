"""The canvas of a request, written by a language model."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field, replace
from typing import Any

from lib_omost.batch.executors import UnusableToolError
from lib_omost.batch.job_spec import JobSpec, LineError
from lib_omost.canvas import files
from lib_omost.compose.conversation import Conversation
from lib_omost.compose.request import ComposeRequest
from lib_omost.llm.engine import Done, Failed, Text
from lib_omost.llm.engine_factory import ChosenEngine, choose
from lib_omost.llm.failures import UnusableError
from lib_omost.llm.model_catalog import find
from lib_omost.llm.server.address import is_address
from lib_omost.settings import TIED

ENDS = {
    "length": "the answer was cut; what came before is kept",
    "repetition": "the model repeated itself and was stopped; what came before is kept",
}
SHOWN = 200
"""Characters of an answer that is no canvas."""


@dataclass(frozen=True)
class ComposedLine:
    """A canvas as text, and what there is to say about it."""

    text: str
    remarks: tuple[str, ...]


@dataclass(frozen=True)
class CanvasComposer:
    """Composes requests (executors.BatchTool).

    order: the model and how it is to write; its conversation is empty. key: a server's.
    """

    order: ComposeRequest
    key: str = field(default="", repr=False)

    @property
    def needs_gpu(self) -> bool:
        """Whether it is a model in this program that is worth a graphics card."""
        return not is_address(self.order.model) and not find(self.order.model).on_cpu

    @property
    def identity(self) -> dict[str, Any]:
        """What makes its answers what they are."""
        names = "model", "server_model", "temperature", "top_p", "max_new_tokens", "canvas_only"
        return {name: getattr(self.order, name) for name in names}

    def load(self) -> Callable[[JobSpec], ComposedLine]:
        """Choose the model, which its first answer loads. Raises UnusableToolError."""
        choice = self.choose()
        return lambda job: _compose(choice, self._asked(job))

    def choose(self) -> ChosenEngine:
        """Find the model. Raises UnusableToolError, in a sentence for the user."""
        order = self.order
        try:
            return choose(
                order.model, key=self.key, server_model=order.server_model, dialect=order.dialect
            )
        except (UnusableError, ValueError) as error:
            raise UnusableToolError(str(error)) from error

    def _asked(self, wanted: JobSpec) -> ComposeRequest:
        seed = wanted.settings.composition_seed
        asked = Conversation().ask(wanted.request, wanted.seed if seed == TIED else seed)
        return replace(self.order, conversation=asked)


def _compose(choice: ChosenEngine, order: ComposeRequest) -> ComposedLine:
    pieces: list[str] = []
    remarks: list[str] = []
    task = order.task_for(choice.system, choice.form)
    with closing(choice.engine.stream(task, threading.Event())) as events:
        for event in events:
            if isinstance(event, Text):
                pieces.append(event.text)
            elif isinstance(event, Failed):
                raise LineError(event.message)
            elif isinstance(event, Done):
                remarks += event.remarks
                if event.reason in ENDS:
                    remarks.append(ENDS[event.reason])
    answer = "".join(pieces)
    reading = files.read(answer)
    remarks += map(str, reading.diagnostics)
    if reading.canvas is None:
        raise LineError(
            f"the model wrote no canvas ({'; '.join(remarks)}), but {answer[:SHOWN]!r}; "
            "another seed may do"
        )
    return ComposedLine(files.to_text(reading.canvas), tuple(remarks))
