"""Composes the canvases of a batch with a language model."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from lib_omost.batch.executors import UnusableToolError
from lib_omost.batch.job_spec import JobSpec, LineError
from lib_omost.canvas import formats
from lib_omost.compose.conversation import Conversation
from lib_omost.compose.request import ComposeRequest
from lib_omost.compose.settings import (
    ANSWER,
    COMPOSE_FIELDS,
    ENGINE,
    ComposeSettings,
    names_of,
)
from lib_omost.llm.engine import Failed
from lib_omost.llm.engine_factory import ChosenEngine, create_engine
from lib_omost.llm.event_stream import collect
from lib_omost.llm.failures import UnusableError
from lib_omost.llm.model_catalog import find_model
from lib_omost.llm.model_downloads.store import DATA_FOLDER
from lib_omost.llm.server.adaptation_memory import ADAPTATIONS_FILE
from lib_omost.llm.server.address import is_address
from lib_omost.settings import IMAGE_SEED

EARLY_ENDS = {
    "length": "the answer was cut off; its text so far is kept",
    "repetition": "the model repeated itself and was stopped; the text before that is kept",
}
MAX_QUOTED_CHARACTERS = 200
"""Characters of an unusable answer in its error message."""


@dataclass(frozen=True)
class ComposedLine:
    """A composed canvas.

    Attributes:
        text: The canvas as text.
        remarks: Messages for the user.
    """

    text: str
    remarks: tuple[str, ...]


ALWAYS_IN_FINGERPRINT = frozenset(
    {"model", "server_model", "temperature", "top_p", "max_new_tokens", "canvas_only"}
)
"""Settings that every version writes into the fingerprints of lines.

Other settings are written only when they differ from their defaults. A setting that a new version
adds therefore changes no fingerprint of a batch in progress.
"""


@dataclass(frozen=True)
class CanvasComposer:
    """Composes a canvas for each requested line of a batch (executors.BatchTool).

    Attributes:
        settings: Settings of composing.
        key: API key of the server, "" for none.
    """

    settings: ComposeSettings
    key: str = field(default="", repr=False)

    @property
    def needs_gpu(self) -> bool:
        """True if the model runs in this program and is large enough for a GPU."""
        model = self.settings.model
        return not is_address(model) and not find_model(model).cpu_only

    @property
    def identity(self) -> dict[str, Any]:
        """The settings that decide the answers, for the fingerprints of lines."""
        values = {name: getattr(self.settings, name) for name in names_of(ENGINE, ANSWER)}
        return {
            name: value
            for name, value in values.items()
            if name in ALWAYS_IN_FINGERPRINT or value != COMPOSE_FIELDS[name].default
        }

    def load(self) -> Callable[[JobSpec], ComposedLine]:
        """Returns a function that composes lines, whose first call loads the model.

        Raises:
            UnusableToolError: The model cannot be used; the message is for the user.
        """
        engine = self.choose()
        return lambda job: _compose(engine, self._request(job))

    def choose(self) -> ChosenEngine:
        """Chooses the engine of the model without loading it.

        Raises:
            UnusableToolError: The model cannot be used; the message is for the user.
        """
        settings = self.settings
        try:
            return create_engine(
                settings.model,
                key=self.key,
                server_model=settings.server_model,
                dialect=settings.dialect,
                adaptations=DATA_FOLDER / ADAPTATIONS_FILE,
            )
        except (UnusableError, ValueError) as error:
            raise UnusableToolError(str(error)) from error

    def _request(self, job: JobSpec) -> ComposeRequest:
        seed = job.settings.composition_seed
        conversation = Conversation().add_request(
            job.request, job.seed if seed == IMAGE_SEED else seed
        )
        return ComposeRequest(conversation, self.settings)


def _compose(chosen: ChosenEngine, request: ComposeRequest) -> ComposedLine:
    """Composes the canvas of a request.

    Args:
        chosen: The engine with its system prompt and its notation of canvases.
        request: Conversation and settings of the line.

    Raises:
        LineError: The model failed, or its answer has no canvas.
    """
    task = request.build_task(chosen.system, chosen.notation)
    answer = collect(chosen.engine.stream(task, threading.Event()))
    end = answer.end
    if isinstance(end, Failed):
        raise LineError(end.message)
    reading = formats.read(answer.text)
    early_end = EARLY_ENDS.get(end.reason, "")
    remarks = (*end.remarks, *([early_end] if early_end else ()), *map(str, reading.diagnostics))
    if reading.canvas is None:
        raise LineError(
            f"the model wrote no canvas ({'; '.join(remarks)}); try another seed. The answer: "
            f"{answer.text[:MAX_QUOTED_CHARACTERS]!r}"
        )
    return ComposedLine(formats.to_text(reading.canvas), remarks)
