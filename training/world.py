"""The little world that the painter draws and the composer writes about: what it consists of.

Every name of a colour is a web colour's, as canvas code writes it, and so is its value.
"""

from __future__ import annotations

import itertools

from PIL import ImageColor

from lib_omost.llm.demo.vocabulary import BACKGROUND_WORDS, COLOR_WORDS, OBJECT_WORDS

Color = tuple[int, int, int]

COLORS = tuple(COLOR_WORDS)
"""The colours that objects have."""

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
"""The (colour, object) pairs that training shows."""


def rgb(name: str) -> Color:
    """The value of a web colour's name. Raises ValueError for a name that is none."""
    red, green, blue = ImageColor.getrgb(name)[:3]
    return red, green, blue
