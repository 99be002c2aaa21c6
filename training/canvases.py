"""Canvases of the little world: what a composition is, and how it is written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lib_omost.canvas.model import Canvas, Place, Region
from training.captions import STYLES, background_words, thing_words
from training.scenes import Background, Thing
from training.world import rgb

Kind = tuple[str, str]
"""Colour and name of an object."""


@dataclass(frozen=True)
class Placed:
    """An object at one of the 729 places; a distance of more than 1 is behind."""

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
    """A background and the objects before it, in the order in which they are told."""

    background: Background
    things: tuple[Placed, ...]


def canvas_of(composition: Composition) -> Canvas:
    """The canvas of a composition, in the words that the painter learned."""
    background = composition.background
    return Canvas(
        description=f"{background_words(background)}.",
        tags=f"{STYLES[1]}, {STYLES[3]}",
        color=rgb(background.colors[0]),
        regions=tuple(_region(thing) for thing in composition.things),
    )


def _region(thing: Placed) -> Region:
    return Region(
        place=thing.place,
        distance_to_viewer=thing.distance,
        description=f"{thing_words(_unplaced(thing))}.",
        detailed_descriptions=(f"the {thing.name} is {thing.color}.",),
        tags=f"{thing.color}, {thing.name}",
        atmosphere=STYLES[4],
        style=STYLES[0],
        quality_meta=STYLES[2],
        color=rgb(thing.color),
    )


def _unplaced(thing: Placed) -> Thing:
    return Thing(thing.color, thing.name, 0.5, 0.5, 0.4, 0.4)


SIDES: dict[int, tuple[str, ...]] = {
    1: ("in the center",),
    2: ("on the left", "on the right"),
    3: ("on the top-left", "on the top-right", "on the bottom"),
    4: ("on the top-left", "on the top-right", "on the bottom-left", "on the bottom-right"),
}
"""Where objects go of which nothing is said, by their number: apart from one another."""
ROW = "on the left", "in the center", "on the right"
COLUMN = "on the top", "in the center", "on the bottom"


def area(count: int, size: str = "") -> str:
    """The area of one of `count` objects; size: "", "small" or "big"."""
    sizes = ("small", "medium-sized", "large")
    usual = 1 if count == 1 else 0
    step = {"small": -1, "": 0, "big": 1}[size]
    return f"a {sizes[min(max(usual + step, 0), 2)]} square area"


def arranged(kinds: Sequence[Kind], size: str = "") -> tuple[Placed, ...]:
    """Put up to four objects where objects go of which nothing is said; size: as for `area`."""
    return placed(kinds, SIDES[len(kinds)], area(len(kinds), size))


def placed(kinds: Sequence[Kind], locations: Sequence[str], shape: str) -> tuple[Placed, ...]:
    """Put objects at locations, in areas of one shape."""
    return tuple(
        Placed(color, name, Place(location, "no offset", shape))
        for (color, name), location in zip(kinds, locations, strict=True)
    )
