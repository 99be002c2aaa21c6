"""Edits: a small language for changes of a canvas, which the program applies.

A model that writes edits names only what changes, so nothing else can change.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from lib_omost.canvas.answer_text import split_answer
from lib_omost.canvas.colors import match_color
from lib_omost.canvas.diagnostics import DiagnosticCollector
from lib_omost.canvas.lenient_json import CutOffObject, find_values
from lib_omost.canvas.limits import MAX_REGIONS
from lib_omost.canvas.model import UNITS, Box, Canvas, Region
from lib_omost.canvas.plan_layout import DEPTHS, SIZES, WHERE, PlannedBox
from lib_omost.canvas.plans import thing_region, word_of

DIRECTIONS: Mapping[str, tuple[int, int]] = {
    "left": (-1, 0),
    "right": (1, 0),
    "up": (0, -1),
    "down": (0, 1),
}
AMOUNTS: Mapping[str, float] = {"some": 20, "a bit": 9, "far": 40}
"""The distance of a move in canvas units."""

FACTORS: Mapping[str, float] = {"bigger": 1.25, "smaller": 0.8, "much bigger": 1.6, "tiny": 0.5}
"""The factors of width and height when a region is resized."""

Part = TypeVar("Part", Canvas, Region)

_STOP_WORDS = frozenset({"a", "an", "the", "with", "and", "of", "in", "on", "at"})


@dataclass
class EditedCanvas:
    """A canvas while edits are applied to it; the edits number the original regions from 1.

    Attributes:
        canvas: The global fields of the canvas so far.
        regions: The original regions so far, None for a removed one.
        added: The new regions.
        diagnostics: Receives the edits that cannot be applied.
    """

    canvas: Canvas
    regions: list[Region | None]
    diagnostics: DiagnosticCollector
    added: list[Region] = field(default_factory=list)


def is_edits(data: object) -> bool:
    """Returns whether parsed JSON is an object with a list of edits."""
    return isinstance(data, dict) and isinstance(data.get("edits"), list)


def find_edits(text: str) -> list[Any] | None:
    """Returns the last list of edits in a model's answer, None if it contains none.

    Args:
        text: The answer. Thinking, prose and damaged JSON are accepted; an edit in which the text
            ends is left out.
    """
    try:
        values = [value.data for value in find_values(split_answer(text).answer)]
    except ValueError:  # too many parts, or nested too deeply
        return None
    edits = next((value["edits"] for value in reversed(values) if is_edits(value)), None)
    return None if edits is None else [one for one in edits if not isinstance(one, CutOffObject)]


def refuse_edits(_data: object, diagnostics: DiagnosticCollector) -> None:
    """Reports that edits are no canvas by themselves."""
    diagnostics.error("these are edits of a canvas, not a canvas: send the canvas along")


def apply_edits(
    canvas: Canvas,
    edits: Sequence[Any],
    diagnostics: DiagnosticCollector,
    positions: Sequence[int] | None = None,
) -> Canvas:
    """Applies edits to a canvas. An edit that cannot be applied is reported and left out.

    Args:
        canvas: The canvas.
        edits: Objects with "op" and the fields of the operation (OPERATIONS).
        diagnostics: Receives the diagnostics.
        positions: For each number in the edits, the index of its region in the canvas. None: all
            regions in order.
    """
    positions = range(len(canvas.regions)) if positions is None else positions
    edited = EditedCanvas(canvas, [canvas.regions[position] for position in positions], diagnostics)
    for edit in edits:
        operation = OPERATIONS.get(str(edit.get("op"))) if isinstance(edit, dict) else None
        if operation is None:
            diagnostics.warning(f"this edit is unknown and is left out: {str(edit)[:80]}")
        else:
            operation(edited, edit)
    after = dict(zip(positions, edited.regions, strict=True))
    regions = [after.get(number, region) for number, region in enumerate(canvas.regions)]
    kept = [region for region in regions if region is not None]
    return replace(edited.canvas, regions=tuple([*kept, *edited.added][:MAX_REGIONS]))


def _region(edited: EditedCanvas, edit: Mapping[str, Any], key: str = "region") -> int | None:
    """Returns the index of the region that a field names, None after a warning."""
    number = edit.get(key)
    index = number - 1 if isinstance(number, int) else -1
    if 0 <= index < len(edited.regions) and edited.regions[index] is not None:
        return index
    edited.diagnostics.warning(f"there is no region {number!r}; the edit is left out")
    return None


def _change(edited: EditedCanvas, edit: Mapping[str, Any]) -> None:
    """Changes the description and colour of a region; its other texts follow word by word."""
    index = _region(edited, edit)
    if index is not None:
        region = edited.regions[index]
        assert region is not None
        changed = _with_text(region, edit, edited.diagnostics)
        edited.regions[index] = changed
        _rename(edited, _changed_words(region.description, changed.description), region)


def _rename(edited: EditedCanvas, changes: Mapping[str, str], region: Region) -> None:
    """Renames a thing in the whole picture: where a knight became a wizard, no knight is left."""
    names = {word: changes[word] for word in _thing_words(region) if word in changes}
    canvas = edited.canvas
    edited.canvas = replace(
        canvas,
        description=_replace_words(canvas.description, names),
        detailed_descriptions=tuple(
            _replace_words(text, names) for text in canvas.detailed_descriptions
        ),
        tags=_replace_words(canvas.tags, names),
    )


def _picture(edited: EditedCanvas, edit: Mapping[str, Any]) -> None:
    """Changes the description and colour of the whole picture."""
    edited.canvas = _with_text(edited.canvas, edit, edited.diagnostics)


def _with_text(part: Part, edit: Mapping[str, Any], diagnostics: DiagnosticCollector) -> Part:
    text = " ".join(str(edit.get("description", "")).split()) or part.description
    changes = _changed_words(part.description, text)
    match = match_color(str(edit.get("color", "")))
    if match is None:
        diagnostics.warning(f"{edit.get('color')!r} is no colour; the colour stays")
    details = tuple(_replace_words(one, changes) for one in part.detailed_descriptions)
    tags = _with_new_words(_replace_words(part.tags, changes), part.description, text, changes)
    return replace(
        part,
        description=text,
        detailed_descriptions=details,
        tags=tags,
        color=part.color if match is None else match.color,
    )


def _move(edited: EditedCanvas, edit: Mapping[str, Any]) -> None:
    """Moves a region in a direction."""
    index = _region(edited, edit)
    if index is None:
        return
    step = AMOUNTS[word_of(edit, "amount", tuple(AMOUNTS))[0]]
    x, y = DIRECTIONS[word_of(edit, "direction", tuple(DIRECTIONS))[0]]
    region = edited.regions[index]
    assert region is not None
    edited.regions[index] = replace(region, place=_shifted(region.box, x * step, y * step))


def _place(edited: EditedCanvas, edit: Mapping[str, Any]) -> None:
    """Places a region at a side or in a corner, with its size."""
    index = _region(edited, edit)
    if index is None:
        return
    region = edited.regions[index]
    assert region is not None
    x, y = WHERE[word_of(edit, "where", tuple(WHERE))[0]]
    box = region.box
    width, height = box.right - box.left, box.bottom - box.top
    left, top = round((UNITS - width) * x), round((UNITS - height) * y)
    place = Box(top, min(top + height, UNITS), left, min(left + width, UNITS))
    edited.regions[index] = replace(region, place=place)


def _resize(edited: EditedCanvas, edit: Mapping[str, Any]) -> None:
    """Makes a region larger or smaller around its centre."""
    index = _region(edited, edit)
    if index is None:
        return
    region = edited.regions[index]
    assert region is not None
    factor = FACTORS[word_of(edit, "size", tuple(FACTORS))[0]]
    box = region.box
    width, height = ((box.right - box.left) * factor, (box.bottom - box.top) * factor)
    width, height = min(width, UNITS), min(height, UNITS)
    left = (box.left + box.right - width) / 2
    top = (box.top + box.bottom - height) / 2
    left, top = min(max(left, 0), UNITS - width), min(max(top, 0), UNITS - height)
    place = Box(round(top), round(top + height), round(left), round(left + width))
    edited.regions[index] = replace(region, place=place)


def _swap(edited: EditedCanvas, edit: Mapping[str, Any]) -> None:
    """Exchanges the places of two regions."""
    first, second = _region(edited, edit), _region(edited, edit, "other")
    if first is None or second is None:
        return
    one, two = edited.regions[first], edited.regions[second]
    assert one is not None
    assert two is not None
    edited.regions[first] = replace(one, place=two.place)
    edited.regions[second] = replace(two, place=one.place)


def _depth(edited: EditedCanvas, edit: Mapping[str, Any]) -> None:
    """Puts a region directly before or behind another one."""
    index, other = _region(edited, edit), _region(edited, edit, "other")
    if index is None or other is None or index == other:
        return
    region, reference = edited.regions[index], edited.regions[other]
    assert region is not None
    assert reference is not None
    is_before = word_of(edit, "order", ("in front of", "behind"))[0] == "in front of"
    distance = _beside(edited, reference, before=is_before)
    edited.regions[index] = replace(region, distance_to_viewer=distance)


def _beside(edited: EditedCanvas, reference: Region, *, before: bool) -> float:
    """Returns a distance next to a region's, between it and the next region in that direction."""
    own = reference.distance_to_viewer
    others = [one.distance_to_viewer for one in (*edited.regions, *edited.added) if one is not None]
    if before:
        return (own + max((one for one in others if one < own), default=0.0)) / 2
    return (own + min((one for one in others if one > own), default=own + 2)) / 2


def _remove(edited: EditedCanvas, edit: Mapping[str, Any]) -> None:
    """Removes a region, and its thing from the tags and sentences of the whole picture."""
    index = _region(edited, edit)
    if index is None:
        return
    region = edited.regions[index]
    assert region is not None
    edited.regions[index] = None
    others = [one for one in edited.regions if one is not None]
    thing = _thing_words(region) - set().union(*map(_thing_words, others))
    canvas = edited.canvas
    tags = [tag for tag in canvas.tags.split(",") if not thing & set(_words(tag))]
    details = [one for one in canvas.detailed_descriptions if not thing & set(_words(one))]
    edited.canvas = replace(
        canvas,
        tags=",".join(tags).strip(),
        detailed_descriptions=tuple(details),
        description=_without_thing(canvas.description, thing),
    )


def _add(edited: EditedCanvas, edit: Mapping[str, Any]) -> None:
    """Adds a region."""
    planned = PlannedBox(
        where=word_of(edit, "where", tuple(WHERE))[0],
        size=word_of(edit, "size", tuple(SIZES))[0],
        depth=word_of(edit, "depth", tuple(DEPTHS))[0],
    )
    style = next((one.style for one in edited.regions if one is not None and one.style), "")
    name = str(edit.get("thing", "")).strip()
    if not name:
        edited.diagnostics.warning("a new region has no text; the edit is left out")
        return
    distance = DEPTHS[planned.depth]
    region = thing_region(edit, planned.box, distance, "", edited.diagnostics)
    edited.added.append(replace(region, style=style))


OPERATIONS: Mapping[str, Callable[[EditedCanvas, Mapping[str, Any]], None]] = {
    "change": _change,
    "move": _move,
    "place": _place,
    "resize": _resize,
    "swap": _swap,
    "depth": _depth,
    "remove": _remove,
    "add": _add,
    "picture": _picture,
}
"""The operations by the value of "op"."""


def _shifted(box: Box, dx: float, dy: float) -> Box:
    """Returns a box of the same size, moved as far as the canvas allows."""
    dx = min(max(dx, -box.left), UNITS - box.right)
    dy = min(max(dy, -box.top), UNITS - box.bottom)
    return Box(box.top + dy, box.bottom + dy, box.left + dx, box.right + dx)


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())


def _thing_words(region: Region) -> set[str]:
    """Returns the words of a region's first tag, which names its thing."""
    return {word for word in _words(region.tags.split(",")[0]) if word not in _STOP_WORDS}


def _without_thing(text: str, thing: set[str]) -> str:
    """Removes a thing from an enumeration: "a cat and a dog at dawn" becomes "a cat at dawn"."""
    parts = re.split(r",? and |, ", text)
    kept: list[str] = []
    for part in parts:
        found = [match.end() for match in re.finditer(r"\w+", part) if match[0].casefold() in thing]
        if not found:
            kept.append(part)
        elif kept:
            kept[-1] += part[found[-1] :]
    if not kept:
        return text
    joined = ", ".join(kept[:-1]) + (" and " if kept[:-1] else "") + kept[-1]
    return joined[:1].upper() + joined[1:] if len(kept) < len(parts) else text


def _changed_words(before: str, after: str) -> dict[str, str]:
    """Returns the words of a text that another text replaces by one word each."""
    old, new = _words(before), _words(after)
    changes: dict[str, str] = {}
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    for kind, start, end, new_start, new_end in matcher.get_opcodes():
        if kind == "replace" and end - start == new_end - new_start:
            changes.update(zip(old[start:end], new[new_start:new_end], strict=True))
    return {one: other for one, other in changes.items() if one not in _STOP_WORDS}


def _replace_words(text: str, changes: Mapping[str, str]) -> str:
    def replacement(found: re.Match[str]) -> str:
        word = changes.get(found[0].casefold(), found[0])
        return word.capitalize() if found[0][:1].isupper() and word != found[0] else word

    return re.sub(r"\w+", replacement, text) if changes else text


def _with_new_words(tags: str, before: str, after: str, changes: Mapping[str, str]) -> str:
    """Drops tags whose words left the description and adds its new words as one tag."""
    removed = set(_words(before)) - set(_words(after)) - _STOP_WORDS
    kept = [tag for tag in re.split(r",\s*", tags) if set(_words(tag)) - removed]
    known = {*_words(before), *changes.values(), *_words(tags), *_STOP_WORDS}
    new = " ".join(word for word in _words(after) if word not in known)
    return ", ".join(filter(None, (*kept, new)))
