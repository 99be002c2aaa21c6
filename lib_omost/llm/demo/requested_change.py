"""Finds the change that a request asks for, and the regions of a canvas that it may refer to."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Sequence

from lib_omost.canvas.model import Canvas, Place, Region
from lib_omost.llm.demo.edit import SIZES, RequestedChange
from lib_omost.llm.demo.lexicon import RequestPart, request_parts
from lib_omost.llm.demo.vocabulary import MAX_CANVAS_OBJECTS

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

REGION_CHANGES = {"recolor", "remove", "keep", "move", "resize"}
"""The changes that refer to one region of the present canvas."""

_GROWTH_WORDS = {"bigger", "larger", "enlarge"}

_CHANGE_WORDS = set("DTWKVEHBSY")
"""The kinds of words that occur in changes only."""


def find_change(parts: Sequence[RequestPart]) -> tuple[str, Sequence[RequestPart]]:
    """Returns the kind and the words of the change that begins a request, ("", ()) for none.

    Args:
        parts: The words and phrases of the request.
    """
    kinds = "".join(part.kind for part in parts).rstrip("j")
    for kind, pattern in _CHANGE_PATTERNS.items():
        match = re.match(f"(?:{pattern})(?=j|$)", kinds)
        if match and not (kind == "background" and match.end() < len(kinds)):
            return kind, parts[: match.end()]
    return "", ()


def asks_for_change(kinds: str, *, has_canvas: bool) -> bool:
    """Tells whether a request asks for something other than a new picture.

    An unknown word directly before an article is a change: "swap the circle and the star".

    Args:
        kinds: The kinds of the words of the request.
        has_canvas: Whether a canvas exists.
    """
    changing = _CHANGE_WORDS | set("AUZ") if has_canvas else _CHANGE_WORDS
    return bool(set(kinds) & changing) or re.match("[Mj]*ua", kinds) is not None


def build_change(kind: str, change_parts: Sequence[RequestPart], canvas: Canvas) -> RequestedChange:
    """Returns the change that the words of a request ask for.

    Args:
        kind: Kind of the change, as `find_change` returns it.
        change_parts: Its words.
        canvas: The canvas to change.
    """
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
    exists = any(color_and_object(region)[1] == thing.base for region in canvas.regions)
    return "the" in articles or (not articles and exists)


def _object_color(change_parts: Sequence[RequestPart]) -> str:
    """Returns the colour directly before the object, "" for none."""
    pairs = itertools.pairwise(change_parts)
    return next((one.base for one, other in pairs if one.kind == "c" and other.kind in "op"), "")


def objects_after(change: RequestedChange, canvas: Canvas) -> tuple[str, ...]:
    """Returns the objects of a canvas after a change.

    Args:
        change: The change.
        canvas: The canvas before it.
    """
    before = [color_and_object(region)[1] for region in canvas.regions]
    name = [change.target.base] if change.target is not None else []
    if change.kind == "add":
        return (*before, *name)
    if change.kind == "remove":
        return tuple((Counter(before) - Counter(name)).elements())
    return tuple(name if change.kind == "keep" else before)


def matching_regions(change: RequestedChange, canvas: Canvas) -> list[int]:
    """Returns the indices of the regions that a change may refer to.

    Args:
        change: A change with a target.
        canvas: The canvas to change.
    """
    assert change.target is not None
    return [
        number
        for number, (color, name) in enumerate(map(color_and_object, canvas.regions))
        if name == change.target.base and change.color in ("", color)
    ]


def change_problem(change: RequestedChange, canvas: Canvas) -> str:
    """Returns the reason why a change cannot be applied to exactly one region, "" if it can.

    Args:
        change: A change with a target.
        canvas: The canvas to change.
    """
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


def color_and_object(region: Region) -> tuple[str, str]:
    """Returns the colour and the object that a region's description names, "" for none.

    Args:
        region: A region of a canvas of any origin.
    """
    parts = list(request_parts(region.description))
    colors = [part.base for part in parts if part.kind == "c"]
    objects = [part.base for part in parts if part.kind in "op"]
    return (colors or [""])[0], (objects or [""])[0]
