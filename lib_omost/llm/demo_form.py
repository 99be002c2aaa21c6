"""The form in which the demonstration composer writes: its little world's words alone."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from lib_omost.canvas.colors import color_names
from lib_omost.canvas.files import to_code
from lib_omost.canvas.limits import MAX_REGIONS
from lib_omost.canvas.merging import Simplified
from lib_omost.canvas.model import Box, Canvas, Color, Place, Region
from lib_omost.llm.demo_edit import SIZES, added, colors_of, edited, resized, thing_of
from lib_omost.llm.demo_lexicon import pieces
from lib_omost.llm.demo_request import Understood, named, understand
from lib_omost.llm.demo_room import with_room
from lib_omost.llm.demo_words import BACKGROUND_WORDS, COLOR_WORDS, MOST_KEPT
from lib_omost.llm.forms import Form, nearest_place

BACKGROUNDS = {
    "plain": r"on an? (\w+) background",
    "gradient": r"on a background from (\w+) to (\w+)",
    "ground": r"under an? (\w+) sky, on (\w+) ground",
}
"""How the composer describes each layout of a background."""


def write(canvas: Canvas) -> str:
    """Write a canvas of the little world as the composer does, with its comments at the head.

    The comments say all of the canvas in short, a line for each region: the composer looks there
    first for what to copy and what to change.
    """
    layout, colors = _background(canvas)
    lines = [" ".join((layout, *colors)), *map(_line, canvas.regions)]
    head = "".join(f"# {line}\n" for line in lines)
    return f"```python\n{head}{to_code(canvas)}```"


def _line(region: Region) -> str:
    place = nearest_place(region.place)
    name, color = _thing(region)
    words = name, color, place.location, place.offset, place.area, str(region.distance_to_viewer)
    return " ".join(words)


def _whole(canvas: Canvas) -> Canvas:
    """The canvas with a background of the little world, without its regions."""
    layout, colors = _background(canvas)
    article = "an" if colors[0][0] in "aeiou" else "a"
    description = {
        "plain": f"on {article} {colors[0]} background.",
        "gradient": f"on a background from {' to '.join(colors)}.",
        "ground": f"under {article} {colors[0]} sky, on {colors[-1]} ground.",
    }[layout]
    return Canvas(
        description=description,
        tags="simple shapes, plain colors",
        color=color_names()[colors[0]],
    )


def _background(canvas: Canvas) -> tuple[str, tuple[str, ...]]:
    """The layout of a canvas's background, and its colours."""
    for layout, pattern in BACKGROUNDS.items():
        found = re.match(pattern, canvas.description)
        if found and all(color in BACKGROUND_WORDS for color in found.groups()):
            return layout, found.groups()
    return "plain", (_most_like(canvas.color, BACKGROUND_WORDS),)


def _region(region: Region) -> Region | None:
    """The region as a thing of the little world; None where it is none."""
    name, color = _thing(region)
    if not name:
        return None
    article = "an" if color[0] in "aeiou" else "a"
    return Region(
        place=_place(region),
        distance_to_viewer=1.0,
        description=f"{article} {color} {name}.",
        detailed_descriptions=(f"the {name} is {color}.",),
        tags=f"{color}, {name}",
        atmosphere="a simple picture",
        style="flat drawing",
        quality_meta="clean edges",
        color=color_names()[color],
    )


def _thing(region: Region) -> tuple[str, str]:
    """The object of the little world that a region describes, "" for none, and its colour.

    What is only drawn as one of its objects, as a cat is, counts as none.
    """
    thing = thing_of(region.description)
    name = "" if thing is None or thing.is_stand_in else thing.base
    colors = [color for color, _ in colors_of(region.description, name)]
    return name, (colors or [_most_like(region.color, COLOR_WORDS)])[0]


def _place(region: Region) -> Place:
    """The location and size of a region; a free box counts as one that can grow and shrink."""
    place = nearest_place(region.place)
    area = place.area
    if isinstance(region.place, Box):
        can_grow = resized(region.place, "bigger") != region.place
        area = f"{SIZES[1] if can_grow else SIZES[-1]} square area"
    return Place(place.location, "no offset", area)


def _most_like(color: Color, names: Iterable[str]) -> str:
    """The name of the colour that is most like another."""
    named = color_names()
    return min(names, key=lambda name: _difference(named[name], color))


def _difference(one: Color, other: Color) -> int:
    return sum((a - b) ** 2 for a, b in zip(one, other, strict=True))


def put_right(before: Canvas, understood: Understood, written: Canvas) -> Canvas:
    """Return a canvas of the little world after a change that the composer has written.

    Only a new region is the composer's; the rest follows from the request.
    """
    return _after(
        Simplified(before, before, tuple(range(len(before.regions)))), understood, written
    )


def _apply(shown: Simplified, request: str, written: Canvas) -> Canvas:
    """Apply an answer to the canvas; a request that changes nothing of it has a new one."""
    return _after(shown, understand(request, shown.copy), written)


def _after(shown: Simplified, understood: Understood, written: Canvas) -> Canvas:
    canvas, change = shown.canvas, understood.change
    if change is None:
        return written
    if change.kind == "background":
        return edited(canvas, 0, change)
    if change.kind != "add":
        found = named(change, shown.copy)
        return edited(canvas, shown.numbers[found[0]], change) if len(found) == 1 else canvas
    new = added(shown.copy, written, change)
    if new is None or len(canvas.regions) == MAX_REGIONS:
        return canvas
    after = replace(canvas, regions=(*canvas.regions, new))
    return after if understood.placed else with_room(canvas, after)


def _shown(canvas: Canvas, request: str, known: Sequence[int]) -> Sequence[int]:
    """The regions that the composer can write, those first that the request may mean.

    A cat is drawn as a fish, so that "the cat" may mean a fish; where a region is said to be a cat,
    which the composer cannot write, no fish is shown that would be taken for it.
    """
    asked = {(part.kind, part.base) for part in pieces(request) if part.kind in "oc"}
    things = {number: thing_of(region.description) for number, region in enumerate(canvas.regions)}
    real = {thing for thing in things.values() if thing is not None and thing.is_stand_in}
    taken = {part.base for part in pieces(request) if part in real}
    shown = [
        number for number in known if (thing := things[number]) is None or thing.base not in taken
    ]
    return sorted(shown, key=lambda number: -len(asked & _said(canvas.regions[number])))


def _said(region: Region) -> set[tuple[str, str]]:
    name, color = _thing(region)
    return {("o", name), ("c", color)}


DEMO_FORM = Form(write, most=MOST_KEPT, whole=_whole, region=_region, order=_shown, apply=_apply)
"""The demonstration composer's."""
