"""Reads distances to the viewer that are written in words or with a unit."""

from __future__ import annotations

import re
from dataclasses import dataclass

from lib_omost.canvas.foreign_words import to_english

NEAR, MIDDLE, FAR = 1.0, 5.0, 10.0
"""Distances for words. Only the order of the regions matters."""

_DISTANCES = {
    NEAR: ("near", "nearest", "nearby", "close", "closest", "closeup", "front", "foreground"),
    MIDDLE: ("middle", "mid", "medium", "midground", "middleground", "moderate", "normal"),
    FAR: ("far", "farthest", "distant", "distance", "away", "back", "background", "behind"),
}
_VERY = frozenset({"very", "extremely", "farthest", "nearest", "closest", "horizon"})
_NUMBER = re.compile(r"(?<![\w.,])\d+(?:[.,]\d+)?(?=[\s\w]*$|\s)", re.ASCII)

MAX_CHARACTERS = 60
"""Maximum length of a distance's text."""


@dataclass(frozen=True)
class DistanceMatch:
    """A distance that was recognised in a text.

    Attributes:
        distance: The distance to the viewer, greater than 0.
        certain: False if the distance is a guess.
    """

    distance: float
    certain: bool = True


def match_distance(text: str) -> DistanceMatch | None:
    """Recognises a distance, such as "5 m" or "far away"; returns None if the text names none."""
    if len(text) > MAX_CHARACTERS:
        return None
    written = to_english(text)
    numbers = _NUMBER.findall(written)
    if len(numbers) == 1 and "-" not in written:
        number = float(numbers[0].replace(",", "."))
        return DistanceMatch(number) if number > 0 else None
    words = set(re.findall(r"[a-z]+", written))
    matching = [distance for distance, names in _DISTANCES.items() if words.intersection(names)]
    if len(matching) != 1:
        return None
    factor = {NEAR: 0.5, FAR: 2.0}.get(matching[0], 1.0) if words & _VERY else 1.0
    return DistanceMatch(matching[0] * factor, certain=False)
