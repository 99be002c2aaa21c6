"""Judges whether a canvas answers a request of the small world: objects, colours, places, edits."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from lib_omost.canvas.model import UNITS, Box, Canvas, Region
from lib_omost.llm.demo.vocabulary import RELATIONS
from training.canvases import Composition, Placed, canvas_of
from training.composer.requests import Request
from training.world import COLORS, OBJECTS

MIDDLE = UNITS / 2
AROUND = 10
"""Distance from the middle in canvas units that still counts as the middle: an offset moves so far.
"""
PLACED = {"places", "row", "column", "between", *RELATIONS}
"""The kinds of requests that name places."""


@dataclass(frozen=True)
class Verdict:
    """The parts of a request that a canvas fulfils."""

    objects: bool
    colors: bool
    places: bool

    @property
    def all(self) -> bool:
        """True if the canvas fulfils the whole request."""
        return self.objects and self.colors and self.places


def judge(request: Request, canvas: Canvas) -> Verdict:
    """Compares a canvas with a request; regions may come in any order.

    The place of an object is right if the centre of its box is on the requested side of the
    picture's middle. An object in front of another must be nearer to the viewer.
    """
    requested = request.composition.objects
    found = [(_word(region, COLORS), _word(region, OBJECTS), region) for region in canvas.regions]
    objects = sorted(name or "" for _, name, _ in found) == sorted(item.name for item in requested)
    if not objects:
        return Verdict(False, False, False)
    with_color = [item for i, item in enumerate(requested) if i not in request.open_colors]
    colors = _contains(
        [(color, name) for color, name, _ in found], [item.kind for item in with_color]
    )
    if request.kind not in PLACED:
        return Verdict(objects, colors, True)
    orders = itertools.permutations(canvas.regions)
    return Verdict(objects, colors, any(_places_right(request, order) for order in orders))


def same(composition: Composition, canvas: Canvas) -> bool:
    """Tests whether a canvas is exactly a composition's canvas; regions may come in any order."""
    expected = canvas_of(composition)
    rest = list(canvas.regions)
    for region in expected.regions:
        if region not in rest:
            return False
        rest.remove(region)
    return not rest and (canvas.description, canvas.color) == (
        expected.description,
        expected.color,
    )


def kind_of(region: Region) -> tuple[str, str]:
    """Returns the colour and the object that a region's description names, "" for none."""
    return _word(region, COLORS) or "", _word(region, OBJECTS) or ""


def _word(region: Region, known: Sequence[str]) -> str | None:
    words = region.description.lower().strip(" .").replace(",", " ").split()
    return next((word for word in words if word in known), None)


def _contains(found: list[tuple[str | None, str | None]], asked: list[tuple[str, str]]) -> bool:
    rest = list(found)
    for kind in asked:
        if kind not in rest:
            return False
        rest.remove(kind)
    return True


def _places_right(request: Request, regions: Sequence[Region]) -> bool:
    """Tests whether regions, paired with the request's objects, are at the requested places."""
    pairs = list(zip(request.composition.objects, regions, strict=True))
    if any(_word(region, OBJECTS) != item.name for item, region in pairs):
        return False
    near, far = regions[0].distance_to_viewer, regions[-1].distance_to_viewer
    if request.kind == "in front of":
        return near < far
    if request.kind == "behind":
        return near > far
    return all(_on_asked_side(item, region) for item, region in pairs)


def _on_asked_side(item: Placed, region: Region) -> bool:
    asked, actual = _sides(item.place.box), _sides(region.box)
    if asked == (0, 0):
        return actual == (0, 0)
    return all(side in (0, found) for side, found in zip(asked, actual, strict=True))


def _sides(box: Box) -> tuple[int, int]:
    """Returns a box's side of the picture's middle: -1 is left or above, 1 is right or below."""
    centers = (box.left + box.right) / 2, (box.top + box.bottom) / 2
    across, down = (0 if abs(x - MIDDLE) <= AROUND else (1 if x > MIDDLE else -1) for x in centers)
    return across, down
