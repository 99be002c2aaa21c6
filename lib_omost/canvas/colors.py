"""Converts HTML colour names and hexadecimal colours to RGB and back, with near misses of names.

Source: "Colours" in docs/omost-format.md.
"""

from __future__ import annotations

import difflib
import functools
import re
from dataclasses import dataclass

from PIL import ImageColor

from lib_omost.canvas.color_words import ADJECTIVES, CONJUNCTIONS, FILLERS, MODIFIERS, SHADES
from lib_omost.canvas.foreign_words import to_english
from lib_omost.canvas.model import Color

MIN_SIMILARITY = 0.85
"""Smallest difflib ratio at which a word counts as a misspelt colour name."""

MAX_CHARACTERS = 60
"""Maximum length of a colour's text."""

_HEXADECIMAL = re.compile(r"#(?P<digits>[0-9a-f]{3,8})\b|^(?:0x)?(?P<alone>[0-9a-f]{6})$")
_FUNCTION = re.compile(
    r"""(?P<name>rgb|hsl|hsv|hsb)a?\((?P<numbers>[^()]*)\)
      | ^[(\[]?(?P<plain>\d+(?:[ ,]+\d+){2})[)\]]?$""",
    re.VERBOSE,
)
_WORD_OR_MARK = re.compile(r"[^\W\d_]+|[,;/&+]")


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
    """Recognises a colour by its name, its hexadecimal notation, `rgb(...)`, `hsl(...)` or numbers.

    Whole words count before similar ones: "bright yellow" is yellow, and "golden" is gold. Of
    several colours the first counts. A misspelt name matches the most similar name. An invented
    name matches the colour name at its end ("oceanblue" matches "blue").

    Args:
        text: The colour as a model or a person wrote it.

    Returns:
        The match; None if the text names no colour.
    """
    written = text.strip().lower()
    if len(written) > MAX_CHARACTERS:
        return None
    return _match_numbers(written) or _match_name(written) or _match_name(to_english(written))


def _match_numbers(written: str) -> ColorMatch | None:
    """Recognises the numeric notations of a colour."""
    if digits := _HEXADECIMAL.search(written):
        notation = f"#{digits['digits'] or digits['alone']}"
    elif function := _FUNCTION.search(written):
        name = function["name"] or "rgb"
        numbers = re.findall(r"[\d.]+%?", function["numbers"] or function["plain"] or "")[:3]
        if name != "rgb":
            numbers[1:] = [number if "%" in number else f"{number}%" for number in numbers[1:]]
        notation = f"{name}({', '.join(numbers)})"
    else:
        return None
    try:
        return ColorMatch(parse_rgb(notation), notation)
    except ValueError:
        return None


def _match_name(written: str) -> ColorMatch | None:
    """Recognises colour names: the exact name, whole words, a misspelt name, the end of a word."""
    words = [part for word in _WORD_OR_MARK.findall(written) for part in _split_word(word)]
    letters = "".join(filter(str.isalpha, words))
    if letters in color_names():
        return ColorMatch(color_names()[letters], letters)
    found, others = _find_names(words)
    if not found or (others and MODIFIERS.isdisjoint(others)):
        misspelt = difflib.get_close_matches(letters, color_names(), n=1, cutoff=MIN_SIMILARITY)
        if misspelt:
            return ColorMatch(color_names()[misspelt[0]], misspelt[0])
    if found:
        name, exact = found[0]
        return ColorMatch(color_names()[name], name, exact and len(found) == 1 and not others)
    endings = [name for name in color_names() if len(name) > 3 and letters.endswith(name)]
    if not endings:
        return None
    name = max(endings, key=len)
    return ColorMatch(color_names()[name], name, certain=False)


def _split_word(word: str) -> tuple[str, ...]:
    """Splits "brightyellow" into "bright" and "yellow"; returns other words unchanged."""
    if _html_name(word) is None:
        for start in (*MODIFIERS, *SHADES):
            end = word.removeprefix(start)
            if end != word and _html_name(end):
                return (start, end)
    return (word,)


def _find_names(words: list[str]) -> tuple[list[tuple[str, bool]], set[str]]:
    """Finds the colours among the words of a text.

    Args:
        words: Words and punctuation marks.

    Returns:
        The HTML name of each colour and whether the words mean exactly this colour, and the words
        without a known meaning. Two colours side by side are one, the second ("rose red").
    """
    found: list[tuple[str, bool]] = []
    others: set[str] = set()
    position, after_color = 0, False
    while position < len(words):
        for count in (4, 3, 2, 1):
            match = _html_name("".join(words[position : position + count]))
            if match:
                found[len(found) - after_color :] = [(match[0], match[1] and not after_color)]
                break
        else:
            if words[position] not in FILLERS and words[position].isalpha():
                others.add(words[position])
        position += count
        after_color = bool(match)
    return found, others - CONJUNCTIONS


def _html_name(word: str) -> tuple[str, bool] | None:
    """Returns the HTML name that a word means and whether it means exactly this colour."""
    if word in color_names() or word in ADJECTIVES:
        return ADJECTIVES.get(word, word), True
    stem = word.removesuffix("ish")
    if stem != word:
        word = next((name for name in (stem, stem[:-1], f"{stem}e") if name in color_names()), word)
        return (word, False) if word in color_names() else None
    return (SHADES[word], False) if word in SHADES else None


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
