"""Maps near misses of place names, such as "lower right corner", to the vocabulary word by word.

Single words are compared, never whole names, because similarity of whole names flips directions:
"slightly to the top-right" resembles "slightly to the right" most. A misspelt word must share its
first letter with the vocabulary word ("bright" is not "right") and resemble words of one meaning
only ("sorth" resembles "north" and "south").

Source: "Places and boxes" in docs/omost-format.md.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from lib_omost.canvas import vocabulary
from lib_omost.canvas.foreign_words import to_english

WHOLE_CANVAS = "the whole canvas"
"""Name of a location or area that covers the canvas; the vocabulary has no name for it."""


@dataclass(frozen=True)
class PlaceMatch:
    """A place name that was recognised in a text.

    Attributes:
        name: A key of the vocabulary, or WHOLE_CANVAS.
        certain: False if a part of the name was guessed.
    """

    name: str
    certain: bool = True


_WHOLE = (
    "whole", "entire", "everywhere", "full", "all", "everything", "background", "complete",
    "fullscreen", "throughout", "backdrop",
)  # fmt: skip
DIRECTIONS = {
    "up": ("top", "upper", "up", "above", "upward", "topmost", "uppermost", "north"),
    "down": ("bottom", "lower", "down", "below", "downward", "bottommost", "lowermost", "south"),
    "left": ("left", "leftmost", "lefthand", "leftward", "west"),
    "right": ("right", "rightmost", "righthand", "rightward", "east"),
    "center": ("center", "centre", "middle", "mid", "central", "centered", "centred"),
    "none": ("no", "none", "without", "zero"),
    "whole": _WHOLE,
}
EXTENTS = {
    "small": ("small", "tiny", "little", "smaller"),
    "medium": ("medium", "mid", "middle", "moderate", "mediumsized", "average", "normal"),
    "large": ("large", "big", "huge", "larger", "giant"),
    "square": ("square", "squared", "quadratic"),
    "vertical": ("vertical", "tall", "portrait", "upright", "height"),
    "horizontal": ("horizontal", "wide", "landscape", "broad", "width"),
    "whole": _WHOLE,
}
FILLERS = (
    "slightly", "offset", "area", "sized", "side", "corner", "the", "that", "shaped", "of",
    "picture", "image", "canvas", "scene", "frame", "screen",
)  # fmt: skip
"""Words without a meaning of their own; listed so that none counts as a misspelt direction."""

MIN_SIMILARITY = 0.8
"""Smallest difflib ratio at which a word counts as a misspelt one."""

MAX_NAME_CHARACTERS = 80


def match_location(text: str) -> PlaceMatch | None:
    """Recognises a location, such as "on the left"; returns None if the text names none."""
    return _match(text, vocabulary.LOCATIONS, _location)


def match_offset(text: str) -> PlaceMatch | None:
    """Recognises an offset, such as "no offset"; returns None if the text names none."""
    return _match(text, vocabulary.OFFSETS, _offset)


def match_area(text: str) -> PlaceMatch | None:
    """Recognises an area, such as "a large square area"; returns None if the text names none."""
    return _match(text, vocabulary.AREAS, _area)


def _match(
    text: str, names: Iterable[str], match_words: Callable[[str], PlaceMatch | None]
) -> PlaceMatch | None:
    name = re.sub(r"[\s_]+", " ", text[: MAX_NAME_CHARACTERS + 1]).strip().lower()
    if name in names:
        return PlaceMatch(name)
    if len(name) > MAX_NAME_CHARACTERS:
        return None
    return match_words(to_english(name))


def _location(text: str) -> PlaceMatch | None:
    meanings = _meanings(text, DIRECTIONS)
    vertical, horizontal, certain = _axes(meanings)
    if vertical or horizontal:
        edge = {"up": "top", "down": "bottom", None: None}[vertical]
        side = "-".join(filter(None, (edge, horizontal)))
        return PlaceMatch(f"on the {side}", certain)
    if not certain or "center" in meanings:
        return PlaceMatch("in the center", certain)
    return PlaceMatch(WHOLE_CANVAS) if "whole" in meanings else None


def _offset(text: str) -> PlaceMatch | None:
    meanings = _meanings(text, DIRECTIONS)
    vertical, horizontal, certain = _axes(meanings)
    if vertical or horizontal:
        direction = {"up": "upper", "down": "lower", None: None}[vertical]
        side = "-".join(filter(None, (direction, horizontal)))
        return PlaceMatch(f"slightly to the {side}", certain and "none" not in meanings)
    if not certain or not text or meanings & {"none", "center"}:
        return PlaceMatch("no offset", certain)
    return None


def _area(text: str) -> PlaceMatch | None:
    meanings = _meanings(text, EXTENTS)
    size = _single(meanings, ("small", "medium", "large"))
    shape = _single(meanings, ("square", "vertical", "horizontal"))
    if not meanings:
        return None
    if "whole" in meanings and not (size or shape):
        return PlaceMatch(WHOLE_CANVAS)
    size = size or ("large" if "whole" in meanings else None)
    size_name = {"small": "small", "large": "large"}.get(size or "", "medium-sized")
    return PlaceMatch(f"a {size_name} {shape or 'square'} area", certain=bool(size and shape))


def _axes(meanings: set[str]) -> tuple[str | None, str | None, bool]:
    """Returns the vertical direction, the horizontal direction and whether both are certain.

    Opposite directions on one axis cancel: the axis gets no direction and is not certain.
    """
    vertical = _single(meanings, ("up", "down"))
    horizontal = _single(meanings, ("left", "right"))
    certain = not ({"up", "down"} <= meanings or {"left", "right"} <= meanings)
    return vertical, horizontal, certain


def _single(meanings: set[str], choices: tuple[str, ...]) -> str | None:
    """Returns the choice that is among the meanings; None for no choice or several."""
    matching = [choice for choice in choices if choice in meanings]
    return matching[0] if len(matching) == 1 else None


def _meanings(text: str, synonyms: dict[str, tuple[str, ...]]) -> set[str]:
    """Returns the meanings of all words, misspelt ones and compounds ("topleft") included."""
    meaning_of = {word: meaning for meaning, words in synonyms.items() for word in words}
    meanings: set[str] = set()
    for word in re.findall(r"[a-z]+", text):
        known_words = _known_words(word, meaning_of)
        meanings.update(meaning_of[known] for known in known_words if known in meaning_of)
    return meanings


def _known_words(word: str, meaning_of: dict[str, str]) -> tuple[str, ...]:
    """Returns the known words that a word stands for: itself, two joined ones, or a similar one."""
    if word in meaning_of or word in FILLERS or len(word) < 3:
        return (word,)
    for cut in range(2, len(word) - 1):
        if word[:cut] in meaning_of and word[cut:] in meaning_of:
            return (word[:cut], word[cut:])
    similar = difflib.get_close_matches(word, (*meaning_of, *FILLERS), 3, MIN_SIMILARITY)
    has_one_meaning = len({meaning_of.get(known) for known in similar}) == 1
    return tuple(similar[:1]) if has_one_meaning and similar[0][0] == word[0] else ()
