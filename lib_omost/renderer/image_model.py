"""Which image model renders: the painter that ships, or a checkpoint and LoRA."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lib_omost.renderer.renderer import Renderer

PAINTER = "painted by the small model that ships, which knows flat shapes; see --checkpoint"


@dataclass(frozen=True)
class ImageModel:
    """A checkpoint file or diffusers folder, "" for the painter that ships, and LoRA files.

    loras: files and weights.
    """

    checkpoint: str = ""
    loras: tuple[tuple[str, float], ...] = ()

    @property
    def name(self) -> str:
        """What the infotext calls it."""
        return Path(self.checkpoint).stem if self.checkpoint else "painter"

    @property
    def size(self) -> tuple[int, int]:
        """Its usual width and height in pixels.

        The painter learned objects of a third to three quarters of 128 pixels. The regions of a
        canvas are smaller; in 160 more of them become what they are to be (benchmarks/fidelity.py).
        """
        return (512, 512) if self.checkpoint else (160, 160)

    @property
    def cfg(self) -> float:
        """Its usual guidance scale."""
        return 7.0 if self.checkpoint else 6.0

    @property
    def settings(self) -> dict[str, Any]:
        """The settings it is used with where nothing else is said, by their names.

        The painter obeys its canvas better so (benchmarks/fidelity.py).
        """
        if self.checkpoint:
            return {}
        return {"start_from_colors": True, "color_denoising": 0.7, "sharpness": 0.5}

    def load(self) -> Renderer:
        """Load it. Raises UnsupportedModelError for what is no model, or a LoRA of another."""
        # Not before it is needed: this imports torch and diffusers.
        from lib_omost.renderer import demo_painter, pipeline_loading
        from lib_omost.renderer.renderer import Renderer

        pipeline_loading.keep_quiet()
        checkpoint = Path(self.checkpoint)
        renderer = Renderer(
            pipeline_loading.load(checkpoint) if self.checkpoint else demo_painter.pipeline()
        )
        for file, weight in self.loras:
            renderer.host.add_lora(file, weight)
        return renderer
