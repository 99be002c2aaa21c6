"""Describes the image model of a command or of the page: the demonstration painter or a checkpoint.

A description needs neither torch nor diffusers; only `ImageModel.load` imports them.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lib_omost.renderer.renderer import Renderer

DEMO_PAINTER_NOTE = (
    "no --checkpoint given: the demonstration painter renders, a small model that only knows flat "
    "shapes"
)


@dataclass(frozen=True)
class ImageModel:
    """An image model and its LoRA.

    Attributes:
        checkpoint: A checkpoint file or diffusers folder; "" is the demonstration painter.
        loras: The LoRA files with their weights.
    """

    checkpoint: str = ""
    loras: tuple[tuple[str, float], ...] = ()

    @property
    def name(self) -> str:
        """The model's name in the infotext."""
        return Path(self.checkpoint).stem if self.checkpoint else "painter"

    @property
    def size(self) -> tuple[int, int]:
        """The default (width, height) of a picture in pixels.

        The painter was trained on 128x128 pixels with objects of a third to three quarters of the
        picture. The regions of a canvas are smaller; at 160x160 more of them become the described
        objects (measured by benchmarks/fidelity.py).
        """
        return (512, 512) if self.checkpoint else (160, 160)

    @property
    def cfg(self) -> float:
        """The default CFG scale."""
        return 7.0 if self.checkpoint else 6.0

    @property
    def settings(self) -> dict[str, Any]:
        """The settings whose defaults differ for this model, by their names.

        The painter follows its canvas better with these values (measured by
        benchmarks/fidelity.py).
        """
        if self.checkpoint:
            return {}
        return {"start_from_colors": True, "color_denoising": 0.7, "sharpness": 0.5}

    def load(self) -> Renderer:
        """Loads the model and its LoRA.

        Raises:
            UnsupportedModelError: The checkpoint or a LoRA cannot be used.
        """
        # Imported late, because torch and diffusers take seconds.
        from lib_omost.renderer import demo_painter, pipeline_loading
        from lib_omost.renderer.renderer import Renderer

        pipeline_loading.silence_libraries()
        if self.checkpoint:
            pipeline = pipeline_loading.load_pipeline(Path(self.checkpoint))
        else:
            pipeline = demo_painter.load_painter()
        renderer = Renderer(pipeline)
        for file, weight in self.loras:
            renderer.host.add_lora(file, weight)
        return renderer
