"""Composes and paints the pictures of one press of Generate, and saves each as a PNG file."""

from __future__ import annotations

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
from lib_omost.regeneration import NAME as REGENERATE
from lib_omost.regeneration import read_regeneration
from lib_omost.renderer.painting import PictureError, PictureSpec
from lib_omost.serve.generate_inputs import GenerateInputs, picture_specs
from lib_omost.serve.image_process import ImageProcess, Preview
from lib_omost.ui.script_arguments import read_compose_settings, read_settings, read_values
from lib_omost.ui.standalone_texts import CANVAS_OF, FINISHED, INTERRUPTED, PICTURE_OF
from lib_omost.ui.status_html import error_html, progress_text, status_html
from lib_omost.ui.texts import STARTING

T = TypeVar("T")

PROGRESS = "{progress}"
"""The status line of a single picture or canvas."""


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
            regeneration = read_regeneration(values.get(REGENERATE))
            if regeneration:
                values["canvas_source"] = "page"
            specs = picture_specs(inputs, read_settings(values), regeneration)
            requests = _compose_requests(specs, values)
        except ValueError as error:
            yield GenerateView(status=error_html(error))
            return
        yield GenerateView(status=status_html(STARTING), pictures=(), busy=True)
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
                composed = yield from _show_progress(
                    self._compose(request, cancel),
                    CANVAS_OF if len(requests) > 1 else PROGRESS,
                    number=number,
                    count=len(requests),
                )
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
            painted = yield from _show_progress(
                self.image_process.paint(spec, cancel),
                PICTURE_OF if len(specs) > 1 else PROGRESS,
                number=number,
                count=len(specs),
            )
            if painted is None:
                yield GenerateView(status=status_html(INTERRUPTED), preview="", busy=False)
                return
            pictures.append(self._save(painted.png, spec.seed))
            remarks |= dict.fromkeys(painted.remarks)
            yield GenerateView(pictures=tuple(pictures), preview="")
        yield GenerateView(status="".join(map(status_html, [FINISHED, *remarks])), busy=False)

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
    events: Generator[Progress, None, T] | Generator[Progress | Preview, None, T],
    text: str = PROGRESS,
    **values: int,
) -> Generator[GenerateView, None, T]:
    """Yields progress as a status line, and each preview; returns the generator's result.

    Args:
        events: The progress and the previews.
        text: The text of the status line; "{progress}" stands for the progress.
        values: Values of the text's other placeholders.
    """
    while True:
        try:
            event = next(events)
        except StopIteration as end:
            return end.value  # type: ignore[no-any-return]
        if isinstance(event, Preview):
            yield GenerateView(preview=event.png)
        else:
            yield GenerateView(status=status_html(text, progress=progress_text(event), **values))


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
