"""Find the regions of one canvas in another, and keep what a simplified copy could not say."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, TypeVar

from lib_omost.canvas.limits import MAX_REGIONS
from lib_omost.canvas.model import UNITS, Box, Canvas, Place, Region
from lib_omost.canvas.vocabulary import AREAS

Part = TypeVar("Part", Canvas, Region)

NEVER_TOLD = ("syntax", "extra")
"""Fields that no simplified copy has."""


@dataclass(frozen=True)
class Simplified:
    """A canvas, and the copy of it that was shown to somebody who then changed that copy.

    numbers: for each region of the copy, in order, its position in the canvas from 0. Regions
    that are missing there were not shown.
    """

    canvas: Canvas
    copy: Canvas
    numbers: tuple[int, ...]

    def changed_like(self, answer: Canvas) -> Canvas:
        """Apply to the canvas what an answer changed in the copy.

        Fields that the answer left as they are in the copy keep the canvas's own value, and
        regions that were not shown stay.
        """
        found = matches(self.copy.regions, answer.regions)
        if self.copy.regions and answer.regions and not found:
            return answer  # it is another picture
        regions: list[tuple[int, Region]] = []  # with the position in the canvas, -1 for new ones
        for position, region in enumerate(answer.regions):
            if position not in found:
                regions.append((-1, region))
                continue
            number = self.numbers[found[position]]
            shown = self.copy.regions[found[position]]
            regions.append((number, _mended(self.canvas.regions[number], shown, region)))
        for number, region in enumerate(self.canvas.regions):
            if number not in self.numbers:
                before = (i for i, (other, _) in enumerate(regions) if 0 <= other < number)
                regions.insert(max(before, default=-1) + 1, (number, region))
        whole = _mended(self.canvas, self.copy, answer)
        return replace(whole, regions=tuple(region for _, region in regions[:MAX_REGIONS]))


def matches(before: Sequence[Region], after: Sequence[Region]) -> dict[int, int]:
    """Pair regions that are the same thing: positions in `after`, to those in `before`.

    Equal regions come first, then those that have most in common. A region that shares neither
    words nor place with any other has no pair.
    """
    words = [_telling(region.description) for region in before]
    others = [_telling(region.description) for region in after]
    pairs = []
    for old, one in enumerate(before):
        for new, other in enumerate(after):
            likeness = _likeness(one, other, words[old], others[new])
            if likeness > 0:
                pairs.append((-likeness, abs(old - new), old, new))
    found: dict[int, int] = {}
    for _, _, old, new in sorted(pairs):
        if new not in found and old not in found.values():
            found[new] = old
    return found


def _likeness(one: Region, other: Region, words: set[str], others: set[str]) -> float:
    """Tell how much two regions have in common, 0 for nothing."""
    if one == other:
        return 10.0
    shared = len(words & others) / max(len(words | others), 1)
    same_box = one.box == other.box
    if not shared and not same_box:
        return 0.0
    return 4 * shared + 2 * same_box + (one.color == other.color) + (one.tags == other.tags)


def same_text(one: str, other: str) -> bool:
    """Tell whether two texts have the same words, whatever their marks and capitals."""
    return one == other or (bool(_words(one)) and _words(one) == _words(other))


def _telling(text: str) -> set[str]:
    """The words of a description but articles and the like."""
    return {word for word in _words(text) if len(word) > 2}


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())


def _mended(own: Part, shown: Part, answer: Part) -> Part:
    """Return the answer's part with its own former value in each field that did not change."""
    kept: dict[str, Any] = {}
    for field in fields(answer):
        if field.name == "regions":
            continue
        values = getattr(shown, field.name), getattr(answer, field.name)
        mine = getattr(own, field.name)
        if field.name in NEVER_TOLD or _unchanged(*values):
            kept[field.name] = mine
        elif isinstance(mine, str) and mine != values[0]:
            kept[field.name] = _in_own_words(mine, *values)
        elif isinstance(values[1], (Place, Box)) and isinstance(answer, Region):
            assert isinstance(own, Region)
            assert isinstance(shown, Region)
            kept[field.name] = _moved(own, shown, answer)
    return replace(answer, **kept)


def _in_own_words(own: str, shown: str, answer: str) -> str:
    """Change in a text the words that an answer changed in the copy; else take the answer's."""
    before, after = _words(shown), _words(answer)
    changes = [pair for pair in zip(before, after, strict=False) if pair[0] != pair[1]]
    if len(before) != len(after) or not all(old in _words(own) for old, _ in changes):
        return answer
    if _words(own)[: len(before)] == before:  # the copy is cut: each word stands where it did
        words = iter(after)
        return re.sub(r"\w+", lambda word: _like(word[0], next(words, None)), own)
    new = dict(changes)
    return re.sub(r"\w+", lambda word: _like(word[0], new.get(word[0].casefold())), own)


def _like(word: str, other: str | None) -> str:
    """Another word in the capitals of a word, or the word itself where there is no other."""
    if other is None or other == word.casefold():
        return word
    return other.capitalize() if word[:1].isupper() else other


def _unchanged(shown: object, answer: object) -> bool:
    if isinstance(shown, str) and isinstance(answer, str):
        return same_text(shown, answer)
    if isinstance(shown, tuple) and isinstance(answer, tuple):
        return len(shown) == len(answer) and all(map(_unchanged, shown, answer))
    return shown == answer


def _moved(own: Region, shown: Region, answer: Region) -> Place | Box:
    """Return the place of a region that was moved, or made larger or smaller."""
    told, new = shown.place, answer.place
    if not (isinstance(told, Place) and isinstance(new, Place)):
        return new
    if (new.location, new.offset) == (told.location, told.offset):
        return _resized(own, told.area, new.area)
    if new.area == told.area and isinstance(own.place, Place):
        return replace(new, area=own.place.area)
    return new


def _resized(own: Region, told: str, new: str) -> Place | Box:
    """Return a region's place, as much larger or smaller as one area is than another."""
    across, down = (b / a for a, b in zip(AREAS[told], AREAS[new], strict=True))
    place = own.place
    if isinstance(place, Place):
        width, height = AREAS[place.area]
        wanted = width * across, height * down
        return replace(place, area=min(AREAS, key=lambda area: math.dist(AREAS[area], wanted)))
    half_width, half_height = (
        (place.right - place.left) * across / 2,
        (place.bottom - place.top) * down / 2,
    )
    x, y = (place.left + place.right) / 2, (place.top + place.bottom) / 2
    return Box(
        top=max(round(y - half_height), 0),
        bottom=min(round(y + half_height), UNITS),
        left=max(round(x - half_width), 0),
        right=min(round(x + half_width), UNITS),
    )
