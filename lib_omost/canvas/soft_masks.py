"""Draws soft masks: white in the boxes of a picture, black beyond a soft edge around them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import Image

from lib_omost.canvas.model import UNITS, Box

EDGE_SHARE = 32
"""The shorter side of a picture, in widths of the soft edge."""

LEAST_EDGE = 8
"""Least width of the soft edge in pixels: one latent pixel."""


def edge_width(size: tuple[int, int]) -> float:
    """Returns the width of the soft edge in a picture, in pixels.

    Args:
        size: (width, height) of the picture in pixels.
    """
    return max(min(size) / EDGE_SHARE, LEAST_EDGE)


def draw_soft_mask(boxes: Sequence[Box], size: tuple[int, int]) -> Image.Image:
    """Draws the mask of boxes.

    Args:
        boxes: The boxes in canvas units.
        size: (width, height) of the picture in pixels.

    Returns:
        A picture of mode L of that size: 255 in the boxes; outside, the value falls with the
        distance of a pixel's centre from the nearest box, to 0 at the width of the edge.
    """
    width, height = size
    shares = np.zeros((height, width))
    for box in boxes:
        rows = _distances(height, box.top, box.bottom)
        columns = _distances(width, box.left, box.right)
        distances = np.hypot(rows[:, None], columns[None])
        shares = np.maximum(shares, 1 - distances / edge_width(size))
    return Image.fromarray(np.rint(255 * shares).astype(np.uint8))


def _distances(count: int, low: float, high: float) -> np.ndarray:
    """Returns the distance of each pixel's centre from a range along one side, in pixels, [count].

    Args:
        count: Number of pixels along the side.
        low: Start of the range in canvas units.
        high: End of the range in canvas units.
    """
    centres = np.arange(count) + 0.5
    start, end = low * count / UNITS, high * count / UNITS
    distances: np.ndarray = np.maximum(np.maximum(start - centres, centres - end), 0)
    return distances
