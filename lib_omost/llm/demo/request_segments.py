"""Splits a request that describes a picture into its objects and backgrounds."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from lib_omost.llm.demo.lexicon import RequestPart
from lib_omost.llm.demo.vocabulary import MAX_REQUEST_OBJECTS, NUMBERS

_OBJECT_PATTERN = re.compile("l?(?:a|n)?s?c?[op]l?r?|l?(?:a|n)?s?c?[op]r?l?")

_BACKGROUND_PATTERN = re.compile("a?gb|a?btgtg|gb")

_CONNECTORS = set("jRix")

_AND = RequestPart("and", "j", "and")


@dataclass(frozen=True)
class Segment:
    """One object or background of a request.

    Attributes:
        connectors: The words that connect it to the segment before.
        parts: Its own words and phrases.
    """

    connectors: tuple[RequestPart, ...]
    parts: tuple[RequestPart, ...]

    @property
    def kinds(self) -> str:
        """The kinds of the parts, one letter each."""
        return "".join(part.kind for part in self.parts)

    @property
    def count(self) -> int:
        """The number of objects that the segment asks for."""
        numbers = [part.model_text for part in self.parts if part.kind == "n"]
        return next((count for count, name in NUMBERS.items() if name in numbers), 1)

    @property
    def objects(self) -> list[str]:
        """The names of the objects that the segment asks for."""
        return self.count * [part.base for part in self.parts if part.kind in "op"]

    @property
    def is_background(self) -> bool:
        """True if the segment describes the background."""
        return "b" in self.kinds


def _split_at_connectors(parts: Sequence[RequestPart]) -> Iterator[Segment]:
    """Splits a request at its connecting words.

    A place after a connecting word belongs to the object before it.
    """
    connectors: list[RequestPart] = []
    inside: list[RequestPart] = []
    for part in parts:
        if part.kind in "MPUA" and not inside:
            continue  # "make", "put" or "add" before an object only requests it
        if part.kind not in _CONNECTORS:
            inside.append(part)
            continue
        if inside:
            yield Segment(tuple(connectors), tuple(inside))
            connectors, inside = [], []
        connectors.append(part)
    if inside:
        yield Segment(tuple(connectors), tuple(inside))


def find_known_segments(
    parts: Sequence[RequestPart], *, refers: bool
) -> tuple[list[Segment], list[RequestPart]]:
    """Returns the known segments, with corrected connectors, and all ignored parts.

    Args:
        parts: The words and phrases of a request.
        refers: Whether a canvas exists. Then "the" refers to its objects and requests no new one.
    """
    known_segments: list[Segment] = []
    left_out: list[RequestPart] = []
    count = 0
    gap = False  # a segment was ignored since the last known segment
    for segment in _split_at_connectors(parts):
        connectors_are_known = all(part.kind != "x" for part in segment.connectors)
        left_out += [part for part in segment.connectors if part.kind == "x"]
        known, unknown = _known_part(segment, known_segments)
        left_out += unknown
        if not known.parts or (
            count + known.count > MAX_REQUEST_OBJECTS and set(known.kinds) & set("op")
        ):
            left_out += known.parts
            gap = True
            continue
        count += known.count if set(known.kinds) & set("op") else 0
        known_segments.append(
            known if connectors_are_known and not gap else _rejoined(known, segment)
        )
        gap = False
    if refers and left_out:
        references = [
            s for s in known_segments if s.parts[0].written == "the" and not s.is_background
        ]
        left_out += [part for segment in references for part in segment.parts]
        known_segments = [segment for segment in known_segments if segment not in references]
    if known_segments:
        known_segments[0] = replace(known_segments[0], connectors=())
    if left_out:
        known_segments = [_without_between(segment) for segment in known_segments]
    return known_segments, left_out


def _known_part(segment: Segment, before: Sequence[Segment]) -> tuple[Segment, list[RequestPart]]:
    """Returns the known part of a segment, and its unknown parts."""
    unknown = [part for part in segment.parts if part.kind in "uxBDTWKVEHSYZMPUA"]
    if "b" not in segment.kinds:
        # Background colours do not apply to objects.
        unknown += [part for part in segment.parts if part.kind in "gt"]
    rest = tuple(part for part in segment.parts if part not in unknown)
    known = replace(segment, parts=rest)
    if known.is_background and _BACKGROUND_PATTERN.fullmatch(known.kinds) and not unknown:
        return known, []
    if re.fullmatch("[lr]+", known.kinds) and before and not unknown:
        return replace(known, connectors=()), []
    if _OBJECT_PATTERN.fullmatch(known.kinds):
        connectors = tuple(
            replace(p, model_text="on top of") if p.written == "on" else p for p in known.connectors
        )
        return replace(known, connectors=connectors), unknown
    content = [part for part in segment.parts if part.kind not in "a"]
    words = [part for part in content if part.kind in "uxcgt"] if unknown else content
    return replace(segment, parts=()), unknown or words


def _rejoined(known: Segment, segment: Segment) -> Segment:
    """Connects a segment by "and" because the object before it is ignored, except a background."""
    if known.is_background:
        return known
    return replace(known, connectors=(_AND,))


def _without_between(segment: Segment) -> Segment:
    """Replaces "between" by "and", because "between" needs all three objects."""
    connectors = tuple(_AND if part.written == "between" else part for part in segment.connectors)
    return replace(segment, connectors=connectors)
