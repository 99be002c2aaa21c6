"""What the button Generate does: pictures one after the other, each kept as it is finished."""

from __future__ import annotations

import random
import threading
from collections.abc import Generator, Hashable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

from lib_omost import atomic_files
from lib_omost.canvas import files
from lib_omost.compose.composed_canvases import (
    ComposedCanvas,
    CompositionError,
    canvas_key,
    composition,
)
from lib_omost.compose.prompt_requests import requests_from_prompts
from lib_omost.compose.request import ComposeRequest
from lib_omost.compose.service import ComposeService
from lib_omost.llm.engine import Progress
from lib_omost.llm.event_stream import CollectedAnswer
from lib_omost.program.queueing import StopCondition
from lib_omost.renderer.painting import PictureError, PictureSpec, read_canvas
from lib_omost.renderer.samplers import SAMPLERS
from lib_omost.serve.image_process import ImageProcess
from lib_omost.settings import Settings
from lib_omost.ui.chat_view import RANDOM_SEED, SEED_COUNT
from lib_omost.ui.script_arguments import read_compose_settings, read_settings, read_values
from lib_omost.ui.status_html import error_html, progress_text, status_html
from lib_omost.ui.texts import WITHOUT_CANVAS

T = TypeVar("T")


MOST = 100
"""Pictures of one press of the button."""


@dataclass(frozen=True)
class GenerateInputs:
    """What stands in the page beside the accordion, in the order of its components."""

    prompt: str = ""
    negative: str = ""
    sampler: str = "Euler a"
    steps: float = 20
    width: float = 512
    height: float = 512
    batch_count: float = 1
    cfg_scale: float = 7.0
    seed: float | None = RANDOM_SEED


@dataclass(frozen=True)
class GenerateView:
    """What is to change in the page; None leaves a part as it is. status: HTML."""

    status: str | None = None
    pictures: tuple[Path, ...] | None = None
    busy: bool | None = None


@dataclass
class GenerateAction:
    """Paints what is entered; folder: where pictures are kept, a folder a day."""

    image_process: ImageProcess
    composing: ComposeService
    folder: Path

    def generate(
        self, entered: GenerateInputs, arguments: Sequence[Any]
    ) -> Generator[GenerateView, None, None]:
        """Paint; arguments: the values of the accordion's components."""
        try:
            values = read_values(arguments, {})
            wanted = _wanted(entered, read_settings(values))
            asked = _orders(wanted, values)
        except ValueError as error:
            yield GenerateView(status=error_html(error))
            return
        yield GenerateView(status=status_html("Starting"), pictures=(), busy=True)
        cancel = threading.Event()
        yield from _shown(self.image_process.queue.acquire(cancel))
        try:
            remarks: dict[str, None] = {}
            wanted = yield from self._composed(wanted, asked, cancel, remarks)
            self.composing.before_sampling()
            yield from self._paint(wanted, cancel, remarks)
        except (PictureError, CompositionError, OSError) as error:
            yield GenerateView(status=error_html(error), busy=False)
        finally:
            cancel.set()
            self.image_process.queue.release()

    def _composed(
        self,
        wanted: Sequence[PictureSpec],
        asked: Sequence[ComposeRequest],
        cancel: threading.Event,
        remarks: dict[str, None],
    ) -> Generator[GenerateView, None, list[PictureSpec]]:
        """Give each picture the canvas that was asked for it, if any; equal ones are composed once.

        remarks: takes what there is to say of the canvases. Raises CompositionError.
        """
        if not asked:
            return list(wanted)
        canvases: dict[Hashable, str] = {}
        for number, order in enumerate(asked, start=1):
            if canvas_key(order) not in canvases:
                which = f"Canvas {number} of {len(asked)}: " if len(asked) > 1 else ""
                composed = yield from _shown(self._compose(order, cancel), which)
                canvases[canvas_key(order)] = files.to_text(composed.canvas)
                if composed.remark:
                    remarks[composed.remark] = None
        return [
            replace(one, canvas=canvases[canvas_key(order)])
            for one, order in zip(wanted, asked, strict=True)
        ]

    def _compose(
        self, order: ComposeRequest, cancel: threading.Event
    ) -> Generator[Progress, None, ComposedCanvas]:
        answer = CollectedAnswer()
        stop = StopCondition(cancel.is_set, lambda: self.image_process.queue.interrupted)
        with closing(self.composing.stream_within_job(order, stop)) as events:
            for event in events:
                answer.add(event)
                if isinstance(event, Progress):
                    yield event
        return composition(order, answer)

    def _paint(
        self, wanted: Sequence[PictureSpec], cancel: threading.Event, remarks: dict[str, None]
    ) -> Generator[GenerateView, None, None]:
        """Paint one after the other. Raises PictureError, OSError."""
        pictures: list[Path] = []
        for number, one in enumerate(wanted, start=1):
            which = f"Picture {number} of {len(wanted)}: " if len(wanted) > 1 else ""
            painted = yield from _shown(self.image_process.paint(one, cancel), which)
            if painted is None:
                yield GenerateView(status=status_html("Interrupted."), busy=False)
                return
            pictures.append(self._keep(painted.png, one.seed))
            remarks |= dict.fromkeys(painted.remarks)
            yield GenerateView(pictures=tuple(pictures))
        yield GenerateView(status="".join(map(status_html, ["Finished.", *remarks])), busy=False)

    def _keep(self, png: bytes, seed: int) -> Path:
        """Keep a picture; numbers go on through the day."""
        folder = self.folder / date.today().isoformat()
        folder.mkdir(parents=True, exist_ok=True)
        atomic_files.clear_unfinished(folder)
        numbers = [int(file.name[:5]) for file in folder.glob(f"{'[0-9]' * 5}-*.png")]
        number = max(numbers, default=0) + 1
        while True:
            path = folder / f"{number:05}-{seed}.png"
            try:
                atomic_files.create(path, png)
            except FileExistsError:  # another server keeps its pictures here too
                number += 1
            else:
                return path


def _shown(
    events: Generator[Progress, None, T], which: str = ""
) -> Generator[GenerateView, None, T]:
    """Show what goes on; return what comes of it."""
    while True:
        try:
            event = next(events)
        except StopIteration as end:
            return end.value  # type: ignore[no-any-return]
        yield GenerateView(status=status_html(which + progress_text(event)))


def _orders(wanted: Sequence[PictureSpec], values: Mapping[str, Any]) -> list[ComposeRequest]:
    """What is to be composed, for each picture; nothing where they follow the page's canvas."""
    settings = read_settings(values)
    if not settings.enabled or settings.canvas_source == "page":
        return []
    prompts, seeds = [one.prompt for one in wanted], [one.seed for one in wanted]
    return requests_from_prompts(
        read_compose_settings(values), prompts, seeds, settings.composition_seed
    )


def _wanted(entered: GenerateInputs, settings: Settings) -> list[PictureSpec]:
    """Read what is entered, for each picture. Raises ValueError, in a sentence for the visitor."""
    canvas = settings.canvas if isinstance(settings.canvas, str) else settings.canvas[0]
    if settings.canvas_source == "prompt":
        # As in a host: the canvas says what the prompt asked for, and is kept as the page's own.
        canvas = ""
        settings = replace(settings, canvas_source="page", prompt_role="ignored")
    elif settings.enabled:
        _check_canvas(canvas)
    if entered.sampler not in SAMPLERS:
        raise PictureError(f"there is no sampler {entered.sampler!r}: choose one of the list")
    seed = (
        RANDOM_SEED
        if entered.seed is None
        else _whole("The seed", entered.seed, RANDOM_SEED, 2**32 - 1)
    )
    first = PictureSpec(
        canvas=canvas,
        prompt=entered.prompt,
        negative=entered.negative,
        width=_whole("The width", entered.width, 64, 2048),
        height=_whole("The height", entered.height, 64, 2048),
        steps=_whole("The number of steps", entered.steps, 1, 150),
        cfg=_number("The CFG scale", entered.cfg_scale, 0, 100),
        seed=random.randrange(SEED_COUNT) if seed == RANDOM_SEED else seed,
        sampler=entered.sampler,
        settings=replace(settings, canvas=""),
    )
    count = _whole("The batch count", entered.batch_count, 1, MOST)
    return [replace(first, seed=first.seed + number) for number in range(count)]


def _check_canvas(text: str) -> None:
    if not text.strip():
        raise PictureError(WITHOUT_CANVAS)
    read_canvas(text)


def _whole(what: str, value: Any, low: int, high: int) -> int:
    if not _is_between(value, low, high) or value != int(value):
        raise PictureError(f"{what} is a whole number from {low} to {high}, not {value}")
    return int(value)


def _number(what: str, value: Any, low: float, high: float) -> float:
    if not _is_between(value, low, high):
        raise PictureError(f"{what} is a number from {low} to {high}, not {value}")
    return float(value)


def _is_between(value: Any, low: float, high: float) -> bool:
    return isinstance(value, (int, float)) and low <= value <= high
