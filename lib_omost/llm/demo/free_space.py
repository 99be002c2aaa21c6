"""Room for a new region where the composer put it over another one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from lib_omost.canvas.model import Box, Canvas, Place
from lib_omost.canvas.vocabulary import LOCATIONS

MOST_HIDDEN = 0.2
"""The share of another region that a new one may hide before it is moved."""

SMALL = "a small square area"


def with_room(before: Canvas, after: Canvas) -> Canvas:
    """Move the region that a change added to where it hides least, if it hides another too much.

    It stays in its size where there is room for that, and takes the nearest of the best places. The
    same canvases always have the same result.
    """
    if len(after.regions) != len(before.regions) + 1:
        return after
    *others, new = after.regions
    boxes = [region.box for region in others]
    if not isinstance(new.place, Place) or most_hidden(new.box, boxes) <= MOST_HIDDEN:
        return after
    best = min(_candidates(new.place), key=lambda place: _cost(new.box, place, boxes))
    return replace(after, regions=(*others, replace(new, place=best)))


def most_hidden(box: Box, others: Sequence[Box]) -> float:
    """Return the largest share that a box and one of the others take from each other."""
    return max((_shared(box, other) for other in others), default=0.0)


def _candidates(place: Place) -> list[Place]:
    areas = dict.fromkeys((place.area, SMALL))
    return [place, *(Place(name, "no offset", area) for area in areas for name in LOCATIONS)]


def _cost(now: Box, place: Place, others: Sequence[Box]) -> tuple[float, bool, float]:
    """What is hidden beyond what may be, whether the size changes, and the distance moved."""
    box = place.box
    hidden = most_hidden(box, others)
    smaller = _area(box) < _area(now)
    across = (box.left + box.right - now.left - now.right) / 2
    down = (box.top + box.bottom - now.top - now.bottom) / 2
    return (hidden if hidden > MOST_HIDDEN else 0.0, smaller, across**2 + down**2)


def _shared(one: Box, other: Box) -> float:
    width = min(one.right, other.right) - max(one.left, other.left)
    height = min(one.bottom, other.bottom) - max(one.top, other.top)
    least = min(_area(one), _area(other))
    return max(width, 0) * max(height, 0) / least if least else 0.0


def _area(box: Box) -> float:
    return (box.right - box.left) * (box.bottom - box.top)
