"""Finds the part of a request that the demonstration composer understands, before it composes.

The vocabulary of the composer is closed. Any other word makes the model guess, and the model cannot
detect that it guesses.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from lib_omost.canvas.model import Canvas, Place, Region
from lib_omost.llm.demo.edit import SIZES, RequestedChange
from lib_omost.llm.demo.lexicon import RequestPart, request_parts
from lib_omost.llm.demo.vocabulary import (
    BACKGROUND_WORDS,
    COLOR_WORDS,
    MAX_CANVAS_OBJECTS,
    MAX_REQUEST_OBJECTS,
    NUMBERS,
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
NOT_FOUND = (
    "There is no {thing} in the canvas among the shapes that the demonstration composer knows. "
    "Nothing was changed."
)
AMBIGUOUS = "There is more than one {thing} in the canvas: name the colour of the one to change."
INDISTINGUISHABLE = (
    "There is more than one {thing} in the canvas, so the request fits several regions: change "
    "the region in the editor."
)
NO_SIZE = "The {thing} cannot be made {value}: its area has no {value} size."
UNSUPPORTED_REGION = (
    "The demonstration composer would lose the content of region {number}, so it wrote nothing. "
    f"It can only change canvases of up to {MAX_CANVAS_OBJECTS} of its own shapes."
)
IGNORED = "The demonstration composer ignored the words that it does not know: {words}."
APPROXIMATED = "The demonstration composer draws {drawn}."
MISSING = (
    "The canvas is incomplete: it lacks a {things}. Ask for fewer objects, or use other words."
)

_OBJECT = "a?s?c?[op]"
_CHANGE_PATTERNS = {
    "recolor": f"M{_OBJECT}c|H{_OBJECT}tc|{_OBJECT}Bc|P{_OBJECT}c",
    "remove": f"D{_OBJECT}|TY{_OBJECT}|T{_OBJECT}Y|W{_OBJECT}",
    "keep": f"K{_OBJECT}",
    "move": f"V{_OBJECT}l|{_OBJECT}Bl",
    "put": f"U{_OBJECT}lZ?",
    "resize": f"M{_OBJECT}S|E{_OBJECT}|{_OBJECT}BS",
    "add": f"A{_OBJECT}l?Z?|j{_OBJECT}l?",
    "background": "Ma?bg|ag?b|Ha?btg|a?bBg",
}
"""The changes that the composer was trained on, as regular expressions over the kinds of words."""
_REGION_CHANGES = {"recolor", "remove", "keep", "move", "resize"}
_GROWTH_WORDS = {"bigger", "larger", "enlarge"}
_CHANGE_WORDS = set("DTWKVEHBSY")
"""The kinds of words that occur in changes only."""

_OBJECT_PATTERN = re.compile("l?(?:a|n)?s?c?[op]l?r?|l?(?:a|n)?s?c?[op]r?l?")
_BACKGROUND_PATTERN = re.compile("a?gb|a?btgtg|gb")
_CONNECTORS = set("jRix")


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
        found = Counter(_color_and_object(region)[1] for region in canvas.regions)
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
    kind, change_parts = _find_change(parts)
    if canvas is not None and kind:
        rest = [*adjectives, *parts[len(change_parts) :]]
        return _understand_change(request, kind, change_parts, rest, canvas)
    if kind in _REGION_CHANGES and not adjectives:
        return UnderstoodRequest(request, NO_CANVAS)
    if _asks_for_change("".join(part.kind for part in parts), has_canvas=canvas is not None):
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
    change = _change(kind, change_parts, canvas)
    if kind == "put" and change.kind == "add":
        # Without "too" the composer would move an existing region.
        change_parts = [
            *(part for part in change_parts if part.kind != "Z"),
            RequestPart("", "Z", "too"),
        ]
    left_out = [part for part in rest if part.kind != "j"]
    problem = unsupported_region(canvas)
    if not problem and change.kind in _REGION_CHANGES:
        problem = _change_problem(change, canvas)
    return UnderstoodRequest(
        _model_request(request, change_parts, changed=bool(left_out)),
        problem,
        tuple(_distinct_words(left_out)),
        _approximations(change_parts),
        _objects_after(change, canvas),
        is_edit=True,
        has_location=change.kind != "add" or bool(change.value),
        change=change,
    )


def _change(kind: str, change_parts: Sequence[RequestPart], canvas: Canvas) -> RequestedChange:
    """Returns the change that the words of a request ask for."""
    thing = next((part for part in change_parts if part.kind in "op"), None)
    color = _object_color(change_parts)
    if kind == "put":
        kind = "move" if _means_existing_region(change_parts, thing, canvas) else "add"
    last = {"recolor": "c", "move": "l", "add": "l", "background": "g", "resize": "SE"}.get(kind)
    parts = [part for part in change_parts if last and part.kind in last]
    if not parts:
        return RequestedChange(kind, thing, color)
    value = parts[-1].base or ("bigger" if parts[-1].model_text in _GROWTH_WORDS else "smaller")
    return RequestedChange(kind, thing, color, value)


def _means_existing_region(
    change_parts: Sequence[RequestPart], thing: RequestPart | None, canvas: Canvas
) -> bool:
    """Tells whether "put ..." refers to an existing region; "a" and "too" refer to a new one."""
    if any(part.kind == "Z" for part in change_parts) or thing is None:
        return False
    articles = [part.written for part in change_parts if part.kind == "a"]
    exists = any(_color_and_object(region)[1] == thing.base for region in canvas.regions)
    return "the" in articles or (not articles and exists)


def _understand_picture(
    request: str,
    parts: Sequence[RequestPart],
    adjectives: Sequence[RequestPart],
    canvas: Canvas | None,
) -> UnderstoodRequest:
    """Analyses a request that describes objects instead of a change."""
    known_segments, left_out = _known_segments(_segments(parts), refers=canvas is not None)
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
    before = [_color_and_object(region)[1] for region in canvas.regions] if adds and canvas else []
    return UnderstoodRequest(
        _model_request(request, model_parts, changed=bool(left_out)),
        unsupported_region(canvas) if adds and canvas is not None else "",
        tuple(_distinct_words(left_out)),
        _approximations(model_parts),
        (*before, *(base for segment in known_segments for base in segment.objects)),
        is_edit=adds,
        has_location=any(part.kind in "lr" for part in model_parts),
        change=_change("add", model_parts, canvas) if adds and canvas is not None else None,
    )


@dataclass(frozen=True)
class _Segment:
    """One object or background of a request, with the words that connect it to the one before."""

    connectors: tuple[RequestPart, ...]
    parts: tuple[RequestPart, ...]

    @property
    def kinds(self) -> str:
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
        return "b" in self.kinds


def _segments(parts: Sequence[RequestPart]) -> Iterator[_Segment]:
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
            yield _Segment(tuple(connectors), tuple(inside))
            connectors, inside = [], []
        connectors.append(part)
    if inside:
        yield _Segment(tuple(connectors), tuple(inside))


def _known_segments(
    segments: Iterator[_Segment], *, refers: bool
) -> tuple[list[_Segment], list[RequestPart]]:
    """Returns the known segments, with corrected connectors, and all ignored parts.

    Args:
        segments: The segments of a request.
        refers: Whether a canvas exists. Then "the" refers to its objects and requests no new one.
    """
    known_segments: list[_Segment] = []
    left_out: list[RequestPart] = []
    count = 0
    gap = False  # a segment was ignored since the last known segment
    for segment in segments:
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


def _known_part(
    segment: _Segment, before: Sequence[_Segment]
) -> tuple[_Segment, list[RequestPart]]:
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


_AND = RequestPart("and", "j", "and")


def _rejoined(known: _Segment, segment: _Segment) -> _Segment:
    """Connects a segment by "and" because the object before it is ignored, except a background."""
    if known.is_background:
        return known
    return replace(known, connectors=(_AND,))


def _without_between(segment: _Segment) -> _Segment:
    """Replaces "between" by "and", because "between" needs all three objects."""
    connectors = tuple(_AND if part.written == "between" else part for part in segment.connectors)
    return replace(segment, connectors=connectors)


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


def _find_change(parts: Sequence[RequestPart]) -> tuple[str, Sequence[RequestPart]]:
    """Returns the kind and the words of the change that begins a request, ("", ()) for none."""
    kinds = "".join(part.kind for part in parts).rstrip("j")
    for kind, pattern in _CHANGE_PATTERNS.items():
        match = re.match(f"(?:{pattern})(?=j|$)", kinds)
        if match and not (kind == "background" and match.end() < len(kinds)):
            return kind, parts[: match.end()]
    return "", ()


def _asks_for_change(kinds: str, *, has_canvas: bool) -> bool:
    """Tells whether a request asks for something other than a new picture.

    An unknown word directly before an article is a change: "swap the circle and the star".

    Args:
        kinds: The kinds of the words of the request.
        has_canvas: Whether a canvas exists.
    """
    changing = _CHANGE_WORDS | set("AUZ") if has_canvas else _CHANGE_WORDS
    return bool(set(kinds) & changing) or re.match("[Mj]*ua", kinds) is not None


def _objects_after(change: RequestedChange, canvas: Canvas) -> tuple[str, ...]:
    """Returns the objects of a canvas after a change."""
    before = [_color_and_object(region)[1] for region in canvas.regions]
    name = [change.target.base] if change.target is not None else []
    if change.kind == "add":
        return (*before, *name)
    if change.kind == "remove":
        return tuple((Counter(before) - Counter(name)).elements())
    return tuple(name if change.kind == "keep" else before)


def _object_color(change_parts: Sequence[RequestPart]) -> str:
    """Returns the colour directly before the object, "" for none."""
    pairs = itertools.pairwise(change_parts)
    return next((one.base for one, other in pairs if one.kind == "c" and other.kind in "op"), "")


def matching_regions(change: RequestedChange, canvas: Canvas) -> list[int]:
    """Returns the indices of the regions that a change may refer to.

    Args:
        change: A change with a target.
        canvas: The canvas to change.
    """
    assert change.target is not None
    return [
        number
        for number, (color, name) in enumerate(map(_color_and_object, canvas.regions))
        if name == change.target.base and change.color in ("", color)
    ]


def _change_problem(change: RequestedChange, canvas: Canvas) -> str:
    """Returns the reason why a change cannot be applied to exactly one region, "" if it can."""
    assert change.target is not None
    found = matching_regions(change, canvas)
    thing = f"{change.color} {change.target.written}".strip()
    if not found:
        return NOT_FOUND.format(thing=thing)
    if len(found) > 1:
        return (INDISTINGUISHABLE if change.color else AMBIGUOUS).format(thing=thing)
    place = canvas.regions[found[0]].place
    last = SIZES[-1] if change.value == "bigger" else SIZES[0]
    if change.kind == "resize" and isinstance(place, Place) and place.area.startswith(f"{last} "):
        return NO_SIZE.format(thing=thing, value=change.value)
    return ""


def _color_and_object(region: Region) -> tuple[str, str]:
    """Returns the colour and the object that a region's description names, "" for none."""
    parts = list(request_parts(region.description))
    colors = [part.base for part in parts if part.kind == "c"]
    objects = [part.base for part in parts if part.kind in "op"]
    return (colors or [""])[0], (objects or [""])[0]


def unsupported_region(canvas: Canvas) -> str:
    """Returns a sentence about the first region that the composer would lose, "" for none.

    Args:
        canvas: A canvas of any origin.
    """
    for number, region in enumerate(canvas.regions, start=1):
        kinds = "".join(part.kind for part in request_parts(region.description))
        is_known = re.fullmatch(f"{_OBJECT}j?", kinds) is not None
        if number > MAX_CANVAS_OBJECTS or not is_known or not isinstance(region.place, Place):
            return UNSUPPORTED_REGION.format(number=number)
    return ""


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
