"""Paints pictures: turns the description of a picture into a PNG file that carries its infotext.

The commands `render` and `batch` and the stand-alone page create all their pictures here.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from PIL import Image, PngImagePlugin

from lib_omost.canvas import formats
from lib_omost.canvas.model import Canvas
from lib_omost.regeneration import Regeneration
from lib_omost.renderer.image_model import ImageModel
from lib_omost.renderer.webui_infotext import write_infotext
from lib_omost.settings import Settings
from lib_omost.text.prompt_syntax import PromptSyntaxError

if TYPE_CHECKING:
    from lib_omost.renderer.latent_preview import LatentPreview
    from lib_omost.renderer.renderer import RenderJob, SamplerStep


class PictureError(ValueError):
    """Explains in one sentence why a picture cannot be painted."""


@dataclass(frozen=True)
class PictureSpec:
    """One picture: its canvas, its prompts, and how it is sampled.

    Attributes:
        canvas: A canvas in any form that `canvas.formats.read` reads. It has no effect while
            `settings.enabled` is off. The settings' own `canvas` is not used.
        prompt: The text of a WebUI's prompt box, "" for none.
        negative: The negative prompt, of any length.
        width: Width in pixels, a multiple of 8.
        height: Height in pixels, a multiple of 8.
        steps: Number of sampler steps.
        cfg: CFG scale; with 1 or less the negative prompt has no effect.
        seed: Seed of the noise, 0 or more.
        sampler: A name in `samplers.SAMPLERS`.
        settings: The settings that control how the canvas is used.
        regeneration: The finished picture of which boxes are painted anew, None for a new picture.
            Its size must be `width` x `height`.
    """

    canvas: str = ""
    prompt: str = ""
    negative: str = ""
    width: int = 512
    height: int = 512
    steps: int = 20
    cfg: float = 7.0
    seed: int = 0
    sampler: str = "Euler a"
    settings: Settings = field(default_factory=Settings)
    regeneration: Regeneration | None = None


@dataclass(frozen=True)
class PaintedPicture:
    """A finished picture.

    Attributes:
        png: The PNG file, which carries its infotext.
        remarks: Sentences for the user about the canvas.
    """

    png: bytes
    remarks: tuple[str, ...] = ()


class Painter:
    """Paints pictures with one image model."""

    def __init__(self, model: ImageModel, *, progress_bar: bool = False) -> None:
        """Loads the model.

        Args:
            model: The image model.
            progress_bar: Whether sampling shows a progress bar on standard error, if that is a
                terminal.

        Raises:
            UnsupportedModelError: The checkpoint or a LoRA cannot be used.
        """
        self.model = model
        self._renderer = model.load()
        self._preview: LatentPreview | None = None
        # None, tqdm's own value: no progress bar where standard error is no terminal.
        self._renderer.pipeline.set_progress_bar_config(disable=None if progress_bar else True)

    def paint(
        self,
        spec: PictureSpec,
        *,
        count: int = 1,
        on_step: Callable[[SamplerStep], None] = lambda step: None,
    ) -> list[PaintedPicture]:
        """Paints pictures of one canvas in one batch; their seeds count up from the given seed.

        Args:
            spec: The first picture.
            count: Number of pictures.
            on_step: Called after each sampler step. An exception that it raises ends the sampling.

        Raises:
            PictureError: The picture cannot be painted as described.
        """
        from lib_omost.renderer.renderer import RenderJobError

        canvas = read_canvas(spec.canvas) if spec.settings.enabled else Canvas(description="")
        try:
            job = _render_job(spec, canvas, count)
            rendering = self._renderer.render(job, on_step=on_step)
        except (RenderJobError, PromptSyntaxError) as error:
            raise PictureError(str(error)) from error
        remarks = tuple(map(str, rendering.notes))
        return [
            PaintedPicture(write_png(picture, _infotext(self.model, job, number)), remarks)
            for number, picture in enumerate(rendering.pictures)
        ]

    def draw_preview(self, step: SamplerStep) -> Image.Image:
        """Draws the first picture of a step, one pixel for each latent cell."""
        from lib_omost.renderer.latent_preview import LatentPreview

        if self._preview is None:
            self._preview = LatentPreview(self._renderer.pipeline)
        return self._preview.draw(step.latents[0])


def describe_picture(spec: PictureSpec, model: ImageModel) -> str:
    """Returns the infotext that a picture will carry, without loading the model.

    Raises:
        PictureError: The picture cannot be painted as described.
    """
    check_spec(spec)
    return _infotext(model, _render_job(spec, read_canvas(spec.canvas), 1), 0)


def _infotext(model: ImageModel, job: RenderJob, number: int) -> str:
    return write_infotext(job, number, model.name, model.loras)


def check_spec(spec: PictureSpec) -> None:
    """Checks size, sampler, seed, CFG scale and steps without loading a model.

    Raises:
        PictureError: A value cannot be used.
    """
    from lib_omost.renderer.renderer import RenderJobError

    try:
        _render_job(spec, Canvas(description=""), 1)
    except RenderJobError as error:
        raise PictureError(str(error)) from error


def _render_job(spec: PictureSpec, canvas: Canvas, count: int) -> RenderJob:
    # Imported late, because torch takes seconds and the page's process does not have it.
    from lib_omost.renderer.inpainting import Inpainting
    from lib_omost.renderer.renderer import RenderJob

    inpainting = None
    if part := spec.regeneration:
        inpainting = Inpainting(part.opened, part.mask, spec.settings.region_denoising)
    return RenderJob(
        canvases=(canvas,) * count,
        settings=spec.settings,
        size=(spec.width, spec.height),
        steps=spec.steps,
        cfg=spec.cfg,
        seed=spec.seed,
        sampler=spec.sampler,
        prompt=spec.prompt.strip(),
        negative=spec.negative.strip(),
        regions=spec.settings.enabled,
        inpainting=inpainting,
    )


def read_canvas(text: str) -> Canvas:
    """Reads a canvas.

    Raises:
        PictureError: The text contains no canvas; the message has the reader's diagnostics.
    """
    reading = formats.read(text)
    if reading.canvas is None:
        reasons = "; ".join(map(str, reading.diagnostics))
        raise PictureError(f"its canvas cannot be read: {reasons}")
    return reading.canvas


def write_png(picture: Image.Image, infotext: str) -> bytes:
    """Encodes a picture as a PNG file with its infotext in the text chunk that WebUIs read.

    Args:
        picture: The picture.
        infotext: The generation parameters, "" for none.
    """
    chunks = PngImagePlugin.PngInfo()
    if infotext:
        chunks.add_text("parameters", infotext)
    png = io.BytesIO()
    picture.save(png, format="PNG", pnginfo=chunks)
    return png.getvalue()
