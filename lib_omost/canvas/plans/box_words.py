"""The words of plans and edits for places, sizes and depths, and their boxes."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from lib_omost.canvas.model import UNITS, Box

WHERE: Mapping[str, tuple[float, float]] = {
    "center": (0.5, 0.5),
    "left": (0.0, 0.5),
    "right": (1.0, 0.5),
    "top": (0.5, 0.0),
    "bottom": (0.5, 1.0),
    "top left": (0.0, 0.0),
    "top right": (1.0, 0.0),
    "bottom left": (0.0, 1.0),
    "bottom right": (1.0, 1.0),
}
"""The places of a plan: the share of the free width and height before the box."""

SIZES: Mapping[str, tuple[float, float]] = {
    "medium": (40, 40),
    "small": (28, 28),
    "large": (60, 60),
    "tall": (34, 72),
    "wide": (90, 38),
    "whole picture": (90, 90),
}
"""The sizes of a plan: width and height in canvas units."""

DEPTHS: Mapping[str, float] = {"middle": 5.0, "front": 2.0, "back": 8.0}
"""The depths of a plan: distances to the viewer."""


@dataclass(frozen=True)
class PlannedBox:
    """The words for one box: keys of WHERE, SIZES and DEPTHS."""

    where: str
    size: str
    depth: str

    @property
    def box(self) -> Box:
        """The box of the words."""
        width, height = SIZES[self.size]
        x, y = WHERE[self.where]
        left, top = round((UNITS - width) * x), round((UNITS - height) * y)
        return Box(top, top + height, left, left + width)


def name_box(box: Box) -> tuple[str, str]:
    """Returns the words for the place and the size whose box is nearest to a box."""
    sides = (box.top, box.bottom, box.left, box.right)

    def distance(words: tuple[str, str]) -> float:
        named = PlannedBox(*words, depth="middle").box
        return math.dist(sides, (named.top, named.bottom, named.left, named.right))

    return min(((where, size) for size in SIZES for where in WHERE), key=distance)
