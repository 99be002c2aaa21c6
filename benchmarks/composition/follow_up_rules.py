"""Judges by rules whether a follow-up changed what it names and nothing else, field by field."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from benchmarks.composition.boxes import area, center
from benchmarks.composition.request_rules import MIN_STEP, Reader, is_at
from benchmarks.composition.requests import FollowUp
from benchmarks.composition.words import color_families, mentions, sentences, stated_colors
from lib_omost.canvas.model import Canvas, Region

REGION_FIELDS = (
    "description",
    "detailed_descriptions",
    "tags",
    "color",
    "place",
    "distance_to_viewer",
    "atmosphere",
    "style",
    "quality_meta",
)
GLOBAL_FIELDS = ("description", "detailed_descriptions", "tags", "color")

MIN_MOVE = MIN_STEP / 2
"""Least movement of a centre in a requested direction; "a bit" must be visible."""

MAX_DRIFT = MIN_STEP
"""Largest movement of a centre that was not requested."""


class Change:
    """The regions of the canvas before and after a follow-up, by name.

    Attributes:
        before: The given regions.
        after: The same regions after the follow-up; None for a removed region. Includes the added
            regions that the follow-up names.
        new: Regions that nothing explains.
        canvas: The canvas after the follow-up.
    """

    def __init__(self, canvas: Canvas, follow_up: FollowUp) -> None:
        self.canvas = canvas
        self.before = dict(zip(follow_up.names, follow_up.canvas.regions, strict=True))
        self.after: dict[str, Region | None] = {}
        self.new = list(canvas.regions)
        for name, region in self.before.items():
            self._assign(name, (one for one in self.new if not differences(region, one)))
        for name in follow_up.things:
            words = follow_up.things[name]
            self._assign(name, (one for one in self.new if mentions(one.description, words)))
        for name in follow_up.expected.get("shows", {}):  # the region shows another thing now
            self._assign(name, iter(self.new))

    def _assign(self, name: str, candidates: Iterable[Region]) -> None:
        if self.after.get(name) is None:
            region = next(iter(candidates), None)
            self.after[name] = region
            if region is not None:
                self.new.remove(region)


def differences(before: Region, after: Region) -> list[str]:
    """Returns the names of the fields in which two regions differ. Boxes are compared as boxes."""
    names = (name for name in REGION_FIELDS if name != "place")
    changed = [name for name in names if getattr(before, name) != getattr(after, name)]
    return [*changed, *(["place"] if before.box != after.box else [])]


def judge_follow_up(canvas: Canvas | None, follow_up: FollowUp) -> dict[str, str]:
    """Judges the canvas after a follow-up.

    Returns:
        For each rule, a sentence about the first violation; "" for a rule that holds.
    """
    if canvas is None:
        return {"readable": "no canvas"}
    change = Change(canvas, follow_up)
    return {
        "readable": "",
        "done": _first(
            EXPECTATIONS[kind](change, follow_up, wanted)
            for kind, wanted in follow_up.expected.items()
        ),
        "nothing else": judge_nothing_else(change, follow_up),
    }


def judge_nothing_else(change: Change, follow_up: FollowUp) -> str:
    """Checks that only the named fields of the named regions changed."""
    removed = follow_up.expected.get("removed", ())
    for name, before in change.before.items():
        after = change.after[name]
        if after is None:
            if name not in removed:
                return f"{name} is gone"
            continue
        allowed = follow_up.fields.get(name, ())
        changed = [field for field in differences(before, after) if field not in allowed]
        if changed:
            return f"{name} changed: {', '.join(changed)}"
    if change.new:
        return f"new: {change.new[0].description}"
    return _global_problem(change, follow_up)


def _global_problem(change: Change, follow_up: FollowUp) -> str:
    """Checks that the whole picture changed in the allowed fields only.

    A text that mentions a thing whose region changed may change too, but must not lose the others.
    """
    before, after = follow_up.canvas, change.canvas
    touched = {*follow_up.fields, *follow_up.expected.get("removed", ())}
    for field in GLOBAL_FIELDS:
        old, new = getattr(before, field), getattr(after, field)
        if old == new or field in follow_up.global_fields:
            continue
        words = [word for name in touched for word in follow_up.things[name]]
        if field == "color" or not mentions(str(old), words):
            return f"the whole picture changed: {field}"
    for name in set(change.before) - touched:
        words = follow_up.things[name]
        for field in ("description", "detailed_descriptions", "tags"):
            if mentions(str(getattr(before, field)), words) and not mentions(
                str(getattr(after, field)), words
            ):
                return f"the whole picture lost {name}"
    return ""


def _first(problems: Iterable[str]) -> str:
    return next(filter(None, problems), "")


def _color(change: Change, follow_up: FollowUp, wanted: Mapping[str, str]) -> str:
    for name, color in wanted.items():
        region = change.after[name]
        if region is None:
            return f"{name} is gone"
        words = follow_up.things[name]
        stated = [stated_colors(text, words) for text in sentences(region)]
        wrong = [families for families in stated if families and color not in families]
        if wrong or color not in color_families(region.color):
            return f"{name} is not {color} everywhere"
        if name in change.before and not any(color in families for families in stated):
            return f"no text says that {name} is {color}"
    return ""


def _moved(change: Change, _follow_up: FollowUp, wanted: Mapping[str, str]) -> str:
    for name, directions in wanted.items():
        before, after = change.before[name], change.after[name]
        if after is None:
            return f"{name} is gone"
        (old_x, old_y), (x, y) = center([before]), center([after])
        steps = {"left": old_x - x, "right": x - old_x, "up": old_y - y, "down": y - old_y}
        for direction in directions.split():
            if steps[direction] < MIN_MOVE:
                return f"{name} did not move {direction}"
        if not {"up", "down"} & set(directions.split()) and abs(y - old_y) > MAX_DRIFT:
            return f"{name} moved up or down"
        if not 0.6 <= area(after.box) / area(before.box) <= 1.6:
            return f"{name} changed its size"
    return ""


def _at(change: Change, _follow_up: FollowUp, wanted: Mapping[str, str]) -> str:
    for name, side in wanted.items():
        region = change.after[name]
        if region is None or not is_at([region], side):
            return f"{name} is not {side}"
    return ""


def _swapped(change: Change, _follow_up: FollowUp, wanted: list[str]) -> str:
    for name, other in (wanted, wanted[::-1]):
        region = change.after[name]
        if region is None:
            return f"{name} is gone"
        target = center([change.before[other]])
        if max(abs(a - b) for a, b in zip(center([region]), target, strict=True)) > MAX_DRIFT:
            return f"{name} is not where {other} was"
    return ""


def _removed(change: Change, follow_up: FollowUp, wanted: list[str]) -> str:
    for name in wanted:
        words = follow_up.things[name]
        if change.after[name] is not None:
            return f"{name} is still there"
        if any(mentions(text, words) for text in sentences(change.canvas)):
            return f"the whole picture still mentions {name}"
    return ""


def _added(change: Change, _follow_up: FollowUp, wanted: list[str]) -> str:
    return _first(f"no {name}" if change.after.get(name) is None else "" for name in wanted)


def _behind(change: Change, follow_up: FollowUp, wanted: list[str]) -> str:
    order = Reader(change.canvas, follow_up.things).canvas.far_to_near()
    far, near = (change.after[name] for name in wanted)
    if far is None or near is None:
        return f"{wanted[0]} or {wanted[1]} is missing"
    return "" if order.index(far) < order.index(near) else f"{wanted[0]} is not behind {wanted[1]}"


def _global(change: Change, _follow_up: FollowUp, wanted: list[str]) -> str:
    texts = (change.canvas.description, change.canvas.tags, *change.canvas.detailed_descriptions)
    return "" if any(mentions(text, wanted) for text in texts) else f"no mention of {wanted[0]}"


def _larger(change: Change, _follow_up: FollowUp, wanted: list[str]) -> str:
    return _first(_size_problem(change, name, 1.15, 10.0) for name in wanted)


def _smaller(change: Change, _follow_up: FollowUp, wanted: list[str]) -> str:
    return _first(_size_problem(change, name, 0.0, 0.87) for name in wanted)


def _size_problem(change: Change, name: str, low: float, high: float) -> str:
    before, after = change.before[name], change.after[name]
    if after is None:
        return f"{name} is gone"
    if not low <= area(after.box) / area(before.box) <= high:
        return f"{name} has the wrong size"
    moved = zip(center([before]), center([after]), strict=True)
    return f"{name} moved" if max(abs(a - b) for a, b in moved) > 1.5 * MAX_DRIFT else ""


def _text(change: Change, follow_up: FollowUp, wanted: Mapping[str, str]) -> str:
    for name, text in wanted.items():
        region = change.after[name]
        if region is None or text not in region.description.casefold():
            return f"{name} does not say {text}"
    return ""


def _shows(change: Change, follow_up: FollowUp, wanted: Mapping[str, list[str]]) -> str:
    for name, words in wanted.items():
        region = change.after[name]
        if region is None or not mentions(region.description, words):
            return f"no {words[0]} in place of {name}"
        texts = (*sentences(region), *sentences(change.canvas))
        if any(mentions(text, follow_up.things[name]) for text in texts):
            return f"{name} is still mentioned"
    return ""


EXPECTATIONS: Mapping[str, Callable[[Change, FollowUp, Any], str]] = {
    "color": _color,
    "moved": _moved,
    "at": _at,
    "swapped": _swapped,
    "removed": _removed,
    "added": _added,
    "behind": _behind,
    "global": _global,
    "larger": _larger,
    "smaller": _smaller,
    "text": _text,
    "shows": _shows,
}
"""The checks of a follow-up's effect by the key in follow_ups.json."""
