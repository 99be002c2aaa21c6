"""Finds the part of a request that the demonstration composer understands, before it composes.

The vocabulary of the composer is closed. Any other word makes the model guess, and the model cannot
detect that it guesses.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from lib_omost.canvas.model import Canvas
from lib_omost.llm.demo.edit import RequestedChange
from lib_omost.llm.demo.lexicon import RequestPart, request_parts
from lib_omost.llm.demo.request_segments import find_known_segments
from lib_omost.llm.demo.requested_change import (
    REGION_CHANGES,
    asks_for_change,
    build_change,
    change_problem,
    color_and_object,
    find_change,
    objects_after,
    unsupported_region,
)
from lib_omost.llm.demo.vocabulary import (
    BACKGROUND_WORDS,
    COLOR_WORDS,
    OBJECT_WORDS,
)

WORLD = (
    f"It knows {', '.join(OBJECT_WORDS)}; for them the colours {', '.join(COLOR_WORDS)}; for "
    f"backgrounds {', '.join(BACKGROUND_WORDS)}; nine places, two sizes, and one change at a time, "
    "such as “make the circle green”, “add a tree on the left” or “remove the boat”."
)
"""The vocabulary of the composer, as messages list it."""

ALTERNATIVES = "For anything else choose another language model, or a server."

UNKNOWN_WORDS = "The demonstration composer does not know {words}, so it wrote nothing."

NO_OBJECT = "The demonstration composer found nothing in the request that it can draw."

UNKNOWN_CHANGE = (
    "The demonstration composer does not know the change “{request}”, so it wrote nothing."
)

NO_CANVAS = "There is no canvas to change yet: ask for a picture first."

IGNORED = "The demonstration composer ignored the words that it does not know: {words}."

APPROXIMATED = "The demonstration composer draws {drawn}."

MISSING = (
    "The canvas is incomplete: it lacks a {things}. Ask for fewer objects, or use other words."
)


@dataclass(frozen=True)
class UnderstoodRequest:
    """The part of a request that the composer understands.

    Attributes:
        model_request: The request that the composer reads.
        problem: The reason why nothing can be composed, "" if something can.
        unknown_words: The words that the composer does not read, each once.
        approximations: Pairs of a thing and the object that the composer draws in its place.
        expected_objects: The objects that the canvas should contain afterwards.
        is_edit: Whether the composer changes the present canvas instead of composing a new one.
        has_location: Whether the request says where the new object goes.
        change: The requested change, None for a new canvas.
    """

    model_request: str
    problem: str = ""
    unknown_words: tuple[str, ...] = ()
    approximations: tuple[tuple[str, str], ...] = ()
    expected_objects: tuple[str, ...] = ()
    is_edit: bool = False
    has_location: bool = True
    change: RequestedChange | None = None

    @property
    def remarks(self) -> tuple[str, ...]:
        """The sentences that the user should read beside the canvas."""
        remarks = []
        if self.unknown_words:
            left_out = IGNORED.format(words=_quoted(self.unknown_words))
            remarks.append(f"{left_out} {WORLD} {ALTERNATIVES}")
        if self.approximations:
            drawn = ", ".join(f"“{written}” as a {base}" for written, base in self.approximations)
            remarks.append(APPROXIMATED.format(drawn=drawn))
        return tuple(remarks)

    def missing_objects(self, canvas: Canvas) -> str:
        """Returns a sentence about the expected objects that a canvas lacks, "" for none.

        Args:
            canvas: The canvas that the composer wrote.
        """
        found = Counter(color_and_object(region)[1] for region in canvas.regions)
        missing = (Counter(self.expected_objects) - found).elements()
        things = " and a ".join(missing)
        return MISSING.format(things=things) if things else ""


def understand(request: str, canvas: Canvas | None = None) -> UnderstoodRequest:
    """Finds the part of a request that the composer understands.

    Args:
        request: The text of a user.
        canvas: The canvas that the request may change, None if none exists yet.

    Returns:
        The analysed request.
    """
    parts = [part for part in request_parts(request) if part.kind != "f"]
    parts, adjectives = _without_adjectives(parts)
    kind, change_parts = find_change(parts)
    if canvas is not None and kind:
        rest = [*adjectives, *parts[len(change_parts) :]]
        return _understand_change(request, kind, change_parts, rest, canvas)
    if kind in REGION_CHANGES and not adjectives:
        return UnderstoodRequest(request, NO_CANVAS)
    if asks_for_change("".join(part.kind for part in parts), has_canvas=canvas is not None):
        return _refusal(request, UNKNOWN_CHANGE, [*adjectives, *parts])
    return _understand_picture(request, parts, adjectives, canvas)


def _understand_change(
    request: str,
    kind: str,
    change_parts: Sequence[RequestPart],
    rest: Sequence[RequestPart],
    canvas: Canvas,
) -> UnderstoodRequest:
    """Analyses a request whose words match a trained change."""
    change = build_change(kind, change_parts, canvas)
    if kind == "put" and change.kind == "add":
        # Without "too" the composer would move an existing region.
        change_parts = [
            *(part for part in change_parts if part.kind != "Z"),
            RequestPart("", "Z", "too"),
        ]
    left_out = [part for part in rest if part.kind != "j"]
    problem = unsupported_region(canvas)
    if not problem and change.kind in REGION_CHANGES:
        problem = change_problem(change, canvas)
    return UnderstoodRequest(
        _model_request(request, change_parts, changed=bool(left_out)),
        problem,
        tuple(_distinct_words(left_out)),
        _approximations(change_parts),
        objects_after(change, canvas),
        is_edit=True,
        has_location=change.kind != "add" or bool(change.value),
        change=change,
    )


def _understand_picture(
    request: str,
    parts: Sequence[RequestPart],
    adjectives: Sequence[RequestPart],
    canvas: Canvas | None,
) -> UnderstoodRequest:
    """Analyses a request that describes objects instead of a change."""
    known_segments, left_out = find_known_segments(parts, refers=canvas is not None)
    left_out = [*adjectives, *left_out]
    known = [
        part for segment in known_segments for part in segment.parts if part.kind in "opcgslnr"
    ]
    things = [part for part in known if part.kind in "op"]
    exact = [part for part in things if not part.is_approximated]
    if not things or (left_out and not exact) or len(_distinct_words(left_out)) > len(known):
        return _refusal(request, UNKNOWN_CHANGE if canvas is not None else NO_OBJECT, left_out)
    model_parts = [
        part for segment in known_segments for part in (*segment.connectors, *segment.parts)
    ]
    adds = canvas is not None and len(known_segments) == 1 and known_segments[0].count == 1
    before = [color_and_object(region)[1] for region in canvas.regions] if adds and canvas else []
    return UnderstoodRequest(
        _model_request(request, model_parts, changed=bool(left_out)),
        unsupported_region(canvas) if adds and canvas is not None else "",
        tuple(_distinct_words(left_out)),
        _approximations(model_parts),
        (*before, *(base for segment in known_segments for base in segment.objects)),
        is_edit=adds,
        has_location=any(part.kind in "lr" for part in model_parts),
        change=build_change("add", model_parts, canvas) if adds and canvas is not None else None,
    )


def _without_adjectives(
    parts: Sequence[RequestPart],
) -> tuple[list[RequestPart], list[RequestPart]]:
    """Separates unknown words that stand between an article or adjective and a known object."""
    kinds = "".join(part.kind for part in parts)
    inner = {
        number
        for match in re.finditer(r"(?<=[ansc])u+(?=[scu]*[op])", kinds)
        for number in range(*match.span())
    }
    kept = [part for number, part in enumerate(parts) if number not in inner]
    return kept, [part for number, part in enumerate(parts) if number in inner]


def _refusal(request: str, nothing: str, left_out: Sequence[RequestPart]) -> UnderstoodRequest:
    words = _distinct_words([part for part in left_out if part.kind in "uxg"])
    if words:
        problem = UNKNOWN_WORDS.format(words=_quoted(words))
    else:
        problem = nothing.format(request=request.strip())
    return UnderstoodRequest(request, f"{problem} {WORLD} {ALTERNATIVES}")


def _approximations(model_parts: Sequence[RequestPart]) -> tuple[tuple[str, str], ...]:
    return tuple({part.written: part.base for part in model_parts if part.is_approximated}.items())


def _distinct_words(left_out: Sequence[RequestPart]) -> list[str]:
    return list(dict.fromkeys(part.written for part in left_out if part.kind != "a"))


def _quoted(words: Sequence[str]) -> str:
    return ", ".join(f"“{word}”" for word in words)


def _model_request(request: str, model_parts: Sequence[RequestPart], *, changed: bool) -> str:
    """Returns the request as written, or its known parts in trained words if those differ."""
    if not changed and all(part.model_text == part.written for part in model_parts):
        return request
    return re.sub(r" (?=[,.])", "", " ".join(part.model_text for part in model_parts)).strip(" ,.")
