"""The interface to the surrounding program: all that Omost needs of A1111, Forge or its page."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from lib_omost.llm.engine import Event
from lib_omost.program.queueing import StopCondition

if TYPE_CHECKING:
    import torch

WriteAnswer = Callable[[threading.Event], Generator[Event, None, None]]
"""Writes an answer as a language model's engine does, and stops once the event is set."""

ShowSteps = Callable[[int, str], None]
"""Shows in the progress bar how many steps are done, and a text about the current one."""


class ImageModelMemory(Protocol):
    """Moves the image model out of the memory that a language model needs, and back."""

    def move_model_out(self) -> None:
        """Moves the image model out of the graphics card's memory. Safe to repeat."""

    def move_model_back(self) -> None:
        """Moves the image model to where the next sampling expects it."""

    def bytes_to_load(self) -> int:
        """Returns the bytes of the image model that the next sampling has to load."""


class Program(Protocol):
    """The surrounding program as the page, the API, the presets and composing see it."""

    @property
    def data_folder(self) -> Path:
        """Omost's folder for presets, the server's key, language models and their environment."""

    @property
    def memory(self) -> ImageModelMemory:
        """The memory of the image model."""

    def option(self, name: str, default: Any) -> Any:
        """Returns the value of one of Omost's options in the program's settings.

        Args:
            name: The key in config.json, one of lib_omost.options.OPTIONS.
            default: Returned if the program has no such option.
        """

    def localisation_files(self) -> tuple[str, ...]:
        """Returns the JSON files of the language that the program's settings choose."""

    def restricts_visitors(self) -> bool:
        """Returns True if visitors may not change extensions, keys or files of this machine."""

    def write_in_queue(
        self,
        write: WriteAnswer,
        *,
        model: str,
        cancel: threading.Event,
        steps: int,
        task: str = "",
        wait: float | None = None,
    ) -> Generator[Event, None, None]:
        """Writes an answer with a model of this machine, while no picture is made.

        Args:
            write: Writes the answer. It stops at the program's Interrupt and Skip too.
            model: The model's name, for messages.
            cancel: Ends the answer, or the wait for the queue.
            steps: Length of the progress bar, in tokens.
            task: The id of the progress bar's task; "" for a new one.
            wait: The longest wait for the queue, in seconds; None for no limit.

        Yields:
            The engine's events, and at least one Progress each second.
        """

    def write_beside_queue(
        self, write: WriteAnswer, cancel: threading.Event
    ) -> Generator[Event, None, None]:
        """Writes an answer that needs no memory of this machine, also while a picture is made.

        Args:
            write: Writes the answer. It stops at an Interrupt that is not meant for a picture.
            cancel: Ends the answer.
        """

    def idle_queue(self) -> AbstractContextManager[bool]:
        """Holds the queue if it is free, without a wait; the value is True if it was free."""


class JobProgram(Program, Protocol):
    """A program that runs Omost's script in its sampling jobs: A1111 and Forge."""

    def within_job(self) -> bool:
        """Returns True if an extension runs the current job within another job."""

    def extra_job_part(self, steps: int) -> AbstractContextManager[tuple[ShowSteps, StopCondition]]:
        """Adds one part to the progress bar of the job that is being made.

        Args:
            steps: Length of the part.

        Returns:
            A context whose value shows the progress of the part, and is set by the program's
            buttons Interrupt (also "after the current picture") and Skip.
        """

    def infotext_of(self, picture: Any) -> dict[str, Any]:
        """Returns the parameters in the infotext of a PIL picture; empty without an infotext."""

    def encode_pictures(self, pictures: torch.Tensor) -> torch.Tensor:
        """Encodes pictures with the loaded VAE, in the way that the user chose in the settings.

        Args:
            pictures: [B, 3, H, W], values 0 to 1.

        Returns:
            Latents, [B, c, H / 8, W / 8].
        """

    def saves_jpeg(self) -> bool:
        """Returns True if pictures or grids are saved as JPEG, which limits their infotext."""

    def add_callback(self, event: str, function: Callable[..., Any], file: str) -> None:
        """Registers a function that the program calls at an event.

        Args:
            event: The program's name for it: "app_started", "ui_settings", "infotext_pasted",
                "script_unloaded".
            function: The function.
            file: The source file of the extension, which the program removes callbacks by.
        """
