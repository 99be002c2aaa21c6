"""Data model of a canvas: the global description, the regions and their boxes."""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from lib_omost.canvas import vocabulary

UNITS = 90
"""Width and height of every canvas ("Places and boxes" in docs/omost-format.md)."""

Color = tuple[int, int, int]
Syntax = Literal["plain", "webui"]
"""Syntax of the texts: "plain" text, or "webui" for the host's emphasis and embeddings."""


def is_finite(number: float) -> bool:
    """Returns whether the number is finite as a float; large Python integers are not."""
    try:
        return math.isfinite(number)
    except OverflowError:
        return False


@dataclass(frozen=True)
class Box:
    """A rectangle on the canvas, in canvas units from the top left corner.

    Attributes:
        top: Upper edge, at least 0.
        bottom: Lower edge, greater than `top`, at most 90.
        left: Left edge, at least 0.
        right: Right edge, greater than `left`, at most 90.

    Raises:
        ValueError: An edge is outside these ranges.
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


WHOLE_CANVAS = Box(0, UNITS, 0, UNITS)


@dataclass(frozen=True)
class Place:
    """The name of one of 729 boxes: location, offset and area.

    Attributes:
        location: A key of `vocabulary.LOCATIONS`.
        offset: A key of `vocabulary.OFFSETS`.
        area: A key of `vocabulary.AREAS`.

    Raises:
        ValueError: A name is not in the vocabulary.
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
        """The rectangle of the area's size around location + offset, clipped to the canvas."""
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
def places_by_box() -> Mapping[Box, Place]:
    """Maps each nameable box to its place; if several places have the same box, to the first."""
    places: dict[Box, Place] = {}
    for names in itertools.product(vocabulary.LOCATIONS, vocabulary.OFFSETS, vocabulary.AREAS):
        place = Place(*names)
        places.setdefault(place.box, place)
    return places


@dataclass(frozen=True, kw_only=True)
class DescribedPart:
    """Base class of canvas and region: texts, colour and syntax.

    Attributes:
        description: One sentence about the subject.
        detailed_descriptions: Further sentences; each is understandable alone.
        tags: Comma-separated keywords.
        color: Dominant colour (red, green, blue), each 0 to 255.
        syntax: Syntax of all texts of this part.
        extra: Unknown keys of the file; they are written back.

    Raises:
        ValueError: `color` is not three numbers from 0 to 255.
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
class Region(DescribedPart):
    """A rectangular part of the picture with its own description.

    Attributes:
        place: A named place or a free box. A box with a name becomes that place.
        distance_to_viewer: Depth, greater than 0; a larger number is farther away.
        atmosphere: One sentence about the atmosphere.
        style: One sentence about the style.
        quality_meta: One sentence about the quality.
        hidden: Whether the region stays in the canvas without any effect on the picture.

    Raises:
        ValueError: The distance is not a finite number greater than 0.
    """

    place: Place | Box
    distance_to_viewer: float = 1.0
    atmosphere: str = ""
    style: str = ""
    quality_meta: str = ""
    hidden: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        if not (is_finite(self.distance_to_viewer) and self.distance_to_viewer > 0):
            raise ValueError(f"a distance must be above 0, not {self.distance_to_viewer}")
        if isinstance(self.place, Box):
            object.__setattr__(self, "place", places_by_box().get(self.place, self.place))

    @property
    def box(self) -> Box:
        """The region's rectangle in canvas units."""
        return self.place if isinstance(self.place, Box) else self.place.box


@dataclass(frozen=True, kw_only=True)
class Canvas(DescribedPart):
    """The description of one picture: global texts, background colour and regions.

    Attributes:
        regions: The regions in the order of the text, which is not their depth order.
    """

    regions: tuple[Region, ...] = ()

    def far_to_near(self) -> tuple[Region, ...]:
        """Returns the regions of the picture, those that are not hidden, the farthest first.

        All conditions, previews and token counts follow this order. Equal distances keep the
        order of the text.
        """
        visible = self.without_hidden().regions
        return tuple(sorted(visible, key=lambda region: -region.distance_to_viewer))

    def depth_numbers(self) -> tuple[int, ...]:
        """Returns the number of each region in messages and on the page: 1 is the nearest."""
        count = len(self.regions)
        order = sorted(range(count), key=lambda index: -self.regions[index].distance_to_viewer)
        numbers = {index: count - rank for rank, index in enumerate(order)}
        return tuple(numbers[index] for index in range(count))

    def without_hidden(self) -> Canvas:
        """Returns the canvas without its hidden regions."""
        return replace(self, regions=tuple(each for each in self.regions if not each.hidden))


def nearest_place(place: Place | Box) -> Place:
    """Returns the named place whose box has the nearest sides.

    Args:
        place: A named place, which is returned unchanged, or a box in canvas units.
    """
    if isinstance(place, Place):
        return place
    sides = _sides(place)
    places = places_by_box()
    return places[min(places, key=lambda box: math.dist(sides, _sides(box)))]


def _sides(box: Box) -> tuple[float, ...]:
    return box.top, box.bottom, box.left, box.right
