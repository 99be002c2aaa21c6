"""Applies a requested change to exactly the region that the request names.

The demonstration composer is small: asked to enlarge the white circle, it may recolour the red one.
The request determines the region and the change, so the model does not decide them.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from lib_omost.canvas.colors import color_names
from lib_omost.canvas.model import UNITS, Box, Canvas, DescribedPart, Place, Region
from lib_omost.canvas.vocabulary import AREAS, LOCATIONS
from lib_omost.llm.demo.lexicon import RequestPart, located_parts

SIZES = "a small", "a medium-sized", "a large"
"""The first words of the area names, in ascending order of size."""

GROWTH = 7 / 6
"""The growth factor of a free box: the width of a large area over that of a medium-sized one."""

_FIRST_OBJECT = re.compile("[fj]*a?[nscgu]*([op])")
_ARTICLE_BEFORE = re.compile(r"\b(an?)(\s+)$", re.IGNORECASE)


@dataclass(frozen=True)
class RequestedChange:
    """A change that a request asks for.

    Attributes:
        kind: "recolor", "remove", "keep", "move", "resize", "add" or "background". "keep" removes
            all other regions.
        target: The object that the request names, None for a background.
        color: The present colour of the object, or the colour of an added object. "" if the request
            names none.
        value: The new colour or location; "bigger" or "smaller".
    """

    kind: str
    target: RequestPart | None = None
    color: str = ""
    value: str = ""


def first_object(text: str) -> RequestPart | None:
    """Returns the object that a description begins with, None if it begins with another word.

    Args:
        text: The description of a region.
    """
    parts = [part for part, _ in located_parts(text)]
    found = _FIRST_OBJECT.match("".join(part.kind for part in parts))
    return parts[found.start(1)] if found else None


def object_colors(text: str, name: str) -> Iterator[tuple[str, slice]]:
    """Yields the colours that a text assigns to an object.

    A colour belongs to the next object or background in its clause. If none follows, it belongs to
    the object that the whole text describes.

    Args:
        text: A text of a canvas.
        name: The object, a key of OBJECT_WORDS.

    Yields:
        The base name of each colour and its position in the text.
    """
    parts = list(located_parts(text))
    for number, (part, place) in enumerate(parts):
        if part.kind == "c":
            clause = [later for later, _ in parts[number + 1 :]]
            owner = next((later for later in clause if later.kind in "opbj"), None)
            if owner is None or owner.kind == "j" or owner.base == name:
                yield part.base, place


def apply_change(canvas: Canvas, number: int, change: RequestedChange) -> Canvas:
    """Applies a change to a canvas and leaves all other regions and fields as they are.

    Args:
        canvas: A canvas of any origin.
        number: The index of the region that the request names. A new background ignores it.
        change: A change of any kind except "add".

    Returns:
        The canvas with the change.
    """
    if change.kind == "background":
        return replace_background(canvas, change.value)
    before, region, after = canvas.regions[:number], canvas.regions[number], canvas.regions[number:]
    if change.kind == "keep":
        return replace(canvas, regions=(region,))
    if change.kind == "remove":
        return replace(canvas, regions=(*before, *after[1:]))
    return replace(canvas, regions=(*before, _changed(region, change), *after[1:]))


def _changed(region: Region, change: RequestedChange) -> Region:
    if change.kind == "recolor":
        assert change.target is not None
        return recolor_region(region, change.target.base, change.value)
    if change.kind == "move":
        return replace(region, place=move_place(region.place, change.value))
    return replace(region, place=resize_place(region.place, change.value))


def recolor_region(region: Region, name: str, color: str) -> Region:
    """Changes the colour of a region, also in the texts that name its former colour.

    Args:
        region: The region.
        name: The object that the region shows, a key of OBJECT_WORDS.
        color: The name of the new colour.

    Returns:
        The recoloured region.
    """
    former = next((color for color, _ in object_colors(region.description, name)), "")
    return replace(
        region,
        description=_insert_color(
            _replace_color(region.description, name, former, color), name, color
        ),
        detailed_descriptions=tuple(
            _replace_color(text, name, former, color) for text in region.detailed_descriptions
        ),
        tags=_replace_color(region.tags, name, former, color),
        color=color_names()[color],
    )


def _replace_color(text: str, name: str, former: str, color: str) -> str:
    """Replaces a colour wherever the text assigns it to the object."""
    for found, place in reversed(list(object_colors(text, name))):
        if found == former:
            text = _replace_word(text, place, color)
    return text


def _insert_color(text: str, name: str, color: str) -> str:
    """Inserts a colour before the object if the text assigns it none."""
    if any(True for _ in object_colors(text, name)):
        return text
    for part, place in located_parts(text):
        if part.kind in "op" and part.base == name:
            return _replace_word(text, slice(place.start, place.start), f"{color} ")
    return text


def _replace_word(text: str, place: slice, word: str) -> str:
    """Replaces a part of a text and adapts its capital letter and the "a" or "an" before it."""
    before, old, after = text[: place.start], text[place], text[place.stop :]
    if old[:1].isupper():
        word = word.capitalize()
    article = _ARTICLE_BEFORE.search(before)
    if article:
        right = article[1][0] + ("n" if word[0].lower() in "aeiou" else "")
        before = before[: article.start()] + right + article[2]
    return f"{before}{word}{after}"


def move_place(place: Place | Box, location: str) -> Place | Box:
    """Moves a place to another location and keeps its size.

    Args:
        place: A named place, or a box in canvas units.
        location: A key of LOCATIONS.

    Returns:
        The moved place. A box stays inside the canvas.
    """
    if isinstance(place, Place):
        return Place(location, "no offset", place.area)
    x, y = LOCATIONS[location]
    width, height = place.right - place.left, place.bottom - place.top
    left = min(max(x - width / 2, 0), UNITS - width)
    top = min(max(y - height / 2, 0), UNITS - height)
    return _clipped_box(place, top, top + height, left, left + width)


def resize_place(place: Place | Box, value: str) -> Place | Box:
    """Makes a place one size bigger or smaller.

    Args:
        place: A named place, or a box in canvas units.
        value: "bigger" or "smaller".

    Returns:
        The resized place; `place` itself if no such size exists.
    """
    step = 1 if value == "bigger" else -1
    if isinstance(place, Place):
        return replace(place, area=_resize_area(place.area, step))
    factor = GROWTH**step
    x, y = (place.left + place.right) / 2, (place.top + place.bottom) / 2
    across, down = (place.right - place.left) / 2 * factor, (place.bottom - place.top) / 2 * factor
    return _clipped_box(place, y - down, y + down, x - across, x + across)


def _clipped_box(former: Box, top: float, bottom: float, left: float, right: float) -> Box:
    """Clips a box to the canvas; returns the former box if rounding leaves it empty."""
    top, bottom = max(top, 0), min(bottom, UNITS)
    left, right = max(left, 0), min(right, UNITS)
    return Box(top, bottom, left, right) if top < bottom and left < right else former


def _resize_area(area: str, step: int) -> str:
    number = next(i for i, size in enumerate(SIZES) if area.startswith(f"{size} "))
    if not 0 <= number + step < len(SIZES):
        return area
    resized = SIZES[number + step] + area.removeprefix(SIZES[number])
    assert resized in AREAS
    return resized


def replace_background(canvas: Canvas, color: str) -> Canvas:
    """Gives the picture a background of one colour and keeps all other words of its texts.

    Args:
        canvas: A canvas of any origin.
        color: The name of the colour.

    Returns:
        The canvas with the new background.
    """
    details = tuple(
        _replace_background_color(text, color) or text for text in canvas.detailed_descriptions
    )
    return replace(
        canvas,
        description=_replace_background_color(canvas.description, color)
        or _append_background(canvas.description, color),
        detailed_descriptions=details,
        tags=_replace_background_color(canvas.tags, color) or canvas.tags,
        color=color_names()[color],
    )


_BACKGROUND_PHRASE = re.compile(
    r"on an? \w+ background|on a background from \w+ to \w+|under an? \w+ sky, on \w+ ground"
)
"""The sentences in which the composer describes a background."""


def _replace_background_color(text: str, color: str) -> str:
    """Returns the text with another background colour, "" if it names no background."""
    article = "an" if color[0] in "aeiou" else "a"
    replaced, count = _BACKGROUND_PHRASE.subn(f"on {article} {color} background", text)
    if count:
        return replaced
    parts = list(located_parts(text))
    for (part, place), (noun, _) in itertools.pairwise(parts):
        if part.kind in "cg" and noun.kind == "b":
            return _replace_word(text, place, color)
    return ""


def _append_background(text: str, color: str) -> str:
    """Appends a background to a text that names none."""
    article = "an" if color[0] in "aeiou" else "a"
    background = f"on {article} {color} background."
    return f"{text.rstrip(' .')}, {background}" if text.strip(" .") else background


def added_region(before: Canvas, after: Canvas, change: RequestedChange) -> Region | None:
    """Returns the region that the composer added, with the requested colour and location.

    Args:
        before: The canvas before the change.
        after: The canvas that the composer wrote.
        change: The requested change, of the kind "add".

    Returns:
        The new region, None if the composer added no such object.
    """
    assert change.target is not None
    name = change.target.base
    matches = [region for region in after.regions if _shows_object(region, name)]
    if len(matches) <= sum(_shows_object(region, name) for region in before.regions):
        return None
    new = matches[-1]
    if change.color:
        new = recolor_region(new, name, change.color)
    return replace(new, place=move_place(new.place, change.value)) if change.value else new


def _shows_object(region: DescribedPart, name: str) -> bool:
    """Tells whether a region's description begins with an object."""
    target = first_object(region.description)
    return target is not None and target.base == name
