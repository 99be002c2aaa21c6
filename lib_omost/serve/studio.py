"""What the page works with: one image model and one language model, which take turns."""

from __future__ import annotations

import base64
import dataclasses
import json
import threading
import time
from collections.abc import Callable, Generator
from contextlib import closing
from pathlib import Path

from lib_omost.batch.job_spec import JobSpec
from lib_omost.compose.host_queue import (
    HEARTBEAT,
    WAITING,
    WAITING_FOR_ANSWER,
    StopCondition,
    Write,
    waited_in_vain,
)
from lib_omost.compose.request import ComposeRequest
from lib_omost.compose.service import ComposeService
from lib_omost.compose.waiting_line import PlaceInLine, WaitingLine
from lib_omost.llm import process_messages
from lib_omost.llm.engine import Done, Event, Failed, Progress, Text
from lib_omost.llm.engine_factory import choose
from lib_omost.llm.model_environment import ModelEnvironment
from lib_omost.llm.process_engine import WorkerProcess
from lib_omost.renderer.image_model import ImageModel

READY = "There is nothing to set up: language models run in the Python that this page came from."


class RefusedError(ValueError):
    """Why nothing is painted; the message is for the visitor."""


@dataclasses.dataclass(frozen=True)
class PaintedPicture:
    """A picture's PNG, which carries its infotext, and what there is to say about it."""

    png: bytes
    remarks: tuple[str, ...]


class SharedModels:
    """The image model, in a process of `python`, and whose turn it is.

    Whoever composes or paints holds the turn; `interrupt` ends what is being done.
    """

    def __init__(self, python: Path, model: ImageModel) -> None:
        self.model = model
        command = [str(python), "-m", "lib_omost.serve.image_worker", model.checkpoint]
        self._process = WorkerProcess(
            [*command, json.dumps(model.loras)],
            kind="image model",
            longest=process_messages.LONGEST,
        )
        self._line = WaitingLine()
        self._place: PlaceInLine | None = None  # of whoever has the turn
        self._interrupt = threading.Event()
        self._waiting = WAITING  # what others are told

    def interrupt(self) -> None:
        """End the answer or the picture that is being made."""
        self._interrupt.set()

    def paint(
        self, wanted: JobSpec, cancel: threading.Event
    ) -> Generator[Progress, None, PaintedPicture | None]:
        """Paint a picture whose turn it is; return it, None where it was interrupted.

        Raises RefusedError.
        """
        stop = StopCondition(cancel.is_set, lambda: self.interrupted)
        painted = None
        with closing(self._process.ask(dataclasses.asdict(wanted), stop)) as events:
            for event in events:
                if isinstance(event, Failed):
                    raise RefusedError(event.message)
                if isinstance(event, Progress):
                    yield event
                elif isinstance(event, Text):
                    picture = json.loads(event.text)
                    png = base64.b64decode(picture["png"])
                    painted = PaintedPicture(png, tuple(picture["remarks"]))
        return painted

    def take_turn(
        self, cancel: threading.Event, waiting: Progress = WAITING
    ) -> Generator[Progress, None, bool]:
        """Wait for the turn, with a Progress every second; return whether it was taken.

        waiting: what those are told who wait for it next.
        """
        place = self._line.join()
        try:
            while not place.is_first.wait(HEARTBEAT):
                if cancel.is_set():
                    return False
                yield self._waiting
            self._place, self._waiting = place, waiting
        finally:
            if self._place is not place:
                place.leave()
        self._interrupt.clear()
        return True

    def leave_turn(self) -> None:
        """Let the next one have it."""
        place, self._place = self._place, None
        if place is not None:
            place.leave()

    @property
    def interrupted(self) -> bool:
        """Whether what has the turn is to end."""
        return self._interrupt.is_set()

    def make_room(self) -> None:
        """Take the image model out of memory, for a language model (host.Memory)."""
        self._process.unload()

    def take_back(self) -> None:
        """The next picture loads it (host.Memory)."""

    def missing_weights(self) -> int:
        """Return the size of the checkpoint that the next picture loads (host.Memory)."""
        checkpoint = Path(self.model.checkpoint)
        return checkpoint.stat().st_size if checkpoint.is_file() else 0


class StandaloneComposeService(ComposeService):
    """Composing on the page: models run in processes of `python`.

    folder: where a server's key is kept. open_to_network: visitors may change nothing.
    """

    def __init__(
        self, studio: SharedModels, python: Path, folder: Path, *, open_to_network: bool = False
    ) -> None:
        super().__init__(
            folder,
            find_memory=lambda: studio,
            choose=lambda name, **options: choose(name, **{**options, "python": python}),
        )
        self._studio = studio
        self._python = python
        self._open_to_network = open_to_network

    def restricted(self) -> bool:
        """Whether visitors may change nothing."""
        return self._open_to_network

    def environment(self) -> ModelEnvironment:
        """The Python that is there."""
        return _There(self._python)

    def unload(self) -> None:
        """Give the model's memory back, and end what it is writing."""
        if self._in_use is not None:
            self._in_use.unload()

    def _in_turn(
        self, write: Write, order: ComposeRequest, cancel: threading.Event
    ) -> Generator[Event, None, None]:
        late = _after(order.wait)
        taken = yield from self._studio.take_turn(
            StopCondition(cancel.is_set, late), WAITING_FOR_ANSWER
        )
        if not taken:
            yield Done("cancelled", 0) if cancel.is_set() else waited_in_vain(order.wait or 0)
            return
        try:
            yield from write(StopCondition(cancel.is_set, lambda: self._studio.interrupted))
        finally:
            self._studio.leave_turn()

    def _beside(self, write: Write, cancel: threading.Event) -> Generator[Event, None, None]:
        yield from write(cancel)


def _after(seconds: float | None) -> Callable[[], bool]:
    """Tell whether so many seconds have passed from now; after None of them never."""
    if seconds is None:
        return lambda: False
    end = time.monotonic() + seconds
    return lambda: time.monotonic() >= end


class _There(ModelEnvironment):
    """A Python that has all that language models need already."""

    def __init__(self, python: Path) -> None:
        super().__init__(python.parent)
        self._own = python

    @property
    def python(self) -> Path:
        """It."""
        return self._own

    @property
    def ready(self) -> bool:
        """It is there."""
        return True

    def plan(self) -> str:
        """Say that there is nothing to do."""
        return READY

    def build(self, cancel: threading.Event) -> Generator[Event, None, None]:
        """Do nothing."""
        yield Done("finished", 0)
