"""Applies edits to a canvas: a JSON list of changes (move, remove, ...) that a model writes.

A model that writes edits names only what changes, so nothing else can change.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from lib_omost.canvas.answer_text import split_answer
from lib_omost.canvas.colors import match_color
from lib_omost.canvas.diagnostics import DiagnosticCollector
from lib_omost.canvas.edit_boxes import AMOUNTS, DIRECTIONS, FACTORS, moved, placed, resized
from lib_omost.canvas.edit_texts import (
    changed_words,
    remove_thing,
    replace_words,
    split_words,
    thing_words,
    update_tags,
)
from lib_omost.canvas.lenient_json import CutOffObject, find_values
from lib_omost.canvas.limits import MAX_REGIONS
from lib_omost.canvas.model import Box, Canvas, Region
from lib_omost.canvas.plans.box_words import DEPTHS, SIZES, WHERE, PlannedBox
from lib_omost.canvas.plans.plan_format import is_plan, read_plan, thing_region, word_of

Part = TypeVar("Part", Canvas, Region)


@dataclass
class EditedCanvas:
    """A canvas while edits are applied to it; the edits number the original regions from 1.

    Attributes:
        canvas: The global fields of the canvas so far.
        regions: The original regions so far, None for a removed one.
        added: The new regions.
        diagnostics: Receives the edits that cannot be applied.
        replacement: The new picture that takes the place of the canvas, None for no new picture.
    """

    canvas: Canvas
    regions: list[Region | None]
    diagnostics: DiagnosticCollector
    added: list[Region] = field(default_factory=list)
    replacement: Canvas | None = None


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
    if edited.replacement is not None:
        return edited.replacement
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
        _rename(edited, changed_words(region.description, changed.description), region)


def _rename(edited: EditedCanvas, changes: Mapping[str, str], region: Region) -> None:
    """Renames a thing in the whole picture: where a knight became a wizard, no knight is left."""
    names = {word: changes[word] for word in thing_words(region) if word in changes}
    canvas = edited.canvas
    edited.canvas = replace(
        canvas,
        description=replace_words(canvas.description, names),
        detailed_descriptions=tuple(
            replace_words(text, names) for text in canvas.detailed_descriptions
        ),
        tags=replace_words(canvas.tags, names),
    )


def _picture(edited: EditedCanvas, edit: Mapping[str, Any]) -> None:
    """Changes the description and colour of the whole picture."""
    edited.canvas = _with_text(edited.canvas, edit, edited.diagnostics)


def _with_text(part: Part, edit: Mapping[str, Any], diagnostics: DiagnosticCollector) -> Part:
    text = " ".join(str(edit.get("description", "")).split()) or part.description
    changes = changed_words(part.description, text)
    match = match_color(str(edit.get("color", "")))
    if match is None:
        diagnostics.warning(f"{edit.get('color')!r} is no colour; the colour stays")
    details = tuple(replace_words(one, changes) for one in part.detailed_descriptions)
    tags = update_tags(replace_words(part.tags, changes), part.description, text, changes)
    return replace(
        part,
        description=text,
        detailed_descriptions=details,
        tags=tags,
        color=part.color if match is None else match.color,
    )


def _move(edited: EditedCanvas, edit: Mapping[str, Any]) -> None:
    """Moves a region in a direction."""
    direction = word_of(edit, "direction", tuple(DIRECTIONS))[0]
    amount = word_of(edit, "amount", tuple(AMOUNTS))[0]
    _set_box(edited, edit, lambda box: moved(box, direction, amount))


def _place(edited: EditedCanvas, edit: Mapping[str, Any]) -> None:
    """Places a region at a side or in a corner, with its size."""
    where = word_of(edit, "where", tuple(WHERE))[0]
    _set_box(edited, edit, lambda box: placed(box, where))


def _resize(edited: EditedCanvas, edit: Mapping[str, Any]) -> None:
    """Makes a region larger or smaller around its centre."""
    size = word_of(edit, "size", tuple(FACTORS))[0]
    _set_box(edited, edit, lambda box: resized(box, size))


def _set_box(edited: EditedCanvas, edit: Mapping[str, Any], change: Callable[[Box], Box]) -> None:
    index = _region(edited, edit)
    region = None if index is None else edited.regions[index]
    if index is not None and region is not None:
        edited.regions[index] = replace(region, place=change(region.box))


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
    thing = thing_words(region) - set().union(*map(thing_words, others))
    canvas = edited.canvas
    tags = [tag for tag in canvas.tags.split(",") if not thing & set(split_words(tag))]
    details = [one for one in canvas.detailed_descriptions if not thing & set(split_words(one))]
    edited.canvas = replace(
        canvas,
        tags=",".join(tags).strip(),
        detailed_descriptions=tuple(details),
        description=remove_thing(canvas.description, thing),
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


def _new(edited: EditedCanvas, edit: Mapping[str, Any]) -> None:
    """Replaces the canvas by another picture, whose plan is in the edit."""
    if is_plan(edit):
        edited.replacement = read_plan(edit, edited.diagnostics)
    else:
        edited.diagnostics.warning("a new picture has no things; the edit is left out")


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
    "new": _new,
}
"""The operations by the value of "op"."""
