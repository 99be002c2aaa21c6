"""Computes boxes for the things of a plan from their position phrases.

Scenery such as the sky, the sea or a room is a backdrop. The other things stand in rows, which
"above" and "below" order, and within a row side by side, which "left of" and "right of" order. A
thing on, in, behind or in front of another one follows the box of that thing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from lib_omost.canvas.model import UNITS, Box
from lib_omost.canvas.plans.box_words import SIZES
from lib_omost.canvas.plans.planned_things import (
    ArrangedThing,
    PlannedThing,
    Scenery,
    find_scenery,
    place_scenery,
)
from lib_omost.canvas.plans.position_phrases import RelationKind
from lib_omost.canvas.plans.relations import ThingOrder, ranks

GROUND = 86
"""The bottom of things that stand on scenery at the bottom of the canvas."""

MIN_SIDE = 6
"""Smallest width and height of a box in canvas units."""

SCALES: Mapping[int, float] = {1: 1.5, 2: 1.25}
"""The factor of all sizes in a picture of one or two things, which would be empty otherwise."""

CARRIER_PART = 0.55
"""The largest part of its slot that a thing fills if others are on it or behind it."""


def arrange_things(things: Sequence[PlannedThing]) -> list[ArrangedThing]:
    """Returns the box and the distance of each thing of a plan."""
    scenery = find_scenery(things)
    order = ThingOrder(things, scenery)
    placed = place_scenery(scenery)
    distances = order.distances({index: one.distance for index, one in placed.items()})
    layout = _Layout(things, order)
    ground = GROUND if "bottom" in scenery.values() else None
    layout.place_rows([index for index in order.roots() if index not in scenery], ground)
    boxes = {index: one.box for index, one in placed.items()} | layout.boxes
    _raise_ground(things, scenery, boxes)
    return [ArrangedThing(_rounded(boxes[index]), distances[index]) for index in range(len(things))]


class _Layout:
    """The boxes of the things that are no scenery.

    Attributes:
        boxes: The boxes so far.
    """

    def __init__(self, things: Sequence[PlannedThing], order: ThingOrder) -> None:
        self.boxes: dict[int, Box] = {}
        self._things = things
        self._order = order
        self._scale = 1.0

    def place_rows(self, roots: Sequence[int], ground: float | None) -> None:
        """Places the things that follow no other thing, and the things that follow them.

        Args:
            roots: The indices of the things.
            ground: The bottom of the lowest row if it stands on scenery; None to centre it.
        """
        self._scale = SCALES.get(len(roots), 1)
        rows = self._rows(roots)
        heights = [max(self._size(index)[1] for index in row) for row in rows]
        top = 0.0
        for row, height in zip(rows, heights, strict=True):
            bottom = min(top + UNITS * height / sum(heights), UNITS)
            frame = Box(top, bottom, 0, UNITS)
            sides = set().union(*(self._order.sides[index] for index in row))
            stands = ground is not None and row is rows[-1] and "top" not in sides
            if stands:
                frame = Box(top, min(max(ground or 0, top + height / 2), UNITS), 0, UNITS)
            elif len(rows) == 1 and "top" in sides:
                frame = Box(0, UNITS / 2, 0, UNITS)
            elif len(rows) == 1 and sides & {"bottom", "front"}:
                frame = Box(UNITS / 2, UNITS, 0, UNITS)
            self._place_row(row, frame, stands=stands)
            top = bottom

    def _size(self, index: int) -> tuple[float, float]:
        width, height = SIZES[self._things[index].size]
        return width * self._scale, height * self._scale

    def _rows(self, roots: Sequence[int]) -> list[list[int]]:
        """Returns the rows of the things from top to bottom."""
        sides = self._order.sides
        tops = [index for index in roots if "top" in sides[index]]
        bottoms = [index for index in roots if sides[index] & {"bottom", "front"}]
        bottoms = [index for index in bottoms if index not in tops]
        others = [index for index in roots if index not in (*tops, *bottoms)]
        edges = [(one, two) for one, two in self._order.rows if one in roots and two in roots]
        edges += [(one, two) for one in tops for two in (*others, *bottoms)]
        edges += [(one, two) for one in others for two in bottoms]
        level = ranks(roots, [pair for pair in edges if pair[::-1] not in edges])
        ordered = {index for pair in edges for index in pair}
        base = max((level[index] for index in others), default=0)
        for index in roots:
            if index not in ordered:
                beside = [pair for pair in self._order.columns if index in pair]
                mates = [one for pair in beside for one in pair if one in level and one != index]
                level[index] = level[mates[0]] if mates else base
        return [
            [index for index in roots if level[index] == row] for row in sorted(set(level.values()))
        ]

    def _place_row(
        self,
        row: Sequence[int],
        frame: Box,
        *,
        stands: bool = False,
        least: tuple[float, float] = (0, 0),
    ) -> None:
        """Places things side by side within a frame, and the things that follow them.

        Args:
            row: The indices of the things.
            frame: The part of the canvas for the row.
            stands: Whether the things stand at the bottom of the frame, not in its middle.
            least: The least width and height of a box, if the frame has room.
        """
        for index, slot in self._slots(row, frame).items():
            slot_width, slot_height = slot.right - slot.left, slot.bottom - slot.top
            width, height = self._size(index)
            width, height = max(width, least[0]), max(height, least[1])
            width, height = min(width, slot_width), min(height, slot_height)
            carries = self._order.children(index, "on") or self._order.children(index, "behind")
            if carries:
                height = min(height, CARRIER_PART * slot_height)
            left = (slot.left + slot.right - width) / 2
            is_low = stands or carries
            top = slot.bottom - height if is_low else (slot.top + slot.bottom - height) / 2
            self.boxes[index] = Box(top, min(top + height, UNITS), left, min(left + width, UNITS))
            self._place_followers(index, slot)

    def _slots(self, row: Sequence[int], frame: Box) -> dict[int, Box]:
        """Divides the width of a frame among the things of a row, from left to right."""
        zones = self._zones(row)
        slots: dict[int, Box] = {}
        width = (frame.right - frame.left) / len(zones)
        for number, found in enumerate(zones):
            for place, index in enumerate(found):
                left = frame.left + width * (number + place / len(found))
                right = min(left + width / len(found), UNITS)
                slots[index] = Box(frame.top, frame.bottom, left, right)
        return slots

    def _zones(self, row: Sequence[int]) -> list[list[int]]:
        """Divides a row into parts of equal width, each with its things from left to right."""
        sides = {index: self._order.sides[index] for index in row}
        left = [index for index in row if "left" in sides[index]]
        right = [index for index in row if "right" in sides[index] and index not in left]
        middle = [index for index in row if index not in (*left, *right)]
        centered = [index for index in middle if "center" in sides[index]]
        order = ranks(row, self._order.columns)
        if any(order.values()):
            row = sorted((*left, *middle, *right), key=lambda index: order[index])
            if len(centered) != 1:
                return [row]
            place = row.index(centered[0])
            return [row[:place], centered, row[place + 1 :]]
        if centered or (left and middle and right):
            return [left, middle, right]
        if middle:
            return [part for part in (left, middle, right) if part]
        return [left, right]

    def _place_followers(self, index: int, slot: Box) -> None:
        """Places the things on, in, behind and in front of a thing.

        Args:
            index: The index of the thing, which has a box.
            slot: The part of the canvas that the thing and its followers share.
        """
        box = self.boxes[index]
        width, height = box.right - box.left, box.bottom - box.top
        inner = Box(
            box.top + 0.2 * height,
            box.bottom - 0.1 * height,
            box.left + 0.1 * width,
            box.right - 0.1 * width,
        )
        frames: dict[RelationKind, Box] = {
            "on": Box(slot.top, box.top + 0.24 * height, inner.left, inner.right),
            "in": inner,
            "in front of": Box(
                box.top + 0.5 * height, min(box.bottom + 6, UNITS), box.left, box.right
            ),
            "behind": Box(slot.top, box.top + 0.5 * height, slot.left, slot.right),
        }
        for kind, frame in frames.items():
            followers = self._order.children(index, kind)
            least = (1.3 * width, 0.8 * (frame.bottom - frame.top)) if kind == "behind" else (0, 0)
            if followers:
                self._place_row(followers, frame, stands=kind != "in", least=least)


def _raise_ground(
    things: Sequence[PlannedThing], scenery: Mapping[int, Scenery], boxes: dict[int, Box]
) -> None:
    """Raises the top of scenery such as a stage until all things on it touch it."""
    for index, thing in enumerate(things):
        for relation in thing.position.relations:
            ground = relation.others[0]
            if relation.kind in ("on", "in") and scenery.get(ground) == "bottom":
                box, own = boxes[ground], boxes[index]
                touching = own.bottom - 0.25 * (own.bottom - own.top)
                boxes[ground] = replace(box, top=min(box.top, touching))


def _rounded(box: Box) -> Box:
    """Rounds the sides of a box and enlarges it to MIN_SIDE."""
    top, bottom = _rounded_sides(box.top, box.bottom)
    left, right = _rounded_sides(box.left, box.right)
    return Box(top, bottom, left, right)


def _rounded_sides(start: float, end: float) -> tuple[int, int]:
    side = max(round(end - start), MIN_SIDE)
    first = min(max(round((start + end - side) / 2), 0), UNITS - side)
    return first, first + side
