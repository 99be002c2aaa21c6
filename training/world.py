"""Defines the small world that the painter draws and the composer describes.

Every colour has the name and the value of a web colour, as in canvas code.
"""

from __future__ import annotations

import itertools

from PIL import ImageColor

from lib_omost.llm.demo.vocabulary import BACKGROUND_WORDS, COLOR_WORDS, OBJECT_WORDS

Color = tuple[int, int, int]

COLORS = tuple(COLOR_WORDS)
"""The colours of objects."""

BACKGROUND_COLORS = tuple(BACKGROUND_WORDS)
"""The colours of backgrounds, skies and grounds; no object has one of them."""

OBJECTS = tuple(OBJECT_WORDS)

HELD_OUT = frozenset(
    {
        ("red", "star"),
        ("orange", "fish"),
        ("yellow", "tree"),
        ("green", "heart"),
        ("blue", "house"),
        ("purple", "circle"),
        ("pink", "boat"),
        ("white", "triangle"),
    }
)
"""Combinations that no training picture shows: each colour once, eight of the ten objects."""

COMBINATIONS = tuple(pair for pair in itertools.product(COLORS, OBJECTS) if pair not in HELD_OUT)
"""The (colour, object) pairs of training."""


def rgb(name: str) -> Color:
    """Returns the value of a web colour. Raises ValueError for an unknown name."""
    red, green, blue = ImageColor.getrgb(name)[:3]
    return red, green, blue
