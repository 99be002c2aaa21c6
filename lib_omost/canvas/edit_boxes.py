"""Moves, places and resizes boxes by the words of edits."""

from __future__ import annotations

from collections.abc import Mapping

from lib_omost.canvas.model import UNITS, Box
from lib_omost.canvas.plans.box_words import WHERE

DIRECTIONS: Mapping[str, tuple[int, int]] = {
    "left": (-1, 0),
    "right": (1, 0),
    "up": (0, -1),
    "down": (0, 1),
}
AMOUNTS: Mapping[str, float] = {"some": 20, "a bit": 9, "far": 40}
"""The distance of a move in canvas units."""

FACTORS: Mapping[str, float] = {"bigger": 1.25, "smaller": 0.8, "much bigger": 1.6, "tiny": 0.5}
"""The factors of width and height when a region is resized."""


def moved(box: Box, direction: str, amount: str) -> Box:
    """Returns a box of the same size, moved as far as the canvas allows."""
    x, y = DIRECTIONS[direction]
    dx = min(max(x * AMOUNTS[amount], -box.left), UNITS - box.right)
    dy = min(max(y * AMOUNTS[amount], -box.top), UNITS - box.bottom)
    return Box(box.top + dy, box.bottom + dy, box.left + dx, box.right + dx)


def placed(box: Box, where: str) -> Box:
    """Returns a box of the same size at a side or in a corner."""
    x, y = WHERE[where]
    width, height = box.right - box.left, box.bottom - box.top
    left, top = (UNITS - width) * x, (UNITS - height) * y
    return Box(top, top + height, left, left + width)


def resized(box: Box, size: str) -> Box:
    """Returns a larger or smaller box around the same centre, as far as the canvas allows."""
    width = min((box.right - box.left) * FACTORS[size], UNITS)
    height = min((box.bottom - box.top) * FACTORS[size], UNITS)
    left = min(max((box.left + box.right - width) / 2, 0), UNITS - width)
    top = min(max((box.top + box.bottom - height) / 2, 0), UNITS - height)
    return Box(round(top), round(top + height), round(left), round(left + width))
