"""Judges by rules whether a canvas shows what a request asks for."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

from benchmarks.composition.boxes import center, hidden_part, inside
from benchmarks.composition.requests import OVERLAPPING, Relation, Request
from benchmarks.composition.words import (
    all_sentences,
    color_families,
    is_vivid,
    mentions,
    positions,
    sentences,
    stated_colors,
    stated_count,
    tokens,
)
from lib_omost.canvas.model import UNITS, Canvas, Region

MIN_STEP = UNITS / 10
"""Least distance of two centres, for "left of", or of a centre from the middle, for "left"."""

MAX_HIDDEN = 0.2
"""Largest part of a region that nearer regions may hide unless the request asks for it."""

MAX_HIDDEN_ASKED = 0.8
"""Largest part of a thing that may be hidden by another thing that is asked to be before it."""

MAX_HIDDEN_BACKDROP = 0.75
BACKDROP_WIDTH = 0.9 * UNITS
"""A region of this width is a backdrop, such as the sky. Things in front of it may hide more."""

BACKDROP_WORDS = ("background", "backdrop", "empty", "plain", "studio")
"""A region with one of these words adds no thing to a picture of "nothing else"."""


class Reader:
    """Finds the regions of a canvas that show the things of a request.

    A region shows the thing that its description mentions first: "a dog on the sofa" shows the dog.
    """

    def __init__(self, canvas: Canvas, things: Mapping[str, Sequence[str]]) -> None:
        self.canvas = canvas
        self.things = things
        self._shown = [self._first_thing(region.description) for region in canvas.regions]

    def regions(self, name: str) -> list[Region]:
        """Returns the regions that show a thing, else those that mention it in a description."""
        regions = self.canvas.regions
        shown = [one for one, thing in zip(regions, self._shown, strict=True) if thing == name]
        words = self.things[name]
        return shown or [region for region in regions if mentions(region.description, words)]

    def shows(self, region: Region) -> str | None:
        """Returns the name of the thing that a region shows, None for no thing of the request."""
        return self._shown[self.canvas.regions.index(region)]

    def mentioning(self, name: str) -> list[Region]:
        """Returns the regions that mention a thing in any text."""
        return [
            region
            for region in self.canvas.regions
            if any(mentions(text, self.things[name]) for text in sentences(region))
        ]

    def is_global(self, name: str) -> bool:
        """Returns whether the texts of the whole picture mention a thing."""
        return any(mentions(text, self.things[name]) for text in sentences(self.canvas))

    def other_words(self, name: str) -> list[str]:
        """Returns the words for the other things."""
        own = set(self.things[name])
        return [
            w
            for thing, words in self.things.items()
            if thing != name
            for w in words
            if w not in own
        ]

    def _first_thing(self, text: str) -> str | None:
        found = [
            (start, start - end, name)
            for name, words in self.things.items()
            for start, end in positions(text, words)
        ]
        return min(found)[2] if found else None


def judge(
    canvas: Canvas | None, request: Request, example_words: Collection[str] = ()
) -> dict[str, str]:
    """Judges the canvas of a request.

    Args:
        canvas: The canvas, None for an answer without a canvas.
        request: The request.
        example_words: The content words of the examples in the prompt.

    Returns:
        For each rule that applies to the request, a sentence about the first violation; "" for a
        rule that holds.
    """
    if canvas is None or not canvas.regions:
        return {"readable": "no canvas" if canvas is None else "no region"}
    reader = Reader(canvas, request.things)
    verdict = {"readable": ""}
    for name, rule in RULES.items():
        problem = rule(reader, request)
        if problem is not None:
            verdict[name] = problem
    if example_words:
        verdict["leak"] = leak(canvas, request, example_words)
    return verdict


def judge_things(reader: Reader, request: Request) -> str | None:
    """Checks that every named thing has a region or is in the global description."""
    missing = [
        name for name in request.things if not (reader.mentioning(name) or reader.is_global(name))
    ]
    return f"missing: {', '.join(missing)}" if missing else ""


def judge_counts(reader: Reader, request: Request) -> str | None:
    """Checks the number of things: of regions, or the number that a region's texts state."""
    return (
        _first(_count_problem(reader, name, count) for name, count in request.counts.items())
        if request.counts
        else None
    )


def judge_colors(reader: Reader, request: Request) -> str | None:
    """Checks that things have their colours, in the texts or as colour of their regions."""
    if not (request.colors or request.palette):
        return None
    colors = _first(_color_problem(reader, *item) for item in request.colors.items())
    return colors or _first(_palette_problem(reader, *item) for item in request.palette.items())


def judge_sides(reader: Reader, request: Request) -> str | None:
    """Checks the sides of things and their positions relative to each other."""
    relations = [relation for relation in request.relations if relation.kind in POSITIONS]
    if not (request.sides or relations):
        return None
    return _first(_side_problem(reader, *item) for item in request.sides.items()) or _first(
        _position_problem(reader, relation) for relation in relations
    )


def judge_depth(reader: Reader, request: Request) -> str | None:
    """Checks that things are behind or in front of each other."""
    relations = [r for r in request.relations if r.kind in ("behind", "in front of")]
    return _first(_depth_problem(reader, relation) for relation in relations) if relations else None


def judge_texts(reader: Reader, request: Request) -> str | None:
    """Checks the words that are written on things."""
    return (
        _first(_text_problem(reader, name, text) for name, text in request.texts.items())
        if request.texts
        else None
    )


def judge_only(reader: Reader, request: Request) -> str | None:
    """Checks that a picture of "nothing else" has no other regions."""
    if not request.only:
        return None
    for region in reader.canvas.regions:
        if reader.shows(region) is None and not mentions(region.description, BACKDROP_WORDS):
            return f"not requested: {region.description}"
    return ""


def judge_hidden(reader: Reader, request: Request) -> str | None:
    """Checks that nearer regions do not hide a region unless the request asks for it."""
    order = reader.canvas.far_to_near()
    asked = {
        frozenset((relation.first, other))
        for relation in request.relations
        if relation.kind in OVERLAPPING
        for other in relation.others
    }
    for place, region in enumerate(order):
        nearer, name = order[place + 1 :], reader.shows(region)
        others = [
            one
            for one in nearer
            if name is None or frozenset((name, reader.shows(one))) not in asked
        ]
        is_backdrop = region.box.right - region.box.left >= BACKDROP_WIDTH
        limit = MAX_HIDDEN_BACKDROP if is_backdrop else MAX_HIDDEN
        if hidden_part(region, others) > limit:
            return f"hidden: {region.description}"
        if not is_backdrop and hidden_part(region, nearer) > MAX_HIDDEN_ASKED:
            return f"hidden: {region.description}"
    return ""


def leak(canvas: Canvas, request: Request, example_words: Collection[str]) -> str:
    """Checks that no content word of the prompt's examples appears unless requested."""
    requested = set(tokens(request.text)).union(
        *(tokens(word) for words in request.things.values() for word in words)
    )
    forbidden = [word for word in example_words if word not in requested]
    text = ". ".join(all_sentences(canvas))
    leaked = [word for word in forbidden if mentions(text, [word])]
    return f"leaked: {', '.join(leaked)}" if leaked else ""


RULES: Mapping[str, Callable[[Reader, Request], str | None]] = {
    "things": judge_things,
    "counts": judge_counts,
    "sides": judge_sides,
    "depth": judge_depth,
    "colors": judge_colors,
    "texts": judge_texts,
    "nothing else": judge_only,
    "hidden": judge_hidden,
}
"""The rules by name. A rule returns a problem, "" if it holds, or None if it does not apply."""


def is_at(regions: Sequence[Region], side: str) -> bool:
    """Returns whether the mean centre of some regions is on a side, such as "top left"."""
    x, y = center(regions)
    middle = UNITS / 2
    holds = {
        "left": x <= middle - MIN_STEP,
        "right": x >= middle + MIN_STEP,
        "top": y <= middle - MIN_STEP,
        "bottom": y >= middle + MIN_STEP,
        "center": abs(x - middle) <= 1.5 * MIN_STEP,
    }
    return all(holds[word] for word in side.split())


def _first(problems: Iterable[str]) -> str:
    return next(filter(None, problems), "")


def _count_problem(reader: Reader, name: str, count: int) -> str:
    regions = reader.regions(name)
    stated = [_stated_count(region, reader.things[name]) for region in regions]
    if None in stated:
        return f"{name}: no number in a region"
    total = sum(number or 0 for number in stated)
    return "" if total == count else f"{name}: {total} instead of {count}"


def _stated_count(region: Region, words: Sequence[str]) -> int | None:
    if mentions(region.description, words):
        number = stated_count(region.description, words)
        if number is not None:
            return number
    numbers = [stated_count(text, words) for text in sentences(region)]
    return max((number for number in numbers if number is not None and number > 1), default=None)


def _color_problem(reader: Reader, name: str, color: str) -> str:
    wanted = {"gold", "yellow"} if color == "gold" else {color}
    words, others = reader.things[name], reader.other_words(name)
    regions = reader.regions(name)
    own = [region for region in regions if reader.shows(region) == name]
    for region in own or reader.mentioning(name) or [None]:
        part = region or reader.canvas
        stated = set().union(*(stated_colors(text, words, others) for text in sentences(part)))
        in_description = stated_colors(part.description, words, others)
        if in_description and not in_description & wanted:
            return f"{name} is {', '.join(sorted(in_description))} instead of {color}"
        families = color_families(region.color) if region in own else set()
        if not (stated & wanted or families & wanted):
            return f"{name} is not {color}"
        if region in own and is_vivid(region.color) and not families & wanted:
            return f"the region of {name} is {', '.join(sorted(families))} instead of {color}"
    return ""


def _palette_problem(reader: Reader, color: str, side: str) -> str:
    words = [word for names in reader.things.values() for word in names]
    for region in reader.canvas.regions:
        stated = set().union(*(stated_colors(text, words) for text in sentences(region)))
        if is_at([region], side) and color in stated | color_families(region.color):
            return ""
    return f"nothing {side} is {color}"


def _side_problem(reader: Reader, name: str, side: str) -> str:
    regions = reader.regions(name)
    if not regions:
        return f"{name} has no region"
    return "" if is_at(regions, side) else f"{name} is not {side}"


def _position_problem(reader: Reader, relation: Relation) -> str:
    text = f"{relation.first} is not {relation.kind} {' and '.join(relation.others)}"
    first = reader.regions(relation.first)
    others = [reader.regions(name) for name in relation.others]
    if relation.kind in ("on", "in"):
        return "" if _is_on(reader, relation, first, others[0]) else text
    if not first or not all(others):
        return text
    if relation.kind == "between":
        ends = [[one] for one in others[0]] if len(others) == 1 else others
        return "" if _is_between(first, ends) else text
    x, y = center(first)
    other_x, other_y = center(others[0])
    holds = {
        "left of": x <= other_x - MIN_STEP,
        "right of": x >= other_x + MIN_STEP,
        "above": y <= other_y - MIN_STEP,
        "below": y >= other_y + MIN_STEP,
        "under": y >= other_y + MIN_STEP / 2,
    }
    return "" if holds[relation.kind] else text


POSITIONS = ("left of", "right of", "above", "below", "under", "between", "on", "in")
"""Relations that the boxes must show."""


def _is_between(first: Sequence[Region], ends: Sequence[Sequence[Region]]) -> bool:
    if len(ends) < 2:
        return False
    place = center(first)
    centers = [center(end) for end in ends]
    return any(
        min(one[axis] for one in centers) + MIN_STEP / 2
        <= place[axis]
        <= max(one[axis] for one in centers) - MIN_STEP / 2
        for axis in (0, 1)
    )


def _is_on(
    reader: Reader, relation: Relation, first: Sequence[Region], bases: Sequence[Region]
) -> bool:
    """Checks "on" and "in". A text that names both things, or a base in no region, suffices."""
    words = [reader.things[relation.first], reader.things[relation.others[0]]]
    is_said = any(
        all(mentions(region.description, one) for one in words) for region in reader.canvas.regions
    )
    if is_said and all(region in first for region in bases):
        return True
    if not bases:
        return reader.is_global(relation.others[0])
    if not first:
        return any(region in bases for region in reader.mentioning(relation.first))
    return all(any(_touches(one, base, relation.kind) for base in bases) for one in first)


def _touches(one: Region, base: Region, kind: str) -> bool:
    box, other = one.box, base.box
    if inside(box, other) >= 0.4:
        return True
    x, y = center([one])
    is_above = y <= center([base])[1] and box.bottom >= other.top - MIN_STEP / 2
    return is_above and other.left <= x <= other.right and kind in ("on", "in")


def _text_problem(reader: Reader, name: str, text: str) -> str:
    regions = reader.mentioning(name)
    written = (one.casefold() for region in regions for one in sentences(region))
    return "" if any(text in one for one in written) else f"{name} does not say {text}"


def _depth_problem(reader: Reader, relation: Relation) -> str:
    text = f"{relation.first} is not {relation.kind} {relation.others[0]}"
    near, far = relation.others[0], relation.first
    if relation.kind == "in front of":
        near, far = far, near
    near_regions, far_regions = reader.regions(near), reader.regions(far)
    if not near_regions:
        return text
    if not far_regions:  # the global description is behind all regions
        return "" if reader.is_global(far) else text
    order = reader.canvas.far_to_near()
    nearest_far = max(order.index(region) for region in far_regions)
    return "" if all(order.index(region) > nearest_far for region in near_regions) else text
