"""JSON schemas of plans, which list the things of a new canvas, and of edits of a canvas."""

from __future__ import annotations

from typing import Any

from lib_omost.canvas.colors import color_names
from lib_omost.canvas.edit_boxes import AMOUNTS, DIRECTIONS, FACTORS
from lib_omost.canvas.plans.box_words import DEPTHS, SIZES, WHERE

MAX_THINGS = 8
"""Maximum number of things in a plan."""

MAX_EDITS = 4
"""Maximum number of edits in an answer."""


def plan_schema() -> dict[str, Any]:
    """Returns the JSON schema of a plan (canvas/plans/plan_format.py)."""
    return _object(**_plan())


def edits_schema(regions: int) -> dict[str, Any]:
    """Returns the JSON schema of edits (canvas/edits.py).

    Args:
        regions: The number of regions that can be edited.
    """
    number = {"type": "integer", "enum": list(range(1, regions + 1))}
    operations = {
        "change": {"region": number, "description": _text(140), "color": _color()},
        "move": {"region": number, "direction": _enum(DIRECTIONS), "amount": _enum(AMOUNTS)},
        "place": {"region": number, "where": _enum(WHERE)},
        "resize": {"region": number, "size": _enum(FACTORS)},
        "swap": {"region": number, "other": number},
        "depth": {"region": number, "order": _enum(("in front of", "behind")), "other": number},
        "remove": {"region": number},
        "add": _added_thing(),
        "picture": {"description": _text(140), "color": _color()},
        "new": _plan(),
    }
    edit = {"anyOf": [_object(op=_enum((op,)), **fields) for op, fields in operations.items()]}
    return _object(edits={"type": "array", "items": edit, "minItems": 1, "maxItems": MAX_EDITS})


def _plan() -> dict[str, Any]:
    return {
        "picture": _text(140),
        "style": _text(42),
        "background": _text(63),
        "color": _color(),
        "things": {
            "type": "array",
            "items": _object(**_planned_thing()),
            "minItems": 1,
            "maxItems": MAX_THINGS,
        },
    }


def _planned_thing() -> dict[str, Any]:
    return {
        "thing": _text(84),
        "where": _text(63),
        "size": _enum(SIZES),
        "color": _color(),
        "looks": _text(112),
    }


def _added_thing() -> dict[str, Any]:
    return {
        "thing": _text(84),
        "color": _color(),
        "where": _enum(WHERE),
        "size": _enum(SIZES),
        "depth": _enum(DEPTHS),
        "looks": _text(112),
    }


def _color() -> dict[str, Any]:
    return _enum(color_names())


def _enum(words: Any) -> dict[str, Any]:
    return {"type": "string", "enum": list(words)}


def _text(max_characters: int) -> dict[str, Any]:
    return {"type": "string", "maxLength": max_characters}


def _object(**properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }
