"""Defines the composer's choices where a request says less than a picture needs."""

from __future__ import annotations

from training.scenes import Layout

USUAL: dict[str, tuple[str, Layout, tuple[str, ...]]] = {
    "circle": ("orange", "plain", ("gray",)),
    "square": ("blue", "plain", ("tan",)),
    "triangle": ("purple", "plain", ("tan",)),
    "star": ("yellow", "plain", ("black",)),
    "heart": ("red", "gradient", ("tan", "sienna")),
    "moon": ("yellow", "plain", ("navy",)),
    "tree": ("green", "ground", ("teal", "sienna")),
    "house": ("red", "ground", ("gray", "tan")),
    "fish": ("pink", "plain", ("teal",)),
    "boat": ("white", "ground", ("navy", "teal")),
}
"""The default colour of each object and of the background behind it."""


def usual_ground(sky: str) -> str:
    """Returns the default colour of the ground below a sky of a given colour."""
    return "tan" if sky == "sienna" else "sienna"
