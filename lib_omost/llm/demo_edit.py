"""Carry out a change on the region that a request names, and on nothing else.

The demonstration composer is small: asked to enlarge the white circle, it may recolour the red one.
The request says which region changes and how, so nothing of that is left to the model.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from lib_omost.canvas.colors import color_names
from lib_omost.canvas.model import UNITS, Box, Canvas, Described, Place, Region
from lib_omost.canvas.vocabulary import AREAS, LOCATIONS
from lib_omost.llm.demo_lexicon import RequestPart, located

SIZES = "a small", "a medium-sized", "a large"
"""The beginnings of the names of areas, in the order of their sizes."""

STEP = 7 / 6
"""The growth of a free box: a large square area is so much wider than a medium-sized one."""

_FIRST_THING = re.compile("[fj]*a?[nscgu]*([op])")
_ARTICLE_BEFORE = re.compile(r"\b(an?)(\s+)$", re.IGNORECASE)


@dataclass(frozen=True)
class RequestedChange:
    """A change that a request asks for.

    kind: "recolor", "remove", "keep", "move", "resize", "add" or "background". thing: the object
    that it names, None for a background. color: the colour that the object has now, or is to have
    if it is added; "" where the request does not say. value: the new colour or location;
    "bigger" or "smaller".
    """

    kind: str
    thing: RequestPart | None = None
    color: str = ""
    value: str = ""


def thing_of(text: str) -> RequestPart | None:
    """Return the thing that a description begins with, None where it begins with another word."""
    said = [part for part, _ in located(text)]
    found = _FIRST_THING.match("".join(part.kind for part in said))
    return said[found.start(1)] if found else None


def colors_of(text: str, name: str) -> Iterator[tuple[str, slice]]:
    """Find the colours that a text gives the object `name`: each colour, and where it stands.

    A colour belongs to the next thing or background in its clause; where none follows, it belongs
    to the object that the whole text is about.
    """
    said = list(located(text))
    for number, (part, place) in enumerate(said):
        if part.kind == "c":
            clause = [later for later, _ in said[number + 1 :]]
            owner = next((later for later in clause if later.kind in "opbj"), None)
            if owner is None or owner.kind == "j" or owner.base == name:
                yield part.base, place


def edited(canvas: Canvas, number: int, change: RequestedChange) -> Canvas:
    """Apply a change to a canvas.

    Args:
        canvas: The canvas, whoever wrote it.
        number: The position of the region that the request names; a new background ignores it.
        change: Any kind but "add".

    Returns:
        The canvas with the change. Every other region and field is the same as before.
    """
    if change.kind == "background":
        return with_background(canvas, change.value)
    before, region, after = canvas.regions[:number], canvas.regions[number], canvas.regions[number:]
    if change.kind == "keep":
        return replace(canvas, regions=(region,))
    if change.kind == "remove":
        return replace(canvas, regions=(*before, *after[1:]))
    return replace(canvas, regions=(*before, _changed(region, change), *after[1:]))


def _changed(region: Region, change: RequestedChange) -> Region:
    if change.kind == "recolor":
        assert change.thing is not None
        return recolored(region, change.thing.base, change.value)
    if change.kind == "move":
        return replace(region, place=moved(region.place, change.value))
    return replace(region, place=resized(region.place, change.value))


def recolored(region: Region, name: str, color: str) -> Region:
    """Give a region another colour, also where its texts say the former one."""
    former = next((color for color, _ in colors_of(region.description, name)), "")
    return replace(
        region,
        description=_told_first(_in_color(region.description, name, former, color), name, color),
        detailed_descriptions=tuple(
            _in_color(text, name, former, color) for text in region.detailed_descriptions
        ),
        tags=_in_color(region.tags, name, former, color),
        color=color_names()[color],
    )


def _in_color(text: str, name: str, former: str, color: str) -> str:
    """Put one colour in the place of another wherever a text gives it to the object."""
    for found, place in reversed(list(colors_of(text, name))):
        if found == former:
            text = _with_word(text, place, color)
    return text


def _told_first(text: str, name: str, color: str) -> str:
    """Say a colour before the object in a description that gives it none."""
    if any(True for _ in colors_of(text, name)):
        return text
    for part, place in located(text):
        if part.kind in "op" and part.base == name:
            return _with_word(text, slice(place.start, place.start), f"{color} ")
    return text


def _with_word(text: str, place: slice, word: str) -> str:
    """Put a word into a text; an "a" or "an" before it follows, and so does a capital."""
    before, old, after = text[: place.start], text[place], text[place.stop :]
    if old[:1].isupper():
        word = word.capitalize()
    article = _ARTICLE_BEFORE.search(before)
    if article:
        right = article[1][0] + ("n" if word[0].lower() in "aeiou" else "")
        before = before[: article.start()] + right + article[2]
    return f"{before}{word}{after}"


def moved(place: Place | Box, location: str) -> Place | Box:
    """Return a place of the same size at another location, as far as the canvas has room there."""
    if isinstance(place, Place):
        return Place(location, "no offset", place.area)
    x, y = LOCATIONS[location]
    width, height = place.right - place.left, place.bottom - place.top
    left = min(max(x - width / 2, 0), UNITS - width)
    top = min(max(y - height / 2, 0), UNITS - height)
    return _box(place, top, top + height, left, left + width)


def resized(place: Place | Box, value: str) -> Place | Box:
    """Return a place one size bigger or smaller; the same one where there is no such size."""
    step = 1 if value == "bigger" else -1
    if isinstance(place, Place):
        return replace(place, area=_next_area(place.area, step))
    factor = STEP**step
    x, y = (place.left + place.right) / 2, (place.top + place.bottom) / 2
    across, down = (place.right - place.left) / 2 * factor, (place.bottom - place.top) / 2 * factor
    return _box(place, y - down, y + down, x - across, x + across)


def _box(former: Box, top: float, bottom: float, left: float, right: float) -> Box:
    """Return the box within the canvas; the former one where rounding leaves nothing of it."""
    top, bottom = max(top, 0), min(bottom, UNITS)
    left, right = max(left, 0), min(right, UNITS)
    return Box(top, bottom, left, right) if top < bottom and left < right else former


def _next_area(area: str, step: int) -> str:
    number = next(i for i, size in enumerate(SIZES) if area.startswith(f"{size} "))
    if not 0 <= number + step < len(SIZES):
        return area
    wanted = SIZES[number + step] + area.removeprefix(SIZES[number])
    assert wanted in AREAS
    return wanted


def with_background(canvas: Canvas, color: str) -> Canvas:
    """Give the picture a background of one colour; what else its texts say stays."""
    details = tuple(_behind(text, color) or text for text in canvas.detailed_descriptions)
    return replace(
        canvas,
        description=_behind(canvas.description, color) or _on(canvas.description, color),
        detailed_descriptions=details,
        tags=_behind(canvas.tags, color) or canvas.tags,
        color=color_names()[color],
    )


_OWN_BACKGROUND = re.compile(
    r"on an? \w+ background|on a background from \w+ to \w+|under an? \w+ sky, on \w+ ground"
)
"""The ways in which the composer describes a background."""


def _behind(text: str, color: str) -> str:
    """The text with another colour of its background, "" where it names none."""
    article = "an" if color[0] in "aeiou" else "a"
    replaced, count = _OWN_BACKGROUND.subn(f"on {article} {color} background", text)
    if count:
        return replaced
    said = list(located(text))
    for (part, place), (noun, _) in itertools.pairwise(said):
        if part.kind in "cg" and noun.kind == "b":
            return _with_word(text, place, color)
    return ""


def _on(text: str, color: str) -> str:
    """The text with a background where it named none."""
    article = "an" if color[0] in "aeiou" else "a"
    told = f"on {article} {color} background."
    return f"{text.rstrip(' .')}, {told}" if text.strip(" .") else told


def added(before: Canvas, after: Canvas, change: RequestedChange) -> Region | None:
    """Return the region that a model added to a canvas, as it was asked for; None for none."""
    assert change.thing is not None
    name = change.thing.base
    news = [region for region in after.regions if _is(region, name)]
    if len(news) <= sum(_is(region, name) for region in before.regions):
        return None
    new = news[-1]
    if change.color:
        new = recolored(new, name, change.color)
    return replace(new, place=moved(new.place, change.value)) if change.value else new


def _is(region: Described, name: str) -> bool:
    thing = thing_of(region.description)
    return thing is not None and thing.base == name
