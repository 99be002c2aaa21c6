"""Defines a request to compose a canvas: a conversation and the settings of composing."""

from __future__ import annotations

from dataclasses import dataclass, field

from lib_omost.compose.conversation import Conversation
from lib_omost.compose.settings import ComposeSettings
from lib_omost.llm.engine import Task
from lib_omost.llm.model_catalog import NO_MODEL
from lib_omost.llm.model_notation import CODE, ModelNotation


@dataclass(frozen=True)
class ComposeRequest:
    """A conversation to answer with a canvas, and the settings of composing.

    Attributes:
        conversation: Its last turn has no answer yet. The answer is written with that turn's seed.
        settings: Model and sampling settings.
        task: Id of the request in the WebUI's progress bar. "" creates one.
        wait: Longest wait for a running picture in seconds. None waits until it is finished.
    """

    conversation: Conversation
    settings: ComposeSettings = field(default_factory=ComposeSettings)
    task: str = ""
    wait: float | None = None

    def check(self) -> None:
        """Checks that there is a request to answer and a model to answer it.

        Raises:
            ValueError: One of them is missing; the message is for the user.
        """
        turns = self.conversation.turns
        if not turns or turns[-1].answer:
            raise ValueError("The conversation has no unanswered request. Describe the picture.")
        if not self.settings.model.strip():
            raise ValueError(NO_MODEL)

    def build_task(self, system: str, notation: ModelNotation = CODE) -> Task:
        """Builds the task for an engine.

        Args:
            system: System prompt of the engine's model.
            notation: The notation in which the model reads and writes canvases.
        """
        return Task(
            self.conversation.messages(system, notation),
            seed=self.conversation.turns[-1].seed,
            **self.settings.resolved().answer_values,
        )
