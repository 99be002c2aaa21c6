"""The canvas: a description of the whole picture and of regions in it."""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from lib_omost.canvas import vocabulary

UNITS = 90
"""A canvas is 90 x 90 units, whatever the picture's size (seed, "location, offset, area")."""

Color = tuple[int, int, int]
Syntax = Literal["plain", "webui"]
"""plain: every character is text; webui: the host's prompt syntax (emphasis, embeddings)."""


def is_finite(number: float) -> bool:
    """Whether a float can hold the number; Python's whole numbers may be too large."""
    try:
        return math.isfinite(number)
    except OverflowError:
        return False


@dataclass(frozen=True)
class Box:
    """A rectangle on the canvas, in canvas units from its top left corner.

    Raises ValueError unless 0 <= top < bottom <= 90 and 0 <= left < right <= 90.
    """

    top: float
    bottom: float
    left: float
    right: float

    def __post_init__(self) -> None:
        sides = (self.top, self.bottom, self.left, self.right)
        if not all(is_finite(side) and 0 <= side <= UNITS for side in sides):
            raise ValueError(f"box sides must lie between 0 and {UNITS}, not {sides}")
        if self.top >= self.bottom or self.left >= self.right:
            raise ValueError(f"a box needs top < bottom and left < right, not {sides}")


WHOLE = Box(0, UNITS, 0, UNITS)


@dataclass(frozen=True)
class Place:
    """One of the 729 boxes that location, offset and area name.

    Raises ValueError when a name is not in the vocabulary.
    """

    location: str = "in the center"
    offset: str = "no offset"
    area: str = "a medium-sized square area"

    def __post_init__(self) -> None:
        for kind, name, known in (
            ("location", self.location, vocabulary.LOCATIONS),
            ("offset", self.offset, vocabulary.OFFSETS),
            ("area", self.area, vocabulary.AREAS),
        ):
            if name not in known:
                raise ValueError(f"{name!r} is not a known {kind}")

    @property
    def box(self) -> Box:
        """The box: centre + offset, half the area's size to each side, clipped to the canvas."""
        x, y = vocabulary.LOCATIONS[self.location]
        dx, dy = vocabulary.OFFSETS[self.offset]
        width, height = vocabulary.AREAS[self.area]
        left, top = x + dx - width / 2, y + dy - height / 2
        return Box(
            top=max(top, 0),
            bottom=min(top + height, UNITS),
            left=max(left, 0),
            right=min(left + width, UNITS),
        )


@functools.cache
def named_places() -> Mapping[Box, Place]:
    """Return the places by their boxes; of those that clip to the same box, the first."""
    places: dict[Box, Place] = {}
    for names in itertools.product(vocabulary.LOCATIONS, vocabulary.OFFSETS, vocabulary.AREAS):
        place = Place(*names)
        places.setdefault(place.box, place)
    return places


@dataclass(frozen=True, kw_only=True)
class Described:
    """What canvas and region share: sub-prompts, a colour, and how their text is to be read.

    `extra` holds keys that a file carried and this program does not know. Raises ValueError
    unless the colour is three numbers from 0 to 255.
    """

    description: str
    detailed_descriptions: tuple[str, ...] = ()
    tags: str = ""
    color: Color = (128, 128, 128)
    syntax: Syntax = "plain"
    extra: Mapping[str, Any] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        if len(self.color) != 3 or not all(0 <= part <= 255 for part in self.color):
            raise ValueError(f"a colour is three numbers from 0 to 255, not {self.color}")


@dataclass(frozen=True, kw_only=True)
class Region(Described):
    """A part of the picture: where it is, how far away, and what it shows.

    `place` is a Place, or a free Box; a Box that equals one of the 729 becomes that Place.
    distance_to_viewer is > 0, larger is farther. Raises ValueError for another.
    """

    place: Place | Box
    distance_to_viewer: float = 1.0
    atmosphere: str = ""
    style: str = ""
    quality_meta: str = ""

    def __post_init__(self) -> None:
        super().__post_init__()
        if not (is_finite(self.distance_to_viewer) and self.distance_to_viewer > 0):
            raise ValueError(f"a distance must be above 0, not {self.distance_to_viewer}")
        if isinstance(self.place, Box):
            object.__setattr__(self, "place", named_places().get(self.place, self.place))

    @property
    def box(self) -> Box:
        """The region's rectangle in canvas units."""
        return self.place if isinstance(self.place, Box) else self.place.box


@dataclass(frozen=True, kw_only=True)
class Canvas(Described):
    """The whole picture's description and its regions, in the order they were written."""

    regions: tuple[Region, ...] = ()

    def far_to_near(self) -> tuple[Region, ...]:
        """The regions by distance_to_viewer, largest first; equal ones keep their order."""
        return tuple(sorted(self.regions, key=lambda region: -region.distance_to_viewer))
