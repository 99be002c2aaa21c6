"""Converts HTML colour names and hexadecimal colours to RGB and back, with near misses of names.

Source: "Colours" in docs/omost-format.md.
"""

from __future__ import annotations

import difflib
import functools
import re
from dataclasses import dataclass

from PIL import ImageColor

from lib_omost.canvas.model import Color

MIN_SIMILARITY = 0.85
"""Smallest difflib ratio at which a word counts as a misspelt colour name."""


@dataclass(frozen=True)
class ColorMatch:
    """A colour that was recognised in a text.

    Attributes:
        color: (red, green, blue), each 0 to 255.
        name: The recognised name or hexadecimal notation.
        certain: False if the colour is a guess.
    """

    color: Color
    name: str
    certain: bool = True


@functools.cache
def color_names() -> dict[str, Color]:
    """Returns all colour names of canvas code and their (red, green, blue), each 0 to 255."""
    names = {name: parse_rgb(name) for name in ImageColor.colormap}
    return {**names, "navyblue": (0, 0, 128)}  # not a CSS name, but models write it


@functools.cache
def _names_by_color() -> dict[Color, str]:
    """Maps each colour to one name; of synonyms such as aqua and cyan the first wins."""
    by_color: dict[Color, str] = {}
    for name, color in color_names().items():
        by_color.setdefault(color, name)
    return by_color


def color_name(color: Color) -> str | None:
    """Returns the HTML name of a colour; None if the colour has no name."""
    return _names_by_color().get(color)


def match_color(text: str) -> ColorMatch | None:
    """Recognises a colour by its name, its hexadecimal notation or `rgb(...)`.

    A misspelt name matches the most similar name. An invented name matches the colour name at its
    end ("oceanblue" matches "blue").

    Args:
        text: The colour as a model or a person wrote it.

    Returns:
        The match; None if the text resembles no colour.
    """
    written = text.strip().lower()
    if len(written) > 60:
        return None
    if re.fullmatch(r"[0-9a-f]{6}", written):
        written = f"#{written}"
    if written.startswith(("#", "rgb", "hsl", "hsv")):
        try:
            return ColorMatch(parse_rgb(written), written)
        except ValueError:
            return None
    word = re.sub(r"[^a-z]", "", written)
    names = color_names()
    if word in names:
        return ColorMatch(names[word], word)
    similar = difflib.get_close_matches(word, names, n=1, cutoff=MIN_SIMILARITY)
    if similar:
        return ColorMatch(names[similar[0]], similar[0])
    endings = [name for name in names if word.endswith(name)]
    if endings:
        name = max(endings, key=len)
        return ColorMatch(names[name], name, certain=False)
    return None


def parse_rgb(color: str) -> Color:
    """Parses a colour in any notation of Pillow and drops its opacity.

    Args:
        color: A name, a hexadecimal notation, `rgb(...)`, `hsl(...)` or `hsv(...)`.

    Returns:
        (red, green, blue), each 0 to 255.

    Raises:
        ValueError: The text is not a colour.
    """
    red, green, blue = ImageColor.getrgb(color)[:3]
    return (min(red, 255), min(green, 255), min(blue, 255))
