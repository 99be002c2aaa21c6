"""Converts the boxes of other programs to canvas units and back: four orders, any grid."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from lib_omost.canvas.diagnostics import DiagnosticCollector
from lib_omost.canvas.fields import describe_value, to_number
from lib_omost.canvas.model import UNITS, Box, Place, is_finite

Order = Literal[
    "top left bottom right",
    "left top right bottom",
    "left right top bottom",
    "left top width height",
]
"""Meaning of the four numbers of a box."""


@dataclass(frozen=True)
class Grid:
    """The coordinates of a format.

    Attributes:
        width: Coordinate of the right edge of the picture; the left edge is 0.
        height: Coordinate of the bottom edge of the picture; the top edge is 0.
    """

    width: int
    height: int


THOUSAND = Grid(1000, 1000)
"""The grid of Ideogram 4, FLUX 3 and most models that point at objects."""


def read_box(
    value: object, order: Order, grid: Grid, where: str, diagnostics: DiagnosticCollector
) -> Place | Box:
    """Reads a box. Swapped edges are swapped back, and edges outside the picture are clipped.

    Args:
        value: Four numbers.
        order: Meaning of the numbers.
        grid: Coordinates of the numbers.
        where: The name of the region in diagnostics.
        diagnostics: Receives the warnings.

    Returns:
        The box; after a warning the default place if the value is not a box on the picture.
    """
    numbers = _numbers(value)
    if numbers is None:
        problem = "is missing" if value is None else f"{describe_value(value)} is not four numbers"
        diagnostics.warning(f"{where}: its box {problem}; the middle of the picture is assumed")
        return Place()
    top, left, bottom, right = _edges(numbers, order)
    swapped = top > bottom or left > right
    sides = [
        to_units(min(max(edge, 0), size), size)
        for edge, size in (
            (min(top, bottom), grid.height),
            (max(top, bottom), grid.height),
            (min(left, right), grid.width),
            (max(left, right), grid.width),
        )
    ]
    try:
        box = Box(*sides)
    except ValueError:
        diagnostics.warning(
            f"{where}: its box {describe_value(value)} covers nothing of the picture; the middle "
            "is assumed"
        )
        return Place()
    if swapped:
        diagnostics.warning(
            f"{where}: its box {describe_value(value)} has swapped edges; they are read in the "
            f"order {order}"
        )
    if min(top, left, bottom, right) < 0 or max(top, bottom) > grid.height or (
        max(left, right) > grid.width
    ):  # fmt: skip
        diagnostics.warning(
            f"{where}: its box {describe_value(value)} is clipped to the picture, 0 to "
            f"{grid.width} and 0 to {grid.height}"
        )
    return box


def write_box(box: Box, order: Order, grid: Grid) -> list[int]:
    """Returns the four numbers of a box, at least one step wide and high.

    Args:
        box: The box in canvas units.
        order: Meaning of the numbers.
        grid: Coordinates of the numbers.
    """
    top, bottom = _span(box.top, box.bottom, grid.height)
    left, right = _span(box.left, box.right, grid.width)
    return {
        "top left bottom right": [top, left, bottom, right],
        "left top right bottom": [left, top, right, bottom],
        "left right top bottom": [left, right, top, bottom],
        "left top width height": [left, top, right - left, bottom - top],
    }[order]


def to_units(value: float, size: float) -> float:
    """Converts a coordinate to canvas units.

    A coordinate that `write_box` writes for a whole number of units becomes that number. Therefore
    boxes with a name survive a round trip.

    Args:
        value: The coordinate, 0 to `size`.
        size: Coordinate of the far edge of the picture.
    """
    units = value * UNITS / size
    whole = round(units)
    is_written = math.isclose(round(whole * size / UNITS), value, abs_tol=1e-6)
    return float(whole) if is_written else min(units, UNITS)


def _numbers(value: object) -> tuple[float, float, float, float] | None:
    while isinstance(value, (list, tuple)) and len(value) == 1:  # models nest single boxes
        value = value[0]
    if not isinstance(value, (list, tuple)) or len(value) != 4:
        return None
    numbers = [to_number(number) for number in value]
    if any(number is None or not is_finite(number) for number in numbers):
        return None
    first, second, third, fourth = (float(number or 0) for number in numbers)
    return first, second, third, fourth


def _edges(numbers: Sequence[float], order: Order) -> tuple[float, float, float, float]:
    """Returns the top, left, bottom and right edge."""
    a, b, c, d = numbers
    if order == "top left bottom right":
        return a, b, c, d
    if order == "left top right bottom":
        return b, a, d, c
    if order == "left right top bottom":
        return c, a, d, b
    return b, a, b + d, a + c


def _span(start: float, end: float, size: int) -> tuple[int, int]:
    first = min(round(start * size / UNITS), size - 1)
    return first, max(round(end * size / UNITS), first + 1)
