"""The picture of a canvas: by the embedded renderer, or by a WebUI over its API."""

from __future__ import annotations

import dataclasses
import io
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from PIL import Image, PngImagePlugin

from lib_omost.batch.executors import UnusableToolError
from lib_omost.batch.job_spec import JobSpec, LineError
from lib_omost.canvas import files
from lib_omost.canvas.model import Canvas
from lib_omost.renderer.image_model import ImageModel
from lib_omost.text.prompt_syntax import PromptSyntaxError

if TYPE_CHECKING:
    from lib_omost.renderer.renderer import Renderer, RenderJob


@dataclass(frozen=True)
class PictureRequest:
    """A picture to be made; canvas: the text of the one it follows."""

    wanted: JobSpec
    canvas: str


@dataclass(frozen=True)
class Picture:
    """A PNG that carries its infotext, and what there is to say about it."""

    png: bytes
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True)
class LocalPainter:
    """Paints with the embedded renderer (work.Tool)."""

    model: ImageModel = field(default_factory=ImageModel)

    @property
    def on_gpu(self) -> bool:
        """The painter that ships is small enough to do without."""
        return bool(self.model.checkpoint)

    @property
    def identity(self) -> dict[str, Any]:
        """What makes its pictures what they are."""
        return dataclasses.asdict(self.model)

    def check(self, wanted: JobSpec) -> None:
        """Raise ValueError for what cannot be sampled."""
        _job(wanted, Canvas(description=""))

    def make(self) -> Callable[[PictureRequest], Picture]:
        """Load the model. Raises UnusableToolError."""
        from lib_omost.renderer.pipeline_loading import UnsupportedModelError

        try:
            renderer = self.model.load()
        except UnsupportedModelError as error:
            raise UnusableToolError(str(error)) from error
        renderer.pipeline.set_progress_bar_config(disable=True)
        return lambda asked: paint(renderer, self.model, asked.wanted, readable(asked.canvas))


def _job(wanted: JobSpec, canvas: Canvas, *, regions: bool = True) -> RenderJob:
    from lib_omost.renderer.renderer import RenderJob

    return RenderJob(
        canvases=(canvas,),
        settings=wanted.settings,
        size=wanted.size,
        steps=wanted.steps,
        cfg=wanted.cfg,
        seed=wanted.seed,
        sampler=wanted.sampler,
        prompt=wanted.prompt.strip(),
        negative=wanted.negative.strip(),
        regions=regions,
    )


def paint(
    renderer: Renderer,
    model: ImageModel,
    wanted: JobSpec,
    canvas: Canvas,
    *,
    regions: bool = True,
    step: Callable[[int], None] = lambda number: None,
) -> Picture:
    """Make a picture; regions, step: as for Job and Renderer.render. Raises LineError."""
    from lib_omost.renderer.renderer import RenderJobError
    from lib_omost.renderer.webui_infotext import write_infotext

    try:
        job = _job(wanted, canvas, regions=regions)
        rendering = renderer.render(job, step=step)
    except (RenderJobError, PromptSyntaxError) as error:
        raise LineError(str(error)) from error
    infotext = write_infotext(job, 0, model.name, model.loras)
    return Picture(to_png(rendering.pictures[0], infotext), tuple(map(str, rendering.notes)))


def readable(text: str) -> Canvas:
    """Read a canvas that was kept. Raises LineError where somebody spoilt it."""
    reading = files.read(text)
    if reading.canvas is None:
        raise LineError(f"its canvas cannot be read: {'; '.join(map(str, reading.diagnostics))}")
    return reading.canvas


def to_png(picture: Image.Image, infotext: str) -> bytes:
    """Write a picture as a PNG with its infotext, as the WebUI does."""
    chunks = PngImagePlugin.PngInfo()
    chunks.add_text("parameters", infotext)
    png = io.BytesIO()
    picture.save(png, format="PNG", pnginfo=chunks)
    return png.getvalue()
