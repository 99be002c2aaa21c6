"""Cuts a canvas to a crop of its picture, so that the crop can be painted alone."""

from __future__ import annotations

from dataclasses import dataclass, replace

from lib_omost.canvas.model import UNITS, Box, Canvas

SLIVER = 1.0
"""Canvas units of the crop; a region that is cut to less than this width or height is dropped.

Such a rest covers no whole latent pixel of usual pictures, but attention would give it one pixel
and a very large area scale.
"""


@dataclass(frozen=True)
class Crop:
    """A rectangle of a picture, in canvas units; it may extend beyond the picture.

    Attributes:
        top: Upper edge.
        bottom: Lower edge, greater than `top`.
        left: Left edge.
        right: Right edge, greater than `left`.
    """

    top: float
    bottom: float
    left: float
    right: float

    @classmethod
    def from_pixels(
        cls, corner: tuple[int, int], size: tuple[int, int], picture: tuple[int, int]
    ) -> Crop:
        """Converts a crop in pixels.

        Args:
            corner: The crop's top left corner, x and y in pixels of the picture.
            size: Width and height of the crop in pixels, greater than 0.
            picture: Width and height of the whole picture in pixels, greater than 0.
        """
        (x, y), (width, height) = corner, size
        columns, rows = picture
        return cls(
            top=y * UNITS / rows,
            bottom=(y + height) * UNITS / rows,
            left=x * UNITS / columns,
            right=(x + width) * UNITS / columns,
        )


def cut_canvas(canvas: Canvas, crop: Crop) -> Canvas:
    """Returns the canvas of a crop: the regions that it contains, and the whole global description.

    Args:
        canvas: The canvas of the whole picture.
        crop: The crop.
    """
    parts = []
    for region in canvas.regions:
        box = cut_box(region.box, crop)
        if box is not None:
            # Several names can stand for one box; an uncut region retains its name.
            parts.append(region if box == region.box else replace(region, place=box))
    return replace(canvas, regions=tuple(parts))


def cut_box(box: Box, crop: Crop) -> Box | None:
    """Returns the part of a box within a crop, in canvas units of the crop; None for no part.

    Args:
        box: A box on the canvas of the whole picture.
        crop: The crop.
    """
    rows = _cut_range(box.top, box.bottom, crop.top, crop.bottom)
    columns = _cut_range(box.left, box.right, crop.left, crop.right)
    return Box(*rows, *columns) if rows and columns else None


def _cut_range(low: float, high: float, start: float, end: float) -> tuple[float, float] | None:
    """Returns the part of low to high within start to end, with start as 0 and end as 90."""
    scale = UNITS / (end - start)
    low_cut, high_cut = (min(max((edge - start) * scale, 0), UNITS) for edge in (low, high))
    is_cut = low < start or high > end
    if low_cut >= high_cut or (is_cut and high_cut - low_cut < SLIVER):
        return None
    return low_cut, high_cut
