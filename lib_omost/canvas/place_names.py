"""Names of places that are nearly right, read word by word.

Similarity of whole names flips places ("slightly to the top-right" is most like "slightly to the
right"), so only single words are compared. A misspelt one must begin as the word it is taken for
("bright" is not right) and be like no word of another meaning ("sorth").
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from lib_omost.canvas import vocabulary


@dataclass(frozen=True)
class PlaceMatch:
    """A name of the vocabulary; `sure` is False where the words did not say all of it."""

    name: str
    sure: bool = True


DIRECTIONS = {
    "up": ("top", "upper", "up", "above", "upward", "topmost", "uppermost", "north"),
    "down": ("bottom", "lower", "down", "below", "downward", "bottommost", "lowermost", "south"),
    "left": ("left", "leftmost", "lefthand", "leftward", "west"),
    "right": ("right", "rightmost", "righthand", "rightward", "east"),
    "center": ("center", "centre", "middle", "mid", "central", "centered", "centred"),
    "none": ("no", "none", "without", "zero"),
}
EXTENTS = {
    "small": ("small", "tiny", "little", "smaller"),
    "medium": ("medium", "mid", "middle", "moderate", "mediumsized", "average", "normal"),
    "large": ("large", "big", "huge", "larger", "giant", "full"),
    "square": ("square", "squared", "quadratic"),
    "vertical": ("vertical", "tall", "portrait", "upright"),
    "horizontal": ("horizontal", "wide", "landscape", "broad"),
}
FILLERS = ("slightly", "offset", "area", "sized", "side", "corner", "the", "that", "shaped", "of")
"""Words of such names that say nothing, known so that none is taken for a misspelt direction."""

SIMILAR_WORD = 0.8
LONGEST_NAME = 80


def match_location(text: str) -> PlaceMatch | None:
    """Read a location; None where nothing in the text says one."""
    return _match(text, vocabulary.LOCATIONS, _location)


def match_offset(text: str) -> PlaceMatch | None:
    """Read an offset; None where nothing in the text says one."""
    return _match(text, vocabulary.OFFSETS, _offset)


def match_area(text: str) -> PlaceMatch | None:
    """Read an area; None where nothing in the text says one."""
    return _match(text, vocabulary.AREAS, _area)


def _match(
    text: str, names: Iterable[str], by_words: Callable[[str], PlaceMatch | None]
) -> PlaceMatch | None:
    written = re.sub(r"[\s_]+", " ", text[: LONGEST_NAME + 1]).strip().lower()
    if written in names:
        return PlaceMatch(written)
    if len(written) > LONGEST_NAME:
        return None
    return by_words(written)


def _location(text: str) -> PlaceMatch | None:
    meanings = _meanings(text, DIRECTIONS)
    vertical, horizontal, sure = _axes(meanings)
    if vertical or horizontal:
        side = "-".join(filter(None, (vertical and _edge(vertical), horizontal)))
        return PlaceMatch(f"on the {side}", sure)
    if not sure or "center" in meanings:
        return PlaceMatch("in the center", sure)
    return None


def _offset(text: str) -> PlaceMatch | None:
    meanings = _meanings(text, DIRECTIONS)
    vertical, horizontal, sure = _axes(meanings)
    if vertical or horizontal:
        side = "-".join(filter(None, (vertical and _tilt(vertical), horizontal)))
        return PlaceMatch(f"slightly to the {side}", sure and "none" not in meanings)
    if not sure or not text or meanings & {"none", "center"}:
        return PlaceMatch("no offset", sure)
    return None


def _area(text: str) -> PlaceMatch | None:
    meanings = _meanings(text, EXTENTS)
    size = _only(meanings, ("small", "medium", "large"))
    shape = _only(meanings, ("square", "vertical", "horizontal"))
    if not meanings:
        return None
    size_name = {"small": "small", "large": "large"}.get(size or "", "medium-sized")
    return PlaceMatch(f"a {size_name} {shape or 'square'} area", sure=bool(size and shape))


def _axes(meanings: set[str]) -> tuple[str | None, str | None, bool]:
    """The vertical and horizontal direction; an axis said both ways has none and is not sure."""
    vertical = _only(meanings, ("up", "down"))
    horizontal = _only(meanings, ("left", "right"))
    sure = not ({"up", "down"} <= meanings or {"left", "right"} <= meanings)
    return vertical, horizontal, sure


def _edge(direction: str) -> str:
    return {"up": "top", "down": "bottom"}[direction]


def _tilt(direction: str) -> str:
    return {"up": "upper", "down": "lower"}[direction]


def _only(meanings: set[str], choices: tuple[str, ...]) -> str | None:
    """The one choice that was meant, None where it was none or several."""
    meant = [choice for choice in choices if choice in meanings]
    return meant[0] if len(meant) == 1 else None


def _meanings(text: str, synonyms: dict[str, tuple[str, ...]]) -> set[str]:
    """What the words of a name mean; misspelt and joined words ("topleft") count too."""
    by_word = {word: meaning for meaning, words in synonyms.items() for word in words}
    meanings: set[str] = set()
    for word in re.findall(r"[a-z]+", text):
        meanings.update(by_word[part] for part in _known_parts(word, by_word) if part in by_word)
    return meanings


def _known_parts(word: str, by_word: dict[str, str]) -> tuple[str, ...]:
    if word in by_word or word in FILLERS or len(word) < 3:
        return (word,)
    for cut in range(2, len(word) - 1):
        if word[:cut] in by_word and word[cut:] in by_word:
            return (word[:cut], word[cut:])
    alike = difflib.get_close_matches(word, (*by_word, *FILLERS), 3, SIMILAR_WORD)
    one_meaning = len({by_word.get(known) for known in alike}) == 1
    return tuple(alike[:1]) if one_meaning and alike[0][0] == word[0] else ()
