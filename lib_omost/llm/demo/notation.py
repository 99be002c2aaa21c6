"""The notation in which the demonstration composer writes canvases: few objects and colours."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from lib_omost.canvas.colors import color_names
from lib_omost.canvas.formats import to_code
from lib_omost.canvas.limits import MAX_REGIONS
from lib_omost.canvas.model import Box, Canvas, Color, Place, Region, nearest_place
from lib_omost.canvas.region_matching import SimplifiedCanvas
from lib_omost.llm.demo.edit import (
    SIZES,
    added_region,
    apply_change,
    first_object,
    object_colors,
    resize_place,
)
from lib_omost.llm.demo.free_space import move_to_free_space
from lib_omost.llm.demo.lexicon import request_parts
from lib_omost.llm.demo.request import UnderstoodRequest, understand
from lib_omost.llm.demo.requested_change import matching_regions
from lib_omost.llm.demo.vocabulary import BACKGROUND_WORDS, COLOR_WORDS, MAX_CANVAS_OBJECTS
from lib_omost.llm.model_notation import ModelNotation

BACKGROUNDS = {
    "plain": r"on an? (\w+) background",
    "gradient": r"on a background from (\w+) to (\w+)",
    "ground": r"under an? (\w+) sky, on (\w+) ground",
}
"""The sentence in which the composer describes each layout of a background."""


def write_answer(canvas: Canvas) -> str:
    """Writes a canvas as the composer was trained to: comments first, then canvas code.

    The comments summarise the canvas, one line for the background and one for each region. The
    composer copies and changes these lines before it writes the code.

    Args:
        canvas: A canvas that contains only objects and backgrounds of the composer.

    Returns:
        The answer, one fenced block of code.
    """
    layout, colors = _background(canvas)
    lines = [" ".join((layout, *colors)), *map(_line, canvas.regions)]
    head = "".join(f"# {line}\n" for line in lines)
    return f"```python\n{head}{to_code(canvas)}```"


def _line(region: Region) -> str:
    place = nearest_place(region.place)
    name, color = _object_and_color(region)
    words = name, color, place.location, place.offset, place.area, str(region.distance_to_viewer)
    return " ".join(words)


def _simplify_canvas(canvas: Canvas) -> Canvas:
    """Returns the canvas without regions, with the nearest background that the composer knows."""
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
    """Returns the layout of a canvas's background and the names of its colours."""
    for layout, pattern in BACKGROUNDS.items():
        matches = re.match(pattern, canvas.description)
        if matches and all(color in BACKGROUND_WORDS for color in matches.groups()):
            return layout, matches.groups()
    return "plain", (_nearest_color_name(canvas.color, BACKGROUND_WORDS),)


def _simplify_region(region: Region) -> Region | None:
    """Returns the region as an object of the composer, None if the composer has no such object."""
    name, color = _object_and_color(region)
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


def _object_and_color(region: Region) -> tuple[str, str]:
    """Returns the object that a region describes ("" if unknown) and the name of its colour.

    Things that the composer only approximates, such as a cat drawn as a fish, count as unknown.
    """
    thing = first_object(region.description)
    name = "" if thing is None or thing.is_approximated else thing.base
    colors = [color for color, _ in object_colors(region.description, name)]
    return name, (colors or [_nearest_color_name(region.color, COLOR_WORDS)])[0]


def _place(region: Region) -> Place:
    """Returns the nearest place in the composer's vocabulary.

    A free box becomes a size that can still change, if the box can.
    """
    place = nearest_place(region.place)
    area = place.area
    if isinstance(region.place, Box):
        can_grow = resize_place(region.place, "bigger") != region.place
        area = f"{SIZES[1] if can_grow else SIZES[-1]} square area"
    return Place(place.location, "no offset", area)


def _nearest_color_name(color: Color, names: Iterable[str]) -> str:
    """Returns the colour name whose RGB value is nearest to a colour."""
    colors = color_names()
    return min(names, key=lambda name: _color_distance(colors[name], color))


def _color_distance(one: Color, other: Color) -> int:
    return sum((a - b) ** 2 for a, b in zip(one, other, strict=True))


def enforce_change(before: Canvas, understood: UnderstoodRequest, written: Canvas) -> Canvas:
    """Applies the requested change to the canvas and takes only a new region from the answer.

    Args:
        before: The canvas before the change, with objects of the composer only.
        understood: The analysed request.
        written: The canvas that the composer wrote.

    Returns:
        The canvas after the change. Without a requested change it is `written`.
    """
    return _canvas_after(
        SimplifiedCanvas(before, before, tuple(range(len(before.regions)))), understood, written
    )


def _apply_answer(simplified: SimplifiedCanvas, request: str, written: Canvas) -> Canvas:
    """Applies the composer's answer to the canvas (ModelNotation.apply_answer)."""
    return _canvas_after(simplified, understand(request, simplified.copy), written)


def _canvas_after(
    simplified: SimplifiedCanvas, understood: UnderstoodRequest, written: Canvas
) -> Canvas:
    """Returns the canvas after the requested change, or the written canvas for a new picture."""
    canvas, change = simplified.canvas, understood.change
    if change is None:
        return written
    if change.kind == "background":
        return apply_change(canvas, 0, change)
    if change.kind != "add":
        matches = matching_regions(change, simplified.copy)
        return (
            apply_change(canvas, simplified.positions[matches[0]], change)
            if len(matches) == 1
            else canvas
        )
    new = added_region(simplified.copy, written, change)
    if new is None or len(canvas.regions) == MAX_REGIONS:
        return canvas
    after = replace(canvas, regions=(*canvas.regions, new))
    return after if understood.has_location else move_to_free_space(canvas, after)


def _order_regions(canvas: Canvas, request: str, known: Sequence[int]) -> Sequence[int]:
    """Orders the regions that the composer can write, regions named in the request first.

    The composer draws a cat as a fish, so "the cat" can refer to a fish. If a region really shows a
    cat, the fish regions are omitted, because the composer would change one of them instead.
    """
    requested = {(part.kind, part.base) for part in request_parts(request) if part.kind in "oc"}
    things = {
        number: first_object(region.description) for number, region in enumerate(canvas.regions)
    }
    approximated = {
        thing for thing in things.values() if thing is not None and thing.is_approximated
    }
    hidden = {part.base for part in request_parts(request) if part in approximated}
    shown = [
        number for number in known if (thing := things[number]) is None or thing.base not in hidden
    ]
    return sorted(shown, key=lambda number: -len(requested & _region_words(canvas.regions[number])))


def _region_words(region: Region) -> set[tuple[str, str]]:
    """Returns the object and the colour of a region, as the lexicon tags them."""
    name, color = _object_and_color(region)
    return {("o", name), ("c", color)}


DEMO_NOTATION = ModelNotation(
    write_answer,
    max_regions=MAX_CANVAS_OBJECTS,
    simplify_canvas=_simplify_canvas,
    simplify_region=_simplify_region,
    order_regions=_order_regions,
    apply_answer=_apply_answer,
)
"""The notation of the demonstration composer."""
