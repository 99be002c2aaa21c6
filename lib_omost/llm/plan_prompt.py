"""The system prompts for models that write plans of new canvases and edits of given ones.

The examples show unusual things, so that a copied example is recognisable: the composition
benchmark counts the words of `example_words`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from lib_omost.canvas.colors import color_name
from lib_omost.canvas.edit_boxes import AMOUNTS, DIRECTIONS, FACTORS
from lib_omost.canvas.model import Canvas
from lib_omost.canvas.plans.box_words import DEPTHS, SIZES, WHERE, name_box
from lib_omost.canvas.plans.plan_format import PLAN_FIELDS, THING_FIELDS
from lib_omost.llm.engine import Message

Thing = tuple[str, str, str, str, str]

_RULES = """\
You plan pictures. Answer each request with one JSON object and nothing else.
"picture": one sentence that names everything. "style": such as photo, oil painting, comic. \
"background": what is behind everything. "color": the main colour of the background.
"things": one entry for each person, animal, object and part of the scenery that the request \
names, and nothing that it does not name. Write in English.
- "thing": its name with its colour. Write its number if there are several ("three ..."), and \
words that stand on it in quotes ('...'). Things of different colours or places are separate \
entries.
- "where": its place in the request's words, with the name of the other thing: "left of the ...", \
"right of the ...", "above the ...", "below the ...", "behind the ...", "in front of the ...", \
"on the ...", "in the ...", "between the ... and the ...", or {where}. Write \
"anywhere" if the request names no place.
- "size": {size}. Sky, sea, meadow or floor is wide; a room or forest is whole picture.
- "color": its colour as an HTML name.
- "looks": one sentence of about ten words on its shape, material, light or pose.
"""

EXAMPLES: Mapping[str, tuple[tuple[str, str, str, str], Sequence[Thing]]] = {
    "two orange kayaks left of an iceberg, a puffin above the iceberg": (
        (
            "Two orange kayaks to the left of an iceberg, with a puffin above the iceberg.",
            "photo",
            "polar haze",
            "lightsteelblue",
        ),
        (
            (
                "two orange kayaks",
                "left of the iceberg",
                "medium",
                "orange",
                "Both kayaks are long and narrow, with wet decks.",
            ),
            (
                "an iceberg",
                "anywhere",
                "large",
                "aliceblue",
                "The steep iceberg has deep cracks and mist around it.",
            ),
            (
                "a puffin",
                "above the iceberg",
                "small",
                "black",
                "The plump puffin spreads its wings in cold light.",
            ),
        ),
    ),
    "ein lila Grammophon auf einem Schlitten, dahinter ein Kaktus, sonst nichts": (
        (
            "A purple gramophone on a sled and a cactus behind the sled.",
            "oil painting",
            "empty",
            "beige",
        ),
        (
            (
                "a purple gramophone",
                "on the sled",
                "small",
                "purple",
                "The gramophone has a wide horn that shines softly.",
            ),
            (
                "a sled",
                "anywhere",
                "large",
                "saddlebrown",
                "The low sled is carved from old, scratched wood.",
            ),
            (
                "a cactus",
                "behind the sled",
                "tall",
                "green",
                "The tall cactus has long spines and dry, dusty skin.",
            ),
        ),
    ),
    "a circus tent on the right, a walrus between two barrels with a balalaika that says Tundra": (
        (
            "A circus tent on the right, and a walrus between two barrels with a balalaika that "
            "says 'Tundra'.",
            "comic",
            "gray pebbles",
            "gray",
        ),
        (
            (
                "a circus tent",
                "right",
                "large",
                "crimson",
                "The round tent has stripes and a small flag.",
            ),
            (
                "a walrus",
                "between the barrels",
                "large",
                "sienna",
                "The walrus has long tusks and wrinkled, wet skin.",
            ),
            (
                "two barrels",
                "anywhere",
                "small",
                "peru",
                "The round barrels are dark, with rusty hoops.",
            ),
            (
                "a balalaika that says 'Tundra'",
                "in front of the walrus",
                "small",
                "tan",
                "The triangular balalaika has three strings and worn varnish.",
            ),
        ),
    ),
}
"""Requests and their plans: the fields of the picture, then its things."""

_EDIT_RULES = """\
You change a picture. The canvas lists the picture and its numbered regions. Answer each request \
with a JSON object of edits and nothing else. Write only what the request asks for.
- change: another colour, look or thing. Write the whole new description of the region, and its \
colour as an HTML name.
- move: {directions}; amount: {amounts}. "left and a bit up" is two edits.
- place: {where}.
- resize: {sizes}.
- swap: two regions exchange their places.
- depth: puts a region in front of or behind another one.
- remove, add: a region. size: {box_sizes}; depth: {depths}.
- picture: another time, weather, season or style of the whole picture. Write its whole new \
description.
- new: only if the request describes another picture, which shares nothing with the canvas.

Canvas:
{listing}
"""

EXAMPLE_CANVAS = """\
picture: A polar bay at dawn. color: lightsteelblue
1: Two orange kayaks. color: orange, bottom left, front
2: A white iceberg. color: white, right, back
3: A puffin. color: black, top left, middle"""

EDIT_EXAMPLES: Mapping[str, Sequence[Mapping[str, Any]]] = {
    "make the iceberg pink": (
        {"op": "change", "region": 2, "description": "A pink iceberg.", "color": "pink"},
    ),
    "the puffin a bit to the right and down": (
        {"op": "move", "region": 3, "direction": "right", "amount": "a bit"},
        {"op": "move", "region": 3, "direction": "down", "amount": "some"},
    ),
    "the kayaks in the top right corner": ({"op": "place", "region": 1, "where": "top right"},),
    "swap the kayaks and the iceberg": ({"op": "swap", "region": 1, "other": 2},),
    "no puffin": ({"op": "remove", "region": 3},),
    "a smaller iceberg": ({"op": "resize", "region": 2, "size": "smaller"},),
    "put the puffin behind the iceberg": (
        {"op": "depth", "region": 3, "order": "behind", "other": 2},
    ),
    "add a green walrus at the bottom": (
        {
            "op": "add",
            "thing": "a green walrus",
            "color": "green",
            "where": "bottom",
            "size": "medium",
            "depth": "front",
            "looks": "The walrus has long tusks.",
        },
    ),
    "at noon in fog": (
        {"op": "picture", "description": "A polar bay at noon in fog.", "color": "lightgray"},
    ),
    "a gramophone under a cactus": (
        {
            "op": "new",
            "picture": "A gramophone under a cactus.",
            "style": "photo",
            "background": "empty",
            "color": "beige",
            "things": [
                {
                    "thing": "a gramophone",
                    "where": "below the cactus",
                    "size": "medium",
                    "color": "purple",
                    "looks": "The gramophone shines.",
                },
                {
                    "thing": "a cactus",
                    "where": "anywhere",
                    "size": "medium",
                    "color": "green",
                    "looks": "The cactus has long spines.",
                },
            ],
        },
    ),
}
"""Requests for changes of EXAMPLE_CANVAS and their edits."""


def plan_prompt(examples: int = len(EXAMPLES)) -> str:
    """Returns the system prompt for plans.

    Args:
        examples: The number of worked examples.
    """
    rules = _RULES.format(where=", ".join(WHERE), size=", ".join(SIZES))
    shown = list(EXAMPLES.items())[:examples]
    return rules + "".join(
        f"\nRequest: {request}\n{json.dumps(example_plan(*example))}\n"
        for request, example in shown
    )


def example_plan(picture: Sequence[str], things: Sequence[Thing]) -> dict[str, Any]:
    """Returns the plan of an example."""
    listed = [dict(zip(THING_FIELDS, thing, strict=True)) for thing in things]
    return {**dict(zip(PLAN_FIELDS, picture, strict=True)), "things": listed}


def edit_prompt() -> str:
    """Returns the system prompt for edits."""
    rules = _EDIT_RULES.format(
        directions=", ".join(DIRECTIONS),
        amounts=", ".join(AMOUNTS),
        where=", ".join(WHERE),
        sizes=", ".join(FACTORS),
        box_sizes=", ".join(SIZES),
        depths=", ".join(DEPTHS),
        listing=EXAMPLE_CANVAS,
    )
    return rules + "".join(
        f"Request: {request}\n{json.dumps({'edits': list(edits)})}\n"
        for request, edits in EDIT_EXAMPLES.items()
    )


def edit_messages(canvas: Canvas, request: str) -> tuple[Message, ...]:
    """Returns the messages that ask for edits of a canvas."""
    return (
        {"role": "system", "content": edit_prompt()},
        {"role": "user", "content": "List the canvas."},
        {"role": "assistant", "content": f"Canvas:\n{list_canvas(canvas)}"},
        {"role": "user", "content": f"Request: {request}"},
    )


def list_canvas(canvas: Canvas) -> str:
    """Returns a canvas as the edit prompt lists it: the picture, then the numbered regions."""
    lines = [f"picture: {canvas.description} color: {color_name(canvas.color) or 'gray'}"]
    for number, region in enumerate(canvas.regions, start=1):
        where, _size = name_box(region.box)
        depth = min(DEPTHS, key=lambda word: abs(DEPTHS[word] - region.distance_to_viewer))
        color = color_name(region.color) or "gray"
        lines.append(f"{number}: {region.description} color: {color}, {where}, {depth}")
    return "\n".join(lines)
