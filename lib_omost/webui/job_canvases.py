"""The canvases of one job: read from the page or the API, or composed from its prompts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

from lib_omost import infotext
from lib_omost.canvas import formats
from lib_omost.canvas.model import Canvas
from lib_omost.compose.composed_canvases import ComposedCanvases, record
from lib_omost.compose.prompt_requests import PromptRequestError, requests_from_prompts
from lib_omost.compose.request import ComposeRequest
from lib_omost.compose.settings import ComposeSettings
from lib_omost.settings import IMAGE_SEED, Settings
from lib_omost.ui.script_arguments import read_compose_settings, read_settings
from lib_omost.ui.texts import WITHOUT_CANVAS
from lib_omost.webui.messages import Messages
from lib_omost.webui.sampler_calls import RefusalError

TOO_LONG_FOR_JPEG = (
    "the canvas is longer than a JPEG's metadata can be, so the pictures do not carry it: save it "
    "as a preset, or choose PNG or WebP under Settings > Saving images/grids"
)
CANVASES_FOR_TILES = "the tiles are parts of one picture, which needs one canvas instead of a list"
SEEDS_FOR_TILES = (
    "the tiles are parts of one picture, but each has a seed of its own and would get a canvas of "
    "its own: set Composition seed"
)


class JobCanvases:
    """The canvases of a job; image i uses canvas i.

    Canvases of the page or the API are read when the job starts. Canvases from prompts are composed
    when the prompts are final. Such a canvas replaces the prompt, so the prompt box is ignored.

    Args:
        compositions: Composes canvases.
        messages: Collects the job's messages.
        saves_jpeg: Returns True if the host saves pictures or grids as JPEG.

    Attributes:
        settings: The settings that the pictures are made with.
    """

    def __init__(
        self, compositions: ComposedCanvases, messages: Messages, saves_jpeg: Callable[[], bool]
    ) -> None:
        self._saves_jpeg = saves_jpeg
        self.settings = Settings()
        self._compositions = compositions
        self._messages = messages
        self._composition = ""
        self._canvases: list[Canvas] = []
        self._compose_settings: ComposeSettings | None = None
        self._requests: list[ComposeRequest] = []

    def read(self, values: Mapping[str, Any], composition: str = "") -> None:
        """Reads the settings and the canvases of the page or the API.

        Args:
            values: The script's arguments by name.
            composition: The record (`record`) of the model that composed the canvas, "" if unknown.

        Raises:
            SettingsError: A setting has a wrong value.
            RefusalError: A canvas cannot be read.
        """
        self._composition = composition
        self.settings = read_settings(values)
        if self.settings.canvas_source == "prompt":
            self._compose_settings = read_compose_settings(values)
            self.settings = replace(self.settings, canvas_source="page", prompt_role="ignored")
        else:
            self._canvases = read_canvases(self.settings.canvas, self._messages)

    @property
    def from_prompts(self) -> bool:
        """True if the canvases are composed from the prompts."""
        return self._compose_settings is not None

    @property
    def ready(self) -> bool:
        """True once the canvases are read or composed."""
        return bool(self._canvases)

    def start(self, p: Any) -> None:
        """Adds settings and canvases to the infotext of the host's job p, if they are known."""
        if not self.from_prompts:
            self._write(p, [self._composition] if self._composition else [])
        elif file := getattr(p, "omost_file", None):
            file.fix_seed(p)

    def check_single(self) -> None:
        """Raises RefusalError if the tiles of one picture would follow different canvases."""
        composing = self._compose_settings
        if composing is None and len(self._canvases) > 1:
            raise RefusalError(CANVASES_FOR_TILES)
        seeds_differ = self.settings.composition_seed == IMAGE_SEED
        if composing is not None and seeds_differ and composing.resolved().temperature:
            raise RefusalError(SEEDS_FOR_TILES)

    def compose(self, p: Any) -> None:
        """Composes the canvases of all pictures of the host's job p, before the first sampling.

        If an extension changes the prompts of a later batch, the missing canvases are composed
        then. Does nothing for canvases that are not from prompts.

        Raises:
            PromptRequestError: A prompt contains nothing to compose a canvas from.
            CompositionError: The language model wrote no canvas.
        """
        if self._compose_settings is None:
            return
        requests = self._build_requests(self._compose_settings, p.all_prompts, p.all_seeds)
        if requests == self._requests:
            return
        compositions = self._compositions.compose(requests, self._requests_ahead(p, requests))
        self._requests = requests
        self._canvases = [composition.canvas for composition in compositions]
        for number, composition in enumerate(compositions, start=1):
            label = _label(number, len(compositions))
            if composition.remark:
                self._messages.add(f"{label}: {composition.remark}")
            self._messages.add_diagnostics(label, composition.diagnostics)
        self._write(p, [record(request) for request in requests])

    def _requests_ahead(self, p: Any, requests: Sequence[ComposeRequest]) -> list[ComposeRequest]:
        """Builds the requests of the later lines of "Prompts from file".

        Args:
            p: The host's job, which may be one of the lines.
            requests: The requests of the job's pictures.

        Returns:
            An empty list also if an extension changed the prompts of this line, because it will
            change those of the other lines too.
        """
        file, settings = getattr(p, "omost_file", None), self._compose_settings
        if file is None or settings is None:
            return []
        predicted: list[ComposeRequest] = []
        for line in file.lines:
            with suppress(PromptRequestError):  # the job of that line reports it
                predicted += self._build_requests(settings, line.prompts, line.seeds)
        if not all(request in predicted for request in requests):
            return []
        return predicted[predicted.index(requests[-1]) + 1 :]

    def _build_requests(
        self, settings: ComposeSettings, prompts: Sequence[str], seeds: Sequence[int]
    ) -> list[ComposeRequest]:
        return requests_from_prompts(settings, prompts, seeds, self.settings.composition_seed)

    def _write(self, p: Any, compositions: Sequence[str]) -> None:
        """Adds settings and canvases to the infotext, if the host can save that much."""
        if self._saves_jpeg() and not infotext.fit_into_jpeg(self._canvases):
            self._messages.add(TOO_LONG_FOR_JPEG)
            return
        infotext.add_parameters(
            p.extra_generation_params, self.settings, self._canvases, compositions
        )

    def of_batch(self, p: Any, size: int) -> list[Canvas]:
        """Returns the canvas of each image in the current batch of `size` images."""
        first = p.iteration * p.batch_size
        return [self._canvases[(first + i) % len(self._canvases)] for i in range(size)]


def read_canvases(texts: str | Sequence[str], messages: Messages) -> list[Canvas]:
    """Reads canvas texts and adds their repairs to the messages. Raises RefusalError."""
    texts = [texts] if isinstance(texts, str) else texts
    canvases: dict[str, Canvas] = {}
    for number, text in enumerate(texts, start=1):
        label = _label(number, len(texts))
        if not text.strip():
            raise RefusalError(WITHOUT_CANVAS if len(texts) == 1 else f"{label} is empty")
        if text not in canvases:
            reading = formats.read(text)
            if reading.canvas is None:
                reasons = "; ".join(map(str, reading.diagnostics))
                raise RefusalError(f"{label} cannot be read: {reasons}")
            canvases[text] = reading.canvas
            messages.add_diagnostics(label, reading.diagnostics)
    return [canvases[text] for text in texts]


def _label(number: int, count: int) -> str:
    return f"canvas {number}" if count > 1 else "the canvas"
