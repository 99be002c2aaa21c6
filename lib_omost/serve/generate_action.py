"""Composes and paints the pictures of one press of Generate, and saves each as a PNG file."""

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
from lib_omost.canvas import formats
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
from lib_omost.serve.image_process import ImageProcess, Preview
from lib_omost.settings import Settings
from lib_omost.ui.chat_view import RANDOM_SEED, SEED_COUNT
from lib_omost.ui.script_arguments import read_compose_settings, read_settings, read_values
from lib_omost.ui.status_html import error_html, progress_text, status_html
from lib_omost.ui.texts import WITHOUT_CANVAS

T = TypeVar("T")


MAX_PICTURES = 100
"""Limit of the pictures of one press of Generate."""


@dataclass(frozen=True)
class GenerateInputs:
    """The inputs beside the accordion, in the order of the page's components.

    Attributes:
        prompt: The prompt box.
        negative: The negative prompt.
        sampler: A name of SAMPLERS.
        steps: Number of sampler steps.
        width: In pixels.
        height: In pixels.
        batch_count: Number of pictures.
        cfg_scale: The CFG scale.
        seed: Seed of the first picture; -1 or None chooses one at random.
    """

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
    """A change of the page; None leaves a component unchanged.

    Attributes:
        status: HTML of the status line.
        pictures: Files of the finished pictures.
        preview: A preview of the picture that is being painted, a PNG file as base64; "" for none.
        busy: The button Interrupt replaces Generate.
    """

    status: str | None = None
    pictures: tuple[Path, ...] | None = None
    preview: str | None = None
    busy: bool | None = None


@dataclass
class GenerateAction:
    """Paints pictures with the values of the page and saves them.

    Attributes:
        image_process: Paints the pictures.
        composing: Composes canvases if the page asks for one from the prompt.
        folder: The folder of all pictures; each day has its own folder in it.
    """

    image_process: ImageProcess
    composing: ComposeService
    folder: Path

    def generate(
        self, inputs: GenerateInputs, arguments: Sequence[Any]
    ) -> Generator[GenerateView, None, None]:
        """Composes and paints all pictures.

        Args:
            inputs: The inputs beside the accordion.
            arguments: The values of the accordion's components.

        Yields:
            Changes of the page. An error is a sentence in the status line.
        """
        try:
            values = read_values(arguments, {})
            specs = _picture_specs(inputs, read_settings(values))
            requests = _compose_requests(specs, values)
        except ValueError as error:
            yield GenerateView(status=error_html(error))
            return
        yield GenerateView(status=status_html("Starting"), pictures=(), busy=True)
        cancel = threading.Event()
        yield from _show_progress(self.image_process.queue.acquire(cancel))
        try:
            remarks: dict[str, None] = {}
            specs = yield from self._add_canvases(specs, requests, cancel, remarks)
            self.composing.before_sampling()
            yield from self._paint(specs, cancel, remarks)
        except (PictureError, CompositionError, OSError) as error:
            yield GenerateView(status=error_html(error), preview="", busy=False)
        finally:
            cancel.set()
            self.image_process.queue.release()

    def _add_canvases(
        self,
        specs: Sequence[PictureSpec],
        requests: Sequence[ComposeRequest],
        cancel: threading.Event,
        remarks: dict[str, None],
    ) -> Generator[GenerateView, None, list[PictureSpec]]:
        """Composes the canvases of the pictures; equal requests are composed once.

        Args:
            specs: The pictures.
            requests: One request for each picture; empty if the pictures use the page's canvas.
            cancel: Ends the composing.
            remarks: Receives remarks about the canvases, as keys.

        Returns:
            The pictures with their canvases.

        Raises:
            CompositionError: A canvas could not be composed.
        """
        if not requests:
            return list(specs)
        canvases: dict[Hashable, str] = {}
        for number, request in enumerate(requests, start=1):
            if canvas_key(request) not in canvases:
                prefix = f"Canvas {number} of {len(requests)}: " if len(requests) > 1 else ""
                composed = yield from _show_progress(self._compose(request, cancel), prefix)
                canvases[canvas_key(request)] = formats.to_text(composed.canvas)
                if composed.remark:
                    remarks[composed.remark] = None
        return [
            replace(spec, canvas=canvases[canvas_key(request)])
            for spec, request in zip(specs, requests, strict=True)
        ]

    def _compose(
        self, request: ComposeRequest, cancel: threading.Event
    ) -> Generator[Progress, None, ComposedCanvas]:
        answer = CollectedAnswer()
        stop = StopCondition(cancel.is_set, lambda: self.image_process.queue.interrupted)
        with closing(self.composing.stream_within_job(request, stop)) as events:
            for event in events:
                answer.add(event)
                if isinstance(event, Progress):
                    yield event
        return composition(request, answer)

    def _paint(
        self, specs: Sequence[PictureSpec], cancel: threading.Event, remarks: dict[str, None]
    ) -> Generator[GenerateView, None, None]:
        """Paints and saves the pictures one after another.

        Args:
            specs: The pictures.
            cancel: Ends the sampling.
            remarks: Remarks for the status line, as keys; those of the pictures are added.

        Raises:
            PictureError: A picture could not be painted.
            OSError: A picture could not be saved.
        """
        pictures: list[Path] = []
        for number, spec in enumerate(specs, start=1):
            prefix = f"Picture {number} of {len(specs)}: " if len(specs) > 1 else ""
            painted = yield from _show_progress(self.image_process.paint(spec, cancel), prefix)
            if painted is None:
                yield GenerateView(status=status_html("Interrupted."), preview="", busy=False)
                return
            pictures.append(self._save(painted.png, spec.seed))
            remarks |= dict.fromkeys(painted.remarks)
            yield GenerateView(pictures=tuple(pictures), preview="")
        yield GenerateView(status="".join(map(status_html, ["Finished.", *remarks])), busy=False)

    def _save(self, png: bytes, seed: int) -> Path:
        """Saves a picture under the next number of the day and returns its file."""
        folder = self.folder / date.today().isoformat()
        folder.mkdir(parents=True, exist_ok=True)
        atomic_files.clear_unfinished(folder)
        numbers = [int(file.name[:5]) for file in folder.glob(f"{'[0-9]' * 5}-*.png")]
        number = max(numbers, default=0) + 1
        while True:
            path = folder / f"{number:05}-{seed}.png"
            try:
                atomic_files.create(path, png)
            except FileExistsError:  # another server uses the same folder
                number += 1
            else:
                return path


def _show_progress(
    events: Generator[Progress, None, T] | Generator[Progress | Preview, None, T], prefix: str = ""
) -> Generator[GenerateView, None, T]:
    """Yields progress as a status line, and each preview; returns the generator's result."""
    while True:
        try:
            event = next(events)
        except StopIteration as end:
            return end.value  # type: ignore[no-any-return]
        if isinstance(event, Preview):
            yield GenerateView(preview=event.png)
        else:
            yield GenerateView(status=status_html(prefix + progress_text(event)))


def _compose_requests(
    specs: Sequence[PictureSpec], values: Mapping[str, Any]
) -> list[ComposeRequest]:
    """Builds the compose request of each picture; none if they use the page's canvas."""
    settings = read_settings(values)
    if not settings.enabled or settings.canvas_source == "page":
        return []
    prompts, seeds = [spec.prompt for spec in specs], [spec.seed for spec in specs]
    return requests_from_prompts(
        read_compose_settings(values), prompts, seeds, settings.composition_seed
    )


def _picture_specs(inputs: GenerateInputs, settings: Settings) -> list[PictureSpec]:
    """Builds the specification of each picture; the seeds count up.

    Raises:
        ValueError: An input is not valid; the message is for the visitor.
    """
    canvas = settings.canvas if isinstance(settings.canvas, str) else settings.canvas[0]
    if settings.canvas_source == "prompt":
        # As in a WebUI: the canvas contains the prompt's request, which must not be encoded twice.
        # The infotext stores the composed canvas like one of the page.
        canvas = ""
        settings = replace(settings, canvas_source="page", prompt_role="ignored")
    elif settings.enabled:
        _check_canvas(canvas)
    if inputs.sampler not in SAMPLERS:
        raise PictureError(f"the sampler {inputs.sampler!r} is unknown: choose one of the list")
    seed = RANDOM_SEED
    if inputs.seed is not None:
        seed = _integer("The seed", inputs.seed, RANDOM_SEED, 2**32 - 1)
    first = PictureSpec(
        canvas=canvas,
        prompt=inputs.prompt,
        negative=inputs.negative,
        width=_integer("The width", inputs.width, 64, 2048),
        height=_integer("The height", inputs.height, 64, 2048),
        steps=_integer("The number of steps", inputs.steps, 1, 150),
        cfg=_number("The CFG scale", inputs.cfg_scale, 0, 100),
        seed=random.randrange(SEED_COUNT) if seed == RANDOM_SEED else seed,
        sampler=inputs.sampler,
        settings=replace(settings, canvas=""),
    )
    count = _integer("The batch count", inputs.batch_count, 1, MAX_PICTURES)
    return [replace(first, seed=first.seed + number) for number in range(count)]


def _check_canvas(text: str) -> None:
    if not text.strip():
        raise PictureError(WITHOUT_CANVAS)
    read_canvas(text)


def _integer(name: str, value: Any, low: int, high: int) -> int:
    if not _is_between(value, low, high) or value != int(value):
        raise PictureError(f"{name} must be a whole number from {low} to {high}, not {value}")
    return int(value)


def _number(name: str, value: Any, low: float, high: float) -> float:
    if not _is_between(value, low, high):
        raise PictureError(f"{name} must be a number from {low} to {high}, not {value}")
    return float(value)


def _is_between(value: Any, low: float, high: float) -> bool:
    return isinstance(value, (int, float)) and low <= value <= high
