"""Judges whether a canvas answers a stranger's request, by the least that a person expects."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Iterator, Sequence

from benchmarks.composition.boxes import area, inside
from benchmarks.strangers.requests import Relation, RequestedObject, StrangerRequest
from lib_omost.canvas.model import UNITS, Box, Canvas, Color, Region
from lib_omost.llm.demo.vocabulary import COLOR_WORDS, EXACT_SYNONYMS, OBJECT_WORDS, plural
from training.world import BACKGROUND_COLORS, rgb

CLEARLY = 5.0
"""Distance of two centres in canvas units from which a person sees a side."""
MIDDLE_WIDTH = 12.0
"""Greatest distance of the middle's objects from the middle of the picture, in canvas units."""
BIGGER = 1.2
"""Ratio of two areas from which a person sees the larger one."""
TOUCHING = 12.0
"""Greatest distance of two edges in canvas units of an object that rests on another one."""


def problems(request: StrangerRequest, canvas: Canvas | None) -> list[str]:
    """Names what a canvas lacks: "canvas", "objects", "relations", "background"; empty if right.

    Objects of the same words may swap their regions; the best assignment counts.
    """
    if canvas is None:
        return ["canvas"]
    found = []
    assignments = list(_assignments(request, canvas.regions))
    if not assignments:
        found.append("objects")
    elif not any(_all_hold(request.relations, regions) for regions in assignments):
        found.append("relations")
    if request.background and nearest_background(canvas.color) != request.background:
        found.append("background")
    return found


def assigned_regions(request: StrangerRequest, canvas: Canvas) -> Sequence[Region] | None:
    """Returns the region of each requested object in a right canvas, None for a wrong one."""
    return next(
        (
            regions
            for regions in _assignments(request, canvas.regions)
            if _all_hold(request.relations, regions)
        ),
        None,
    )


def kind_of(region: Region) -> tuple[str | None, str | None]:
    """Returns the colour and the object that the description of a region names first."""
    words = region.description.lower()
    return _first(words, _COLORS), _first(words, _OBJECTS)


def nearest_background(color: Color) -> str:
    """Returns the name of the background colour that is nearest to a colour."""
    return min(BACKGROUND_COLORS, key=lambda name: math.dist(rgb(name), color))


def _names(words: dict[str, tuple[str, ...]], plurals: bool) -> dict[str, str]:
    names = {}
    for name, synonyms in words.items():
        for word in (name, *synonyms):
            if not plurals or word == name or word in EXACT_SYNONYMS:
                names[word] = name
                if plurals:
                    names[plural(word)] = name
    return names


_COLORS = _names(COLOR_WORDS, plurals=False)
_OBJECTS = _names(OBJECT_WORDS, plurals=True)


def _first(words: str, names: dict[str, str]) -> str | None:
    longest_first = sorted(names, key=len, reverse=True)
    match = re.search(rf"\b(?:{'|'.join(map(re.escape, longest_first))})\b", words)
    return names[match[0]] if match else None


def _assignments(request: StrangerRequest, regions: Sequence[Region]) -> Iterator[Sequence[Region]]:
    """Yields every way to give each requested object a region of its kind."""
    if len(regions) < len(request.objects):
        return
    if request.exclusive and len(regions) != len(request.objects):
        return
    kinds = [kind_of(region) for region in regions]
    candidates = [
        [number for number, kind in enumerate(kinds) if _fits(item, kind)]
        for item in request.objects
    ]
    for numbers in itertools.product(*candidates):
        if len(set(numbers)) == len(numbers):
            yield [regions[number] for number in numbers]


def _fits(item: RequestedObject, kind: tuple[str | None, str | None]) -> bool:
    color, name = kind
    return name == item.name and item.color in (None, color)


def _all_hold(relations: Sequence[Relation], regions: Sequence[Region]) -> bool:
    return all(_holds(relation, regions) for relation in relations)


def _holds(relation: Relation, regions: Sequence[Region]) -> bool:
    first, *others = (regions[number] for number in relation.objects)
    if relation.kind == "at":
        return _is_at(relation.place, first.box)
    if relation.kind == "between":
        return _is_between(first.box, others[0].box, others[1].box)
    (other,) = others
    dx, dy = _offset(other.box, first.box)
    overlap = inside(first.box, other.box)
    return {
        "left of": dx <= -CLEARLY,
        "right of": dx >= CLEARLY,
        "above": dy <= -CLEARLY,
        "below": dy >= CLEARLY,
        "beside": abs(dx) > abs(dy) and abs(dx) >= CLEARLY,
        "in front of": first.distance_to_viewer < other.distance_to_viewer,
        "behind": first.distance_to_viewer > other.distance_to_viewer,
        "bigger": area(first.box) >= BIGGER * area(other.box),
        "smaller": area(other.box) >= BIGGER * area(first.box),
        "inside": overlap >= 0.8,
        "on": overlap >= 0.5 or _rests_on(first.box, other.box),
    }[relation.kind]


def _is_at(place: str, box: Box) -> bool:
    """Tests one or both axes: an object at the top may be anywhere from left to right."""
    x, y = _center(box)
    middle = UNITS / 2
    sides = {
        "left": x <= middle - CLEARLY,
        "right": x >= middle + CLEARLY,
        "top": y <= middle - CLEARLY,
        "bottom": y >= middle + CLEARLY,
        "center": max(abs(x - middle), abs(y - middle)) <= MIDDLE_WIDTH,
    }
    return all(sides[side] for side in place.split("-"))


def _is_between(box: Box, one: Box, other: Box) -> bool:
    """Tests whether a centre lies near the line between two others, away from its ends."""
    along = _offset(one, other)
    length = math.hypot(*along) or 1.0
    dx, dy = _offset(one, box)
    part = (dx * along[0] + dy * along[1]) / length**2
    aside = abs(dx * along[1] - dy * along[0]) / length
    return 0.15 <= part <= 0.85 and aside <= length / 2


def _rests_on(box: Box, other: Box) -> bool:
    side_by_side = box.right <= other.left or other.right <= box.left
    return not side_by_side and abs(box.bottom - other.top) <= TOUCHING


def _center(box: Box) -> tuple[float, float]:
    return (box.left + box.right) / 2, (box.top + box.bottom) / 2


def _offset(start: Box, end: Box) -> tuple[float, float]:
    (x1, y1), (x2, y2) = _center(start), _center(end)
    return x2 - x1, y2 - y1
