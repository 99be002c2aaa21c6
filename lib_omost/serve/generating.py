"""What the button Generate does: pictures one after the other, each kept as it is finished."""

from __future__ import annotations

import random
import threading
from collections.abc import Generator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from lib_omost.batch.folder import write
from lib_omost.batch.painting import readable
from lib_omost.batch.wanted import Wanted
from lib_omost.hosts.embedded.samplers import SAMPLERS
from lib_omost.llm.engine import Failed, Progress
from lib_omost.serve.studio import Painted, Studio
from lib_omost.settings import Settings
from lib_omost.webui.arguments import read_settings, read_values
from lib_omost.webui.chat_page import RANDOM, SEEDS, failed, progress, said
from lib_omost.webui.composing import Composing

EMPTY = "There is no canvas: have one composed, write one, or switch Omost off"

MOST = 100
"""Pictures of one press of the button."""


@dataclass(frozen=True)
class Entered:
    """What stands in the page beside the accordion, in the order of its components."""

    prompt: str = ""
    negative: str = ""
    sampler: str = "Euler a"
    steps: float = 20
    width: float = 512
    height: float = 512
    batch_count: float = 1
    cfg_scale: float = 7.0
    seed: float | None = RANDOM


@dataclass(frozen=True)
class View:
    """What is to change in the page; None leaves a part as it is. status: HTML."""

    status: str | None = None
    pictures: tuple[Path, ...] | None = None
    busy: bool | None = None


class RefusedError(ValueError):
    """Why nothing is painted; the message is for the visitor."""


@dataclass
class Generating:
    """Paints what is entered; folder: where pictures are kept, a folder a day."""

    studio: Studio
    composing: Composing
    folder: Path

    def generate(self, entered: Entered, arguments: Sequence[Any]) -> Generator[View, None, None]:
        """Paint; arguments: the values of the accordion's components."""
        try:
            wanted = _wanted(entered, read_settings(read_values(arguments, {})))
            count = _whole("The batch count", entered.batch_count, 1, MOST)
        except ValueError as error:
            yield View(status=failed(error))
            return
        yield View(status=said("Starting"), pictures=(), busy=True)
        cancel = threading.Event()
        taken = False
        try:
            waiting = self.studio.take_turn(cancel)
            while True:
                try:
                    yield View(status=said(progress(next(waiting))))
                except StopIteration as end:
                    taken = end.value
                    break
            self.composing.before_sampling()
            yield from self._paint_all(wanted, count, cancel)
        finally:
            cancel.set()
            if taken:
                self.studio.leave_turn()

    def _paint_all(
        self, wanted: Wanted, count: int, cancel: threading.Event
    ) -> Generator[View, None, None]:
        pictures: list[Path] = []
        remarks: list[str] = []
        end = "Finished"
        for number in range(count):
            which = f"Picture {number + 1} of {count}: " if count > 1 else ""
            one = replace(wanted, seed=wanted.seed + number)
            with closing(self.studio.paint(one, cancel)) as events:
                for event in events:
                    if isinstance(event, Painted):
                        pictures.append(self._keep(event.png, one.seed))
                        remarks += [text for text in event.remarks if text not in remarks]
                        yield View(pictures=tuple(pictures))
                    elif isinstance(event, Progress):
                        yield View(status=said(which + progress(event)))
                    elif isinstance(event, Failed):
                        yield View(status=failed(event.message), busy=False)
                        return
                    elif event.reason == "cancelled":
                        end = "Interrupted"
            if end != "Finished":
                break
        yield View(status="".join(map(said, [f"{end}.", *remarks])), busy=False)

    def _keep(self, png: bytes, seed: int) -> Path:
        """Keep a picture; numbers go on through the day."""
        folder = self.folder / date.today().isoformat()
        folder.mkdir(parents=True, exist_ok=True)
        numbers = [int(file.name[:5]) for file in folder.glob(f"{'[0-9]' * 5}-*.png")]
        number = max(numbers, default=0) + 1
        path = folder / f"{number:05}-{seed}.png"
        write(path, png)
        return path


def _wanted(entered: Entered, settings: Settings) -> Wanted:
    """Read what is entered. Raises ValueError, in a sentence for the visitor."""
    canvas = settings.canvas if isinstance(settings.canvas, str) else settings.canvas[0]
    if settings.enabled and not canvas.strip():
        raise RefusedError(EMPTY)
    if settings.enabled:
        readable(canvas)
    if entered.sampler not in SAMPLERS:
        raise RefusedError(f"there is no sampler {entered.sampler!r}: choose one of the list")
    seed = RANDOM if entered.seed is None else _whole("The seed", entered.seed, RANDOM, 2**32 - 1)
    return Wanted(
        canvas=canvas,
        prompt=entered.prompt,
        negative=entered.negative,
        width=_whole("The width", entered.width, 64, 2048),
        height=_whole("The height", entered.height, 64, 2048),
        steps=_whole("The number of steps", entered.steps, 1, 150),
        cfg=float(entered.cfg_scale),
        seed=random.randrange(SEEDS) if seed == RANDOM else seed,
        sampler=entered.sampler,
        settings=replace(settings, canvas=""),
    )


def _whole(what: str, value: float | None, low: int, high: int) -> int:
    if value is None or value != int(value) or not low <= value <= high:
        raise RefusedError(f"{what} is a whole number from {low} to {high}, not {value}")
    return int(value)
