"""The canvases of one job: read from what was given, or composed from its prompts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from lib_omost import infotext
from lib_omost.canvas import files
from lib_omost.canvas.model import Canvas
from lib_omost.compose.composed_canvases import ComposedCanvases, record
from lib_omost.compose.prompt_requests import requests_from_prompts
from lib_omost.compose.request import ComposeRequest
from lib_omost.compose.settings import ComposeSettings
from lib_omost.settings import Settings
from lib_omost.ui.script_arguments import read_compose_settings, read_settings
from lib_omost.ui.texts import WITHOUT_CANVAS
from lib_omost.webui.messages import Messages
from lib_omost.webui.sampler_calls import RefusalError

TOO_LONG_FOR_JPEG = (
    "the canvas is longer than a JPEG's metadata can be, so the pictures do not carry it: save it "
    "as a preset, or choose PNG or WebP under Settings > Saving images/grids"
)


class JobCanvases:
    """The canvases of a job: image i follows the i-th.

    Given ones are read at once; ones from the prompts are composed when these are final, and then
    take part as given ones do beside a prompt box that is ignored: they say what it asked for.

    settings: those that the pictures are made with. p: the host's job in every method.
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
        self._asked: list[ComposeRequest] = []

    def read(self, values: Mapping[str, Any], composition: str = "") -> None:
        """Read settings, and canvases that are given, from values by their names.

        composition: the record of what composed a given canvas, "" where that is not known.
        Raises SettingsError, and RefusalError for a canvas that cannot be read.
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
        """Whether they are composed from the prompts."""
        return self._compose_settings is not None

    @property
    def ready(self) -> bool:
        """Whether they are read or composed."""
        return bool(self._canvases)

    def start(self, p: Any) -> None:
        """Put settings and given canvases into the infotext of the job's pictures."""
        if not self.from_prompts:
            self._write(p, [self._composition] if self._composition else [])

    def complete(self, p: Any) -> None:
        """Compose those of the whole job, before its first picture is sampled.

        Where an extension changes the prompts of a later batch after all, what is missing is
        composed then. Raises PromptRequestError, CompositionError.
        """
        if self._compose_settings is None:
            return
        asked = requests_from_prompts(
            self._compose_settings, p.all_prompts, p.all_seeds, self.settings.composition_seed
        )
        if asked == self._asked:
            return
        compositions = self._compositions.compose(asked)
        self._asked = asked
        self._canvases = [composition.canvas for composition in compositions]
        for number, composition in enumerate(compositions, start=1):
            which = _named(number, len(compositions))
            if composition.remark:
                self._messages.say(f"{which}: {composition.remark}")
            self._messages.remark(which, composition.diagnostics)
        self._write(p, [record(order) for order in asked])

    def _write(self, p: Any, compositions: Sequence[str]) -> None:
        """Put settings and canvases into the pictures, unless the host could not save them so."""
        if self._saves_jpeg() and not infotext.fits_jpeg(self._canvases):
            self._messages.say(TOO_LONG_FOR_JPEG)
            return
        infotext.add(p.extra_generation_params, self.settings, self._canvases, compositions)

    def of_batch(self, p: Any, size: int) -> list[Canvas]:
        """Return the canvas of each image of the batch."""
        first = p.iteration * p.batch_size
        return [self._canvases[(first + i) % len(self._canvases)] for i in range(size)]


def read_canvases(texts: str | Sequence[str], messages: Messages) -> list[Canvas]:
    """Read one text or several, and say what was repaired. Raises RefusalError."""
    texts = [texts] if isinstance(texts, str) else texts
    canvases: dict[str, Canvas] = {}
    for number, text in enumerate(texts, start=1):
        which = _named(number, len(texts))
        if not text.strip():
            raise RefusalError(WITHOUT_CANVAS if len(texts) == 1 else f"{which} is empty")
        if text not in canvases:
            reading = files.read(text)
            if reading.canvas is None:
                reasons = "; ".join(map(str, reading.diagnostics))
                raise RefusalError(f"{which} cannot be read: {reasons}")
            canvases[text] = reading.canvas
            messages.remark(which, reading.diagnostics)
    return [canvases[text] for text in texts]


def _named(number: int, count: int) -> str:
    return f"canvas {number}" if count > 1 else "the canvas"
