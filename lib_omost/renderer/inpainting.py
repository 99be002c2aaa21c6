"""Paints a part of a finished picture anew, with diffusers' inpainting pipeline."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from PIL import Image


@dataclass(frozen=True, eq=False)
class Inpainting:
    """A picture, and the part of it that is painted anew.

    Attributes:
        picture: The picture in RGB, of the job's size.
        mask: A picture of mode L of the same size: 255 where it is painted anew, 0 where it stays.
        denoising: Denoising strength.
    """

    picture: Image.Image
    mask: Image.Image
    denoising: float

    def arguments(self, count: int) -> dict[str, Any]:
        """Returns the arguments of the pipeline for a batch.

        Args:
            count: Number of pictures of the batch.
        """
        width, height = self.picture.size
        start = {"image": [self.picture] * count, "mask_image": [self.mask] * count}
        return {**start, "width": width, "height": height}

    def merge(self, painted: Image.Image) -> Image.Image:
        """Returns the picture with the painted part.

        The pipeline paints latent pixels whose mask is at least a half. As in the WebUIs, the
        painted picture therefore counts fully there, and less the nearer the mask is to 0.
        """
        opacity = self.mask.point(lambda value: min(2 * value, 255))
        return Image.composite(painted, self.picture, opacity)
