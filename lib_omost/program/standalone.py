"""The stand-alone page and the command line as a surrounding program."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from lib_omost.llm.engine import Done, Event, Progress
from lib_omost.llm.event_stream import HEARTBEAT
from lib_omost.program.port import ImageModelMemory, WriteAnswer
from lib_omost.program.queueing import (
    WAITING_FOR_ANSWER,
    WAITING_FOR_PICTURE,
    StopCondition,
    wait_timed_out,
)
from lib_omost.program.visitor_language import FILES, visitor_language
from lib_omost.program.waiting_line import PlaceInLine, WaitingLine

DEMO_MODEL = "composer"
"""The language model that needs no download."""


class NoImageModel:
    """The memory of a program without an image model."""

    def move_model_out(self) -> None:
        """Does nothing."""

    def move_model_back(self) -> None:
        """Does nothing."""

    def bytes_to_load(self) -> int:
        """Returns 0."""
        return 0


class StandaloneQueue:
    """Lets one answer or picture at a time use this machine's memory; Interrupt ends it."""

    def __init__(self) -> None:
        self._line = WaitingLine()
        self._holder: PlaceInLine | None = None
        self._interrupt = threading.Event()
        self._message = WAITING_FOR_PICTURE  # for the others that wait

    def acquire(
        self, cancel: threading.Event, message: Progress = WAITING_FOR_PICTURE
    ) -> Generator[Progress, None, bool]:
        """Waits for the queue and yields a Progress each second.

        Args:
            cancel: Ends the wait.
            message: The Progress that others get while they wait for this holder.

        Returns:
            True if the caller holds the queue now and has to release it.
        """
        place = self._line.join()
        try:
            while not place.is_first.wait(HEARTBEAT):
                if cancel.is_set():
                    return False
                yield self._message
            self._holder, self._message = place, message
        finally:
            if self._holder is not place:
                place.leave()
        self._interrupt.clear()
        return True

    def release(self) -> None:
        """Gives the queue to the next one that waits; safe to repeat."""
        holder, self._holder = self._holder, None
        if holder is not None:
            holder.leave()

    @contextmanager
    def hold_if_free(self) -> Iterator[bool]:
        """Holds the queue if it is free, without a wait; the value is True if it was free."""
        place = self._line.join_if_empty()
        try:
            yield place is not None
        finally:
            if place is not None:
                place.leave()

    def interrupt(self) -> None:
        """Ends the answer or picture that holds the queue."""
        self._interrupt.set()

    @property
    def interrupted(self) -> bool:
        """True if the holder of the queue has to end."""
        return self._interrupt.is_set()


class StandaloneProgram:
    """The stand-alone page, or a command line where nothing but the options is asked for.

    Args:
        data_folder: The folder for presets and for the server's key.
        memory: The memory of the page's image model.
        open_to_network: Visitors from other machines reach the page and may change nothing.
        language_model: The initial language model of the page.
        language: The code of the page's language; "" for the one that each visitor's browser
            prefers.
    """

    def __init__(
        self,
        data_folder: Path = Path("omost"),
        memory: ImageModelMemory | None = None,
        *,
        queue: StandaloneQueue | None = None,
        open_to_network: bool = False,
        language_model: str = DEMO_MODEL,
        language: str = "",
    ) -> None:
        self.data_folder = data_folder
        self.memory: ImageModelMemory = memory or NoImageModel()
        self.queue = queue or StandaloneQueue()
        self._open_to_network = open_to_network
        self._options = {"omost_model": language_model}
        self._language = language

    def option(self, name: str, default: Any) -> Any:
        """Returns the value of an option here, else its default."""
        return self._options.get(name, default)

    def localisation_files(self) -> tuple[str, ...]:
        """Returns the file of the page's language, none for English."""
        return (str(FILES[self.language]),) if self.language in FILES else ()

    @property
    def language(self) -> str:
        """The code of the page's language, for the visitor whose request is being answered."""
        return self._language or visitor_language()

    def restricts_visitors(self) -> bool:
        """Returns True if the page is open to the network."""
        return self._open_to_network

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
        """Writes an answer while no picture is made (Program.write_in_queue)."""
        is_late = _timer(wait)
        held = yield from self.queue.acquire(
            StopCondition(cancel.is_set, is_late), WAITING_FOR_ANSWER
        )
        if not held:
            yield Done("cancelled", 0) if cancel.is_set() else wait_timed_out(wait or 0)
            return
        try:
            yield from write(StopCondition(cancel.is_set, lambda: self.queue.interrupted))
        finally:
            self.queue.release()

    def write_beside_queue(
        self, write: WriteAnswer, cancel: threading.Event
    ) -> Generator[Event, None, None]:
        """Writes an answer also while a picture is made (Program.write_beside_queue)."""
        yield from write(cancel)

    @contextmanager
    def idle_queue(self) -> Iterator[bool]:
        """Holds the queue if it is free (Program.idle_queue)."""
        with self.queue.hold_if_free() as was_free:
            yield was_free


def _timer(seconds: float | None) -> Callable[[], bool]:
    """Returns a function that returns True after so many seconds; never for None."""
    if seconds is None:
        return lambda: False
    end = time.monotonic() + seconds
    return lambda: time.monotonic() >= end
