"""What the composer makes of things of which a request says less than a picture needs."""

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
"""The colour of an object and the background behind it where nothing is said of them."""


def usual_ground(sky: str) -> str:
    """The colour of the ground where only the sky's is said."""
    return "tan" if sky == "sienna" else "sienna"
