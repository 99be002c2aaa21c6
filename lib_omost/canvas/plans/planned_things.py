"""The things of a plan before they have boxes, and the scenery among them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from lib_omost.canvas.model import UNITS, Box
from lib_omost.canvas.plans.position_phrases import Position, head_noun, singular


@dataclass(frozen=True)
class PlannedThing:
    """A thing of a plan.

    Attributes:
        name: Its name, for example "a brown dog".
        size: A key of SIZES.
        position: The parsed phrase for its position.
        distance: Its distance to the viewer if the plan states a depth, else None.
    """

    name: str
    size: str
    position: Position
    distance: float | None = None


@dataclass(frozen=True)
class ArrangedThing:
    """The box of a thing and its distance to the viewer."""

    box: Box
    distance: float


Scenery = Literal["whole", "top", "horizon", "bottom"]

_NOUNS: Mapping[Scenery, str] = {
    "top": "sky cloud sunset sunrise",
    "horizon": "mountain hill range skyline horizon coast",
    "bottom": "sea ocean lake river pond water beach shore meadow field lawn grass ground floor "
    "track stage road street snow desert valley garden square plaza",
    "whole": "room kitchen bathroom bedroom workshop library forest jungle wood market city town "
    "garage hall cellar attic office classroom restaurant cafe curtain night space rain fog "
    "subway station museum studio theater theatre cave park",
}
_SCENERY_OF = {noun: part for part, nouns in _NOUNS.items() for noun in nouns.split()}

SCENERY_PLACES: Mapping[Scenery, ArrangedThing] = {
    "whole": ArrangedThing(Box(0, UNITS, 0, UNITS), 10.0),
    "top": ArrangedThing(Box(0, 38, 0, UNITS), 9.5),
    "horizon": ArrangedThing(Box(20, 55, 0, UNITS), 9.0),
    "bottom": ArrangedThing(Box(52, UNITS, 0, UNITS), 8.5),
}
"""The box and the distance of each kind of scenery."""


def find_scenery(things: Sequence[PlannedThing]) -> dict[int, Scenery]:
    """Returns the things of a plan that are scenery, such as the sky. At least one thing is not."""
    ordered = {
        index
        for number, thing in enumerate(things)
        for relation in thing.position.relations
        if relation.kind in ("left of", "right of", "between")
        for index in (number, *relation.others)
    }
    containers = {  # "in the kitchen, on the right"
        relation.others[0]
        for thing in things
        for relation in thing.position.relations
        if relation.kind == "in" and thing.position.sides & {"left", "right"}
    }
    scenery: dict[int, Scenery] = {}
    for index, thing in enumerate(things):
        kind = _SCENERY_OF.get(singular(head_noun(thing.name)))
        relations = {relation.kind for relation in thing.position.relations}
        has_side = bool(thing.position.sides & {"left", "right", "center"})
        if index in ordered or "in front of" in relations or (has_side and kind != "whole"):
            continue
        if kind is None and (thing.size == "whole picture" or index in containers):
            kind = "whole"
        if kind is None and "back" in thing.position.sides and not relations:
            kind = "horizon"
        if kind is not None:
            scenery[index] = kind
    return scenery if len(scenery) < len(things) else {}


def place_scenery(scenery: Mapping[int, Scenery]) -> dict[int, ArrangedThing]:
    """Returns the places of scenery. Several things of one kind share its box in strips."""
    placed: dict[int, ArrangedThing] = {}
    for kind, place in SCENERY_PLACES.items():
        indices = [index for index, one in scenery.items() if one == kind]
        for number, index in enumerate(indices):
            height = (place.box.bottom - place.box.top) / len(indices)
            top = place.box.top + number * height
            box = Box(top, top + height, place.box.left, place.box.right)
            placed[index] = ArrangedThing(box, place.distance - 0.1 * number)
    return placed
