"""Moves a new region to free space if the composer placed it over another region."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from lib_omost.canvas.model import Box, Canvas, Place
from lib_omost.canvas.vocabulary import LOCATIONS

MAX_OVERLAP = 0.2
"""The share of another region that a new region may cover before it is moved."""

SMALL_AREA = "a small square area"


def move_to_free_space(before: Canvas, after: Canvas) -> Canvas:
    """Moves the region that a change added to where it covers the other regions least.

    The region keeps its size if a place with that size is free, and moves the shortest distance
    among equally good places. The result is deterministic.

    Args:
        before: The canvas before the change.
        after: The canvas after the change. Its last region is the new one.

    Returns:
        `after` with the new region moved. `after` itself if no region is new, if the place is a
        free box, or if the overlap is at most MAX_OVERLAP.
    """
    if len(after.regions) != len(before.regions) + 1:
        return after
    *others, new = after.regions
    boxes = [region.box for region in others if not region.hidden]
    if not isinstance(new.place, Place) or max_overlap(new.box, boxes) <= MAX_OVERLAP:
        return after
    best = min(_candidates(new.place), key=lambda place: _relocation_cost(new.box, place, boxes))
    return replace(after, regions=(*others, replace(new, place=best)))


def max_overlap(box: Box, others: Sequence[Box]) -> float:
    """Returns the largest overlap of a box with any of the others.

    Args:
        box: A box in canvas units.
        others: Boxes in canvas units.

    Returns:
        The shared area divided by the smaller of the two areas, from 0 to 1.
    """
    return max((_overlap(box, other) for other in others), default=0.0)


def _candidates(place: Place) -> list[Place]:
    areas = dict.fromkeys((place.area, SMALL_AREA))
    return [place, *(Place(name, "no offset", area) for area in areas for name in LOCATIONS)]


def _relocation_cost(
    current: Box, place: Place, others: Sequence[Box]
) -> tuple[float, bool, float]:
    """Returns the cost of a place: overlap above MAX_OVERLAP, a smaller size, and the distance."""
    box = place.box
    overlap = max_overlap(box, others)
    smaller = _area(box) < _area(current)
    across = (box.left + box.right - current.left - current.right) / 2
    down = (box.top + box.bottom - current.top - current.bottom) / 2
    return (overlap if overlap > MAX_OVERLAP else 0.0, smaller, across**2 + down**2)


def _overlap(one: Box, other: Box) -> float:
    width = min(one.right, other.right) - max(one.left, other.left)
    height = min(one.bottom, other.bottom) - max(one.top, other.top)
    least = min(_area(one), _area(other))
    return max(width, 0) * max(height, 0) / least if least else 0.0


def _area(box: Box) -> float:
    return (box.right - box.left) * (box.bottom - box.top)
