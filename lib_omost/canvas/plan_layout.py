"""Computes boxes from the words of a plan, so that no thing hides another one by accident."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

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

MAX_OVERLAP = 0.18
"""Largest part of a box that a nearer box may hide."""

MAX_PART = 0.45
"""Largest part of a box that a nearer box in the same place may hide: a cat on a sofa."""

MIN_SIDE = 10
"""Smallest width and height of a box in canvas units."""


@dataclass(frozen=True)
class PlannedBox:
    """The words for one box: keys of WHERE, SIZES and DEPTHS."""

    where: str
    size: str
    depth: str

    @property
    def box(self) -> Box:
        """The box of the words, before boxes are separated."""
        width, height = SIZES[self.size]
        x, y = WHERE[self.where]
        left, top = round((UNITS - width) * x), round((UNITS - height) * y)
        return Box(top, top + height, left, left + width)


def arrange(planned: Sequence[PlannedBox]) -> list[Box]:
    """Returns one box for each thing of a plan.

    Boxes in different places are cut at the middle of their overlap. Things in the same place and
    at the same depth stand side by side. A thing in the same place but in front of another one
    stays before it, small enough to leave most of it visible. Boxes of full width, such as the
    sky, are backdrops; anything may be in front of them.

    Args:
        planned: The words for the boxes, in the order of the plan.
    """
    boxes = _side_by_side(planned)
    for first in range(len(planned)):
        for second in range(first + 1, len(planned)):
            _separate(boxes, planned, first, second)
    return boxes


def name_box(box: Box) -> tuple[str, str]:
    """Returns the words for the place and the size whose box is nearest to a box."""
    sides = (box.top, box.bottom, box.left, box.right)

    def distance(words: tuple[str, str]) -> float:
        named = PlannedBox(*words, depth="middle").box
        return math.dist(sides, (named.top, named.bottom, named.left, named.right))

    return min(((where, size) for size in SIZES for where in WHERE), key=distance)


def _side_by_side(planned: Sequence[PlannedBox]) -> list[Box]:
    """Divides the place that several things with equal words share."""
    boxes = [one.box for one in planned]
    for words in dict.fromkeys((one.where, one.depth) for one in planned):
        numbers = [
            number
            for number, one in enumerate(planned)
            if (one.where, one.depth) == words and not _is_backdrop(boxes[number])
        ]
        if len(numbers) < 2:
            continue
        height = min(boxes[number].bottom - boxes[number].top for number in numbers)
        width = min(max(boxes[number].right - boxes[number].left for number in numbers) * 2, UNITS)
        x, y = WHERE[words[0]]
        left, top = (UNITS - width) * x, (UNITS - height) * y
        step = width / len(numbers)
        for place, number in enumerate(numbers):
            side = left + place * step
            boxes[number] = Box(round(top), round(top + height), round(side), round(side + step))
    return boxes


def _separate(boxes: list[Box], planned: Sequence[PlannedBox], first: int, second: int) -> None:
    """Cuts or shrinks two boxes of the list so that the nearer one hides little of the other."""
    near, far = first, second
    if DEPTHS[planned[first].depth] > DEPTHS[planned[second].depth]:
        near, far = second, first
    elif planned[first].depth == planned[second].depth:
        near, far = second, first  # of equal distances the later region is nearer
    if _is_backdrop(boxes[far]) or _hidden(boxes[near], boxes[far]) <= MAX_OVERLAP:
        return
    same_place = planned[near].where == planned[far].where
    if same_place and planned[near].depth != planned[far].depth:
        boxes[near] = _shrink(boxes[near], boxes[far])
        return
    horizontal = WHERE[planned[near].where][0] != WHERE[planned[far].where][0] or same_place
    boxes[near], boxes[far] = _cut(boxes[near], boxes[far], horizontal=horizontal)


def _cut(one: Box, other: Box, *, horizontal: bool) -> tuple[Box, Box]:
    """Cuts two boxes at the middle of their overlap, along one axis."""
    start, end = ("left", "right") if horizontal else ("top", "bottom")
    center_one = getattr(one, start) + getattr(one, end)
    center_other = getattr(other, start) + getattr(other, end)
    if center_one > center_other:
        other, one = _cut(other, one, horizontal=horizontal)
        return one, other
    low, high = getattr(other, start), getattr(one, end)
    middle = round((low + high) / 2)
    middle = max(middle, math.ceil(getattr(one, start)) + MIN_SIDE)
    middle = min(middle, math.floor(getattr(other, end)) - MIN_SIDE)
    return replace(one, **{end: middle}), replace(other, **{start: middle})


def _shrink(near: Box, far: Box) -> Box:
    """Shrinks a box to the bottom middle of the other one until it hides at most MAX_PART of it."""
    width, height = near.right - near.left, near.bottom - near.top
    middle, bottom = (near.left + near.right) / 2, max(near.bottom, far.bottom)
    while _hidden(near, far) > MAX_PART:
        width, height = width * 0.95, height * 0.95
        left = min(max(middle - width / 2, 0), UNITS - width)
        near = Box(bottom - height, bottom, left, left + width)
    return Box(*map(round, (near.top, near.bottom, near.left, near.right)))


def _hidden(near: Box, far: Box) -> float:
    """Returns the part of the far box that the near one hides, 0 to 1."""
    width = min(near.right, far.right) - max(near.left, far.left)
    height = min(near.bottom, far.bottom) - max(near.top, far.top)
    area = (far.right - far.left) * (far.bottom - far.top)
    return max(width, 0) * max(height, 0) / area


def _is_backdrop(box: Box) -> bool:
    return box.right - box.left >= UNITS
