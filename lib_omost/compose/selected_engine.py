"""An engine that was selected for compose requests, and the state of its model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lib_omost.compose.model_state import ModelState, Phase
from lib_omost.compose.request import ComposeRequest
from lib_omost.llm.model_revision import revision_of

if TYPE_CHECKING:
    from lib_omost.llm.engine_factory import ChosenEngine


def engine_identity(request: ComposeRequest) -> tuple[Any, ...]:
    """Returns a key that requests for one engine and one revision of its model share."""
    return (*request.settings.engine_key, revision_of(request.settings.model))


class SelectedEngine:
    """An engine and the state of its model.

    Attributes:
        identity: The requests that this engine answers (engine_identity).
        choice: The engine, with its system prompt and notation.
        keep_loaded: The last request asked to keep the model loaded while pictures are made.
        abandoned: The user went on to a server since the last answer.
        loaded: The model may be in memory.
        small: The model is so small that no other model has to make room for it.
        reserved: Bytes of the graphics card's memory that the model left free for pictures.
        state: The model's state, for the page.
    """

    def __init__(self, request: ComposeRequest, choice: ChosenEngine) -> None:
        self.identity = engine_identity(request)
        self.choice = choice
        self.keep_loaded = False
        self.abandoned = False
        self.loaded = False
        self.small = False
        self.reserved = 0
        self.state = ModelState()

    def unload(self, phase: Phase = "unloaded") -> None:
        """Frees the model's memory and ends the answer that it writes; phase: the new state."""
        if self.loaded:
            self.state = ModelState(phase)
        self.loaded = False
        self.choice.engine.unload()
