"""The memory of this machine, which one language model and the image model share in turns."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator
from contextlib import closing

from lib_omost.compose.memory_budget import fits_beside_picture, picture_reserve
from lib_omost.compose.model_state import MADE_ROOM, MemoryUse, ModelState, memory_use, states
from lib_omost.compose.request import ComposeRequest
from lib_omost.compose.selected_engine import SelectedEngine, engine_identity
from lib_omost.llm.engine import Event, Failed, Progress, Task
from lib_omost.llm.model_catalog import find_model
from lib_omost.program.port import ImageModelMemory, Program


class ModelMemory:
    """Loads one language model at a time and moves the image model out of its way.

    `write` and `before_sampling` are called by whoever holds the program's queue.

    Args:
        program: The surrounding program.
        memory_use: Measures the memory that both models share.

    Attributes:
        in_use: The engine that answered last, None at first and after it made room.
    """

    def __init__(
        self, program: Program, memory_use: Callable[[], MemoryUse | None] = memory_use
    ) -> None:
        self._program = program
        self._memory_use = memory_use
        self._moved_out: ImageModelMemory | None = None  # has to move its image model back
        self.in_use: SelectedEngine | None = None

    def write(
        self,
        selected: SelectedEngine,
        request: ComposeRequest,
        task: Task,
        stop: threading.Event,
    ) -> Generator[Event, None, None]:
        """Writes an answer; unloads another language model and makes room first.

        Args:
            selected: The engine, whose model runs on this machine.
            request: The request, for its options.
            task: The request as the engine reads it.
            stop: Ends the answer.
        """
        former = self.in_use
        if former is not None and former is not selected:
            yield Progress("Unloading the model that was used before")
            former.unload()
        model = find_model(request.settings.model)
        selected.small = model.cpu_only
        if not selected.loaded and model.is_gguf:
            # llama.cpp puts as many layers on the graphics card as fit beside the image model.
            selected.reserved = picture_reserve(self._program.memory)
        elif not selected.loaded and not selected.small:
            yield Progress("Making room in memory")
            self._moved_out = self._program.memory
            self._moved_out.move_model_out()
        self.in_use = selected
        state_before, was_loaded = selected.state, selected.loaded
        selected.loaded = True
        selected.keep_loaded, selected.abandoned = request.settings.keep_loaded, False
        is_first, failed, never_reached = True, False, False
        try:
            with closing(selected.choice.engine.stream(task, stop)) as events:
                for event, selected.state in states(events, loaded=was_loaded):
                    if isinstance(event, Failed):
                        failed = not event.refused
                        # A request that is refused at once does not reach the model.
                        never_reached = event.refused and is_first
                        if never_reached:
                            selected.loaded = selected.loaded and was_loaded
                            selected.state = state_before
                    is_first = False
                    yield event
        finally:
            if failed:
                # The next try makes room in memory, which may have been the reason.
                selected.loaded = False
                selected.choice.engine.unload()
            elif selected.loaded:
                selected.state = ModelState("ready")
                if not was_loaded and not isinstance(selected.identity[-1], tuple):
                    # Loading a model of the hub may have downloaded another revision.
                    selected.identity = engine_identity(request)
            elif not never_reached:  # unloaded by `unload` meanwhile
                selected.state = ModelState("unloaded")

    def before_sampling(self) -> None:
        """Gives the next picture the memory that it needs."""
        try:
            if self.in_use is not None and not self._may_stay(self.in_use):
                selected, self.in_use = self.in_use, None
                selected.unload(MADE_ROOM)
        finally:
            self._move_back()

    def abandon(self) -> None:
        """Lets the next picture unload the language model: its user went on to a server."""
        in_use = self.in_use
        if in_use is not None:
            in_use.abandoned = True

    def unload(self) -> None:
        """Frees the language model's memory and ends its answer; safe to repeat.

        The image model moves back now if the program is idle, else with the next picture.
        """
        if self.in_use is not None:
            self.in_use.unload()
        if self._moved_out is not None:
            with self._program.idle_queue() as is_idle:
                if is_idle:
                    self._move_back()

    def _may_stay(self, selected: SelectedEngine) -> bool:
        """Returns True if a model stays loaded while a picture is sampled."""
        if not selected.loaded or selected.abandoned:
            return False
        if selected.keep_loaded or selected.small:
            return True
        return fits_beside_picture(
            self._program.memory, self._memory_use, reserved=selected.reserved
        )

    def _move_back(self) -> None:
        if self._moved_out is not None:
            memory, self._moved_out = self._moved_out, None
            memory.move_model_back()
