"""Builds canvases of compositions in the small world, with the words that the painter learned."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lib_omost.canvas.model import Canvas, Place, Region
from training.captions import STYLES, background_words, describe_object
from training.scenes import Background, SceneObject
from training.world import rgb

Kind = tuple[str, str]
"""Colour and name of an object."""


@dataclass(frozen=True)
class Placed:
    """An object at one of the 729 named places of Omost.

    Attributes:
        color: Name of its colour.
        name: Name of the object.
        place: Its named place.
        distance: Distance to the viewer; objects with more than 1 are behind.
    """

    color: str
    name: str
    place: Place
    distance: float = 1.0

    @property
    def kind(self) -> Kind:
        """Colour and name."""
        return self.color, self.name


@dataclass(frozen=True)
class Composition:
    """A background and the objects in front of it, in the order in which the request names them."""

    background: Background
    objects: tuple[Placed, ...]


def canvas_of(composition: Composition) -> Canvas:
    """Builds the canvas of a composition."""
    background = composition.background
    return Canvas(
        description=f"{background_words(background)}.",
        tags=f"{STYLES[1]}, {STYLES[3]}",
        color=rgb(background.colors[0]),
        regions=tuple(_region(item) for item in composition.objects),
    )


def _region(item: Placed) -> Region:
    return Region(
        place=item.place,
        distance_to_viewer=item.distance,
        description=f"{describe_object(_unplaced(item))}.",
        detailed_descriptions=(f"the {item.name} is {item.color}.",),
        tags=f"{item.color}, {item.name}",
        atmosphere=STYLES[4],
        style=STYLES[0],
        quality_meta=STYLES[2],
        color=rgb(item.color),
    )


def _unplaced(item: Placed) -> SceneObject:
    return SceneObject(item.color, item.name, 0.5, 0.5, 0.4, 0.4)


SIDES: dict[int, tuple[str, ...]] = {
    1: ("in the center",),
    2: ("on the left", "on the right"),
    3: ("on the top-left", "on the top-right", "on the bottom"),
    4: ("on the top-left", "on the top-right", "on the bottom-left", "on the bottom-right"),
}
"""Places of objects without a place in the request, apart from each other, by their number."""
ROW = "on the left", "in the center", "on the right"
COLUMN = "on the top", "in the center", "on the bottom"


def area(count: int, size: str = "") -> str:
    """Returns Omost's name for the area of one of `count` objects; size: "", "small" or "big"."""
    sizes = ("small", "medium-sized", "large")
    usual = 1 if count == 1 else 0
    step = {"small": -1, "": 0, "big": 1}[size]
    return f"a {sizes[min(max(usual + step, 0), 2)]} square area"


def arranged(kinds: Sequence[Kind], size: str = "") -> tuple[Placed, ...]:
    """Places up to four objects without a place in the request; size: as for `area`."""
    return placed(kinds, SIDES[len(kinds)], area(len(kinds), size))


def placed(kinds: Sequence[Kind], locations: Sequence[str], shape: str) -> tuple[Placed, ...]:
    """Places objects at named locations, in areas of one shape."""
    return tuple(
        Placed(color, name, Place(location, "no offset", shape))
        for (color, name), location in zip(kinds, locations, strict=True)
    )
