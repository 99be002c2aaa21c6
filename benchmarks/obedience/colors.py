"""Assigns one of the small world's colours to each pixel of a picture."""

from __future__ import annotations

import functools

import numpy as np
from PIL import Image, ImageCms, ImageColor

from training.world import BACKGROUND_COLORS, COLORS

PALETTE = (*COLORS, *BACKGROUND_COLORS)
FAR = 30.0
"""Distance in CIE Lab beyond which a pixel has none of the palette's colours."""
NONE = len(PALETTE)


def lab(pixels: np.ndarray) -> np.ndarray:
    """Converts RGB pixels, [..., 3] uint8, to CIE Lab in float."""
    rows = np.ascontiguousarray(pixels.reshape(1, -1, 3))
    converted = ImageCms.applyTransform(Image.fromarray(rows), _to_lab())
    assert converted is not None
    values = np.asarray(converted).astype(np.int16)
    # Pillow's bytes: L from 0 to 255 for 0 to 100; a and b signed, as two's complement.
    signed = np.where(values[..., 1:] > 127, values[..., 1:] - 256, values[..., 1:])
    both = np.concatenate([values[..., :1] * (100 / 255), signed], axis=-1)
    return both.reshape(pixels.shape)


@functools.cache  # building it takes longer than using it
def _to_lab() -> ImageCms.ImageCmsTransform:
    srgb, lab_profile = ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB")
    return ImageCms.buildTransform(srgb, lab_profile, "RGB", "LAB")


def named(picture: Image.Image) -> np.ndarray:
    """Returns each pixel's nearest colour as an index of PALETTE, NONE if none is near; [H, W]."""
    palette = np.array([[ImageColor.getrgb(name)[:3] for name in PALETTE]], dtype=np.uint8)
    pixels = lab(np.asarray(picture.convert("RGB")))
    distances = np.linalg.norm(pixels[:, :, None] - lab(palette)[0], axis=-1)
    return np.where(distances.min(axis=-1) > FAR, NONE, distances.argmin(axis=-1))
