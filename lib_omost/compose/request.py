"""What is to be composed, as the panel, a job and the API say it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from lib_omost.compose.conversation import Conversation
from lib_omost.llm.canvas_forms import CODE, CanvasForm
from lib_omost.llm.engine import Task
from lib_omost.llm.model_catalog import NO_MODEL, usual_temperature
from lib_omost.llm.server.request import Dialect

COMPOSER = "composer"
"""The small model that ships; it is at its best without chance, and writes canvases only."""


@dataclass(frozen=True)
class ComposeRequest:
    """What is to be composed, as the panel and the API say it.

    conversation: its last turn has no answer yet; that turn's seed is used. model: a listed name,
    a folder, a GGUF file, a hub's name or a server's address. own_process: of the model's; where
    the host's transformers is too old it has one anyway. temperature: None is the model's own
    (models.usual_temperature). keep_loaded: the model stays in memory while pictures are made.
    task: the id under which the host's progress bar shows it, "" makes one. wait: seconds to wait
    for a picture that is being made, None as long as it takes.
    """

    conversation: Conversation
    model: str = COMPOSER
    server_model: str = ""
    dialect: Dialect = "openai"
    own_process: bool = False
    temperature: float | None = None
    top_p: float = 0.9
    max_new_tokens: int = 4096
    canvas_only: bool | None = None
    keep_loaded: bool = False
    task: str = ""
    wait: float | None = None

    @property
    def identity(self) -> tuple[Any, ...]:
        """What two orders for the same engine have in common."""
        return self.model.strip(), self.server_model.strip(), self.dialect, self.own_process

    def check(self) -> None:
        """Raise ValueError, in a sentence for the user, for what cannot be asked."""
        turns = self.conversation.turns
        if not turns or turns[-1].answer:
            raise ValueError("There is no request to answer: say what the picture is to show.")
        if not self.model.strip():
            raise ValueError(NO_MODEL)
        if self.temperature is not None and not 0 <= self.temperature <= 5:
            raise ValueError(f"The temperature is from 0 to 5, not {self.temperature:g}.")
        if not 0 < self.top_p <= 1:
            raise ValueError(f"top_p is more than 0 and at most 1, not {self.top_p:g}.")
        if self.max_new_tokens < 1:
            raise ValueError(f"An answer has at least 1 token, not {self.max_new_tokens}.")

    def task_for(self, system: str, form: CanvasForm = CODE) -> Task:
        """Return what an engine is to write.

        system: what its model is told first. form: how the model writes canvases.
        """
        is_composer = self.model.strip() == COMPOSER
        temperature = self.temperature
        if temperature is None:
            temperature = usual_temperature(self.model)
        return Task(
            self.conversation.messages(system, form),
            temperature=temperature,
            top_p=self.top_p,
            max_new_tokens=self.max_new_tokens,
            seed=self.conversation.turns[-1].seed,
            canvas_only=True if is_composer and self.canvas_only is None else self.canvas_only,
        )
