"""Warns about regions that are covered, outside the picture, without text, or misleading."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from lib_omost.canvas import vocabulary
from lib_omost.canvas.model import UNITS, Canvas, Place, Region, Syntax
from lib_omost.canvas.prompt_texts import suffix_texts
from lib_omost.text.prompt_syntax import find_prompt_box_syntax
from lib_omost.text.sub_prompt import shorten
from lib_omost.ui.localisation import say
from lib_omost.ui.texts import COVERED, LITERAL, OUTSIDE, SILENT

COVERED_BELOW = 0.05
"""A region is reported as covered if a smaller part of its box than this is visible."""


@dataclass(frozen=True)
class RegionWarning:
    """A warning about a region.

    Attributes:
        region: Number of the region, from 1 in the order of the text; 0 is the whole picture.
        message: The translated sentence.
    """

    region: int
    message: str


def region_warnings(canvas: Canvas, canvas_text: Syntax = "plain") -> Iterator[RegionWarning]:
    """Yields the warnings about a canvas and its regions in their order, except hidden ones.

    Args:
        canvas: The canvas.
        canvas_text: Syntax of the canvas's texts; with "webui" the host parses their emphasis.
    """
    visible = visible_shares(canvas)
    if canvas_text == "plain":
        yield from _literal_syntax(canvas, 0)
    for number, region in enumerate(canvas.regions, start=1):
        if region.hidden:
            continue
        if visible[number - 1] < COVERED_BELOW:
            yield RegionWarning(number, say(COVERED, percent=f"{visible[number - 1]:.0%}"))
        if _part_inside(region) < 0.5:
            yield RegionWarning(number, say(OUTSIDE))
        if not any(map(str.strip, _texts(region))):
            yield RegionWarning(number, say(SILENT))
        if canvas_text == "plain":
            yield from _literal_syntax(region, number)


def _literal_syntax(part: Canvas | Region, number: int) -> Iterator[RegionWarning]:
    """Warns about prompt syntax such as <lora:name:1> or BREAK that plain text treats as words."""
    if part.syntax == "plain":
        found = filter(None, map(find_prompt_box_syntax, _texts(part)))
        for syntax in dict.fromkeys(shorten(text, 40) for text, _ in found):
            yield RegionWarning(number, say(LITERAL, found=syntax))


def visible_shares(canvas: Canvas) -> list[float]:
    """Returns the part of each region's box, 0 to 1, that no nearer region covers.

    Hidden regions cover nothing; their own value is 1.
    """
    boxes = [region.box for region in canvas.regions]
    xs = sorted({side for box in boxes for side in (box.left, box.right)})
    ys = sorted({side for box in boxes for side in (box.top, box.bottom)})
    areas = np.outer(np.diff(ys), np.diff(xs))
    free = np.ones(areas.shape, dtype=bool)
    shares = [1.0] * len(boxes)
    for number in reversed(far_to_near(canvas)):
        box = boxes[number]
        cells = (
            slice(ys.index(box.top), ys.index(box.bottom)),
            slice(xs.index(box.left), xs.index(box.right)),
        )
        area = areas[cells].sum()
        if area > 0:  # the area of a tiny free box can underflow to 0
            shares[number] = float((areas[cells] * free[cells]).sum() / area)
        free[cells] = False
    return shares


def far_to_near(canvas: Canvas) -> list[int]:
    """Returns the indices of the regions in the order of `Canvas.far_to_near`."""
    regions = canvas.regions
    visible = (number for number, region in enumerate(regions) if not region.hidden)
    return sorted(visible, key=lambda number: -regions[number].distance_to_viewer)


def _part_inside(region: Region) -> float:
    """Returns the part of a place's area within the picture, 1 for free boxes."""
    if not isinstance(region.place, Place):
        return 1.0
    width, height = vocabulary.AREAS[region.place.area]
    box = region.box
    return (box.right - box.left) * (box.bottom - box.top) / min(width * height, UNITS**2)


def _texts(part: Canvas | Region) -> tuple[str, ...]:
    return (part.description, *suffix_texts(part))
