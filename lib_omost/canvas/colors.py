"""Colours by their HTML names, hex digits or numbers."""

from __future__ import annotations

import difflib
import functools
import re
from dataclasses import dataclass

from PIL import ImageColor

from lib_omost.canvas.model import Color

SIMILAR = 0.85
"""The similarity from which a name is taken for a misspelt one."""


@dataclass(frozen=True)
class ColorMatch:
    """A colour that was read; `name` says as what, `sure` is False where it was guessed."""

    color: Color
    name: str
    sure: bool = True


@functools.cache
def color_names() -> dict[str, Color]:
    """Every colour name that canvas code may use, to its (r, g, b), each 0 to 255."""
    names = {name: to_rgb(name) for name in ImageColor.colormap}
    return {**names, "navyblue": (0, 0, 128)}  # no CSS name, but models write it


@functools.cache
def _names_by_color() -> dict[Color, str]:
    """The first of the names of each colour, so that aqua and cyan have one."""
    by_color: dict[Color, str] = {}
    for name, color in color_names().items():
        by_color.setdefault(color, name)
    return by_color


def name_of(color: Color) -> str | None:
    """Return the HTML name of a colour, None where it has none."""
    return _names_by_color().get(color)


def match_color(text: str) -> ColorMatch | None:
    """Read a colour from its name, hex digits, `rgb(...)` or a near miss of a name.

    A misspelt name becomes the most similar one; a made-up shade becomes the colour that it ends
    in (oceanblue: blue). None where no colour is meant.
    """
    written = text.strip().lower()
    if len(written) > 60:
        return None
    if re.fullmatch(r"[0-9a-f]{6}", written):
        written = f"#{written}"
    if written.startswith(("#", "rgb", "hsl", "hsv")):
        try:
            return ColorMatch(to_rgb(written), written)
        except ValueError:
            return None
    word = re.sub(r"[^a-z]", "", written)
    names = color_names()
    if word in names:
        return ColorMatch(names[word], word)
    similar = difflib.get_close_matches(word, names, n=1, cutoff=SIMILAR)
    if similar:
        return ColorMatch(names[similar[0]], similar[0])
    endings = [name for name in names if word.endswith(name)]
    if endings:
        name = max(endings, key=len)
        return ColorMatch(names[name], name, sure=False)
    return None


def to_rgb(name: str) -> Color:
    """Return what Pillow reads, without its opacity. Raises ValueError for no colour."""
    red, green, blue = ImageColor.getrgb(name)[:3]
    return (min(red, 255), min(green, 255), min(blue, 255))
