"""Matches the regions of two canvases and merges a model's changes into the original canvas.

A model may see a simplified copy of a canvas and return a changed copy. The merge applies these
changes and restores the details that the copy did not contain.
"""

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

ORIGINAL_FIELDS = ("syntax", "extra", "hidden")
"""Fields that simplified copies never contain; the merged canvas keeps the original values."""


@dataclass(frozen=True)
class SimplifiedCanvas:
    """A canvas and its simplified copy, which a model sees.

    Attributes:
        canvas: The original canvas.
        copy: The simplified copy.
        positions: For each region of the copy, its position in the canvas from 0. The copy does
            not contain the other regions.
    """

    canvas: Canvas
    copy: Canvas
    positions: tuple[int, ...]

    def merge_changes(self, answer: Canvas) -> Canvas:
        """Applies the differences between the copy and a model's answer to the canvas.

        Args:
            answer: The changed copy. If it shares no region with the copy, it is a new picture.

        Returns:
            The changed canvas. Unchanged fields keep the original values, and regions that are not
            in the copy stay. A new picture is returned as it is.
        """
        pairs = match_regions(self.copy.regions, answer.regions)
        if self.copy.regions and answer.regions and not pairs:
            return answer
        regions: list[tuple[int, Region]] = []  # with the position in the canvas, -1 for new ones
        for answer_position, region in enumerate(answer.regions):
            if answer_position not in pairs:
                regions.append((-1, region))
                continue
            position = self.positions[pairs[answer_position]]
            copied = self.copy.regions[pairs[answer_position]]
            regions.append((position, _merge_part(self.canvas.regions[position], copied, region)))
        for position, region in enumerate(self.canvas.regions):
            if position not in self.positions:
                before = (i for i, (other, _) in enumerate(regions) if 0 <= other < position)
                regions.insert(max(before, default=-1) + 1, (position, region))
        canvas = _merge_part(self.canvas, self.copy, answer)
        return replace(canvas, regions=tuple(region for _, region in regions[:MAX_REGIONS]))


def match_regions(before: Sequence[Region], after: Sequence[Region]) -> dict[int, int]:
    """Pairs the regions of two versions of a canvas.

    Equal regions are paired first, then the most similar ones. A region that shares neither words
    nor box with another region remains unpaired.

    Args:
        before: The regions of the older version.
        after: The regions of the newer version.

    Returns:
        Maps positions in `after` to positions in `before`.
    """
    before_words = [_significant_words(region.description) for region in before]
    after_words = [_significant_words(region.description) for region in after]
    candidates = []
    for old, one in enumerate(before):
        for new, other in enumerate(after):
            similarity = _similarity(one, other, before_words[old], after_words[new])
            if similarity > 0:
                candidates.append((-similarity, abs(old - new), old, new))
    pairs: dict[int, int] = {}
    for _, _, old, new in sorted(candidates):
        if new not in pairs and old not in pairs.values():
            pairs[new] = old
    return pairs


def _similarity(one: Region, other: Region, words: set[str], other_words: set[str]) -> float:
    """Returns a score from 0 (nothing in common) to 10 (equal)."""
    if one == other:
        return 10.0
    shared = len(words & other_words) / max(len(words | other_words), 1)
    same_box = one.box == other.box
    if not shared and not same_box:
        return 0.0
    return 4 * shared + 2 * same_box + (one.color == other.color) + (one.tags == other.tags)


def has_same_words(one: str, other: str) -> bool:
    """Returns whether two texts differ in punctuation and capitals only."""
    return one == other or (bool(_words(one)) and _words(one) == _words(other))


def shares_words(one: str, other: str) -> bool:
    """Returns whether two texts have a word of at least three letters in common."""
    return not _significant_words(one).isdisjoint(_significant_words(other))


def _significant_words(text: str) -> set[str]:
    """Returns the words of a text that have at least three letters, which excludes articles."""
    return {word for word in _words(text) if len(word) > 2}


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())


def _merge_part(original: Part, copied: Part, answer: Part) -> Part:
    """Merges the changes between a copied part and the answer into the original part."""
    merged: dict[str, Any] = {}
    for field in fields(answer):
        if field.name == "regions":
            continue
        copied_value, new_value = getattr(copied, field.name), getattr(answer, field.name)
        original_value = getattr(original, field.name)
        if field.name in ORIGINAL_FIELDS or _is_unchanged(copied_value, new_value):
            merged[field.name] = original_value
        elif isinstance(original_value, str) and original_value != copied_value:
            merged[field.name] = _merge_text(original_value, copied_value, new_value)
        elif isinstance(new_value, (Place, Box)) and isinstance(answer, Region):
            assert isinstance(original, Region)
            assert isinstance(copied, Region)
            merged[field.name] = _merge_place(original, copied, answer)
    return replace(answer, **merged)


def _merge_text(original: str, copied: str, answer: str) -> str:
    """Applies single changed words to the original text; returns the answer for other changes."""
    before, after = _words(copied), _words(answer)
    changes = [pair for pair in zip(before, after, strict=False) if pair[0] != pair[1]]
    if len(before) != len(after) or not all(old in _words(original) for old, _ in changes):
        return answer
    if _words(original)[: len(before)] == before:  # the copy is the beginning of the original
        words = iter(after)
        return re.sub(r"\w+", lambda word: _match_case(word[0], next(words, None)), original)
    replacements = dict(changes)
    return re.sub(
        r"\w+",
        lambda word: _match_case(word[0], replacements.get(word[0].casefold())),
        original,
    )


def _match_case(word: str, replacement: str | None) -> str:
    """Returns the replacement with the capitals of a word; the word if there is no replacement."""
    if replacement is None or replacement == word.casefold():
        return word
    return replacement.capitalize() if word[:1].isupper() else replacement


def _is_unchanged(copied: object, answer: object) -> bool:
    if isinstance(copied, str) and isinstance(answer, str):
        return has_same_words(copied, answer)
    if isinstance(copied, tuple) and isinstance(answer, tuple):
        return len(copied) == len(answer) and all(map(_is_unchanged, copied, answer))
    return copied == answer


def _merge_place(original: Region, copied: Region, answer: Region) -> Place | Box:
    """Moves or resizes the original place as the answer changed the copied place."""
    copied_place, new_place = copied.place, answer.place
    if not (isinstance(copied_place, Place) and isinstance(new_place, Place)):
        return new_place
    if (new_place.location, new_place.offset) == (copied_place.location, copied_place.offset):
        return _resize(original, copied_place.area, new_place.area)
    if new_place.area == copied_place.area and isinstance(original.place, Place):
        return replace(new_place, area=original.place.area)
    return new_place


def _resize(region: Region, old_area: str, new_area: str) -> Place | Box:
    """Resizes a region's place by the ratio between two areas of the vocabulary."""
    x_factor, y_factor = (
        new / old for old, new in zip(AREAS[old_area], AREAS[new_area], strict=True)
    )
    place = region.place
    if isinstance(place, Place):
        width, height = AREAS[place.area]
        size = width * x_factor, height * y_factor
        return replace(place, area=min(AREAS, key=lambda area: math.dist(AREAS[area], size)))
    half_width, half_height = (
        (place.right - place.left) * x_factor / 2,
        (place.bottom - place.top) * y_factor / 2,
    )
    x, y = (place.left + place.right) / 2, (place.top + place.bottom) / 2
    return Box(
        top=max(round(y - half_height), 0),
        bottom=min(round(y + half_height), UNITS),
        left=max(round(x - half_width), 0),
        right=min(round(x + half_width), UNITS),
    )
