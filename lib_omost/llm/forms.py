"""How each kind of model writes a canvas, so that it can be shown one as its own last answer."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from lib_omost.canvas.colors import color_names, name_of
from lib_omost.canvas.fields import CANVAS_FIELDS, REGION_FIELDS
from lib_omost.canvas.files import to_code
from lib_omost.canvas.merging import Simplified
from lib_omost.canvas.model import Box, Canvas, Color, Described, Place, Region, named_places

SHORT, TAGS = 160, 240
"""Characters of a text, and of tags, that a JSON schema lets a model write."""

DETAILS = 5
"""Sentences of a region that it lets a model write."""


MOST_WORDS = 20
"""Words of a text that the narrow grammar lets a model write."""

ABOUT = "atmosphere", "style", "quality_meta"


def _apply(shown: Simplified, _request: str, written: Canvas) -> Canvas:
    return shown.changed_like(written)


def _order(canvas: Canvas, request: str, known: Sequence[int]) -> Sequence[int]:
    """Put the regions first that share most words with the request."""
    asked = set(_words(request))
    return sorted(
        known, key=lambda number: -len(asked & set(_words(canvas.regions[number].description)))
    )


@dataclass(frozen=True)
class Form:
    """How a model writes canvases.

    write: writes a canvas that `simplify` returned, as the model's answer. most: regions of a
    canvas. whole, region: a canvas, and a region, with only what the model can say; None for a
    region that it cannot say at all. order: of a canvas, a request and the positions of the regions
    that the model can say, the positions of those that it is shown, the most important ones first.
    apply: the canvas that comes of what `simplify` returned, the request, and the canvas that the
    model wrote.
    """

    write: Callable[[Canvas], str]
    most: int
    whole: Callable[[Canvas], Canvas]
    region: Callable[[Region], Region | None]
    order: Callable[[Canvas, str, Sequence[int]], Sequence[int]] = _order
    apply: Callable[[Simplified, str, Canvas], Canvas] = _apply

    def simplify(self, canvas: Canvas, request: str = "") -> Simplified:
        """Return the copy of a canvas that the model is shown.

        request: where there are more regions than the model can write, it is shown those that
        the request is about, and then the first ones.
        """
        parts = ((number, self.region(region)) for number, region in enumerate(canvas.regions))
        known = {number: region for number, region in parts if region is not None}
        numbers = sorted(self.order(canvas, request, tuple(known))[: self.most])
        copy = replace(self.whole(canvas), regions=tuple(known[number] for number in numbers))
        return Simplified(canvas, copy, tuple(numbers))


def write_code(canvas: Canvas) -> str:
    """Write a canvas as an answer in canvas code."""
    return f"```python\n{to_code(canvas)}```"


def write_json(canvas: Canvas) -> str:
    """Write a canvas as an answer after `grammar.json_schema`."""
    regions = [_values(region, REGION_FIELDS) for region in canvas.regions]
    return json.dumps({**_values(canvas, CANVAS_FIELDS), "regions": regions}, indent=1)


def _values(part: Described, fields: Iterable[str]) -> dict[str, Any]:
    """What the fields hold, in the values of `grammar.json_schema`."""
    known = {**vars(part), "HTML_web_color_name": name_of(part.color)}
    if isinstance(part, Region):
        known |= {**vars(part.place), "distance_to_viewer": round(part.distance_to_viewer)}
    return {name: known[name] for name in fields}


def _plain(canvas: Canvas) -> Canvas:
    return replace(canvas, color=nearest_color(canvas.color), syntax="plain", extra={})


def _plain_region(region: Region) -> Region:
    return replace(
        region,
        place=nearest_place(region.place),
        color=nearest_color(region.color),
        syntax="plain",
        extra={},
    )


def _short(canvas: Canvas) -> Canvas:
    return replace(
        _plain(canvas),
        description=canvas.description[:SHORT],
        detailed_descriptions=_cut(canvas.detailed_descriptions),
        tags=canvas.tags[:TAGS],
    )


def _short_region(region: Region) -> Region:
    return replace(
        _plain_region(region),
        distance_to_viewer=float(min(max(round(region.distance_to_viewer), 1), 10)),
        description=region.description[:SHORT],
        detailed_descriptions=_cut(region.detailed_descriptions),
        tags=region.tags[:TAGS],
        atmosphere=region.atmosphere[:SHORT],
        style=region.style[:SHORT],
        quality_meta=region.quality_meta[:SHORT],
    )


def _cut(texts: Sequence[str]) -> tuple[str, ...]:
    return tuple(text[:SHORT] for text in texts[:DETAILS])


def _narrow(canvas: Canvas) -> Canvas:
    return replace(_plain(canvas), **_in_words(canvas))


def _narrow_region(region: Region) -> Region:
    texts: dict[str, Any] = {name: _sentence(getattr(region, name)) for name in ABOUT}
    distance = round(min(max(region.distance_to_viewer, 1.0), 10.0), 1)
    plain = _plain_region(region)
    return replace(plain, distance_to_viewer=distance, **_in_words(region), **texts)


def _in_words(part: Described) -> dict[str, Any]:
    details = tuple(map(_sentence, part.detailed_descriptions[:DETAILS]))
    return {"description": _sentence(part.description), "detailed_descriptions": details}


def _sentence(text: str) -> str:
    """The text in the words that the narrow grammar knows, which are those of English."""
    if not text.isascii():
        return text
    words = re.sub(r"[^\w ,.-]", "", text).strip(" .").split()
    return " ".join(words[:MOST_WORDS]) + "." if words else text


CODE = Form(write_code, most=12, whole=_plain, region=_plain_region)
"""Canvas code, as Omost models write it."""

NARROW_CODE = Form(write_code, most=6, whole=_narrow, region=_narrow_region)
"""Canvas code under the narrow grammar, which bounds regions, words and distances."""

JSON = Form(write_json, most=8, whole=_short, region=_short_region)
"""JSON under a schema, as servers are asked for it."""


def nearest_color(color: Color) -> Color:
    """Return the colour with an HTML name that is most like another."""
    if name_of(color) is not None:
        return color
    return min(color_names().values(), key=lambda named: math.dist(named, color))


def nearest_place(place: Place | Box) -> Place:
    """Return the named place whose box is most like another."""
    if isinstance(place, Place):
        return place
    sides = _sides(place)
    places = named_places()
    return places[min(places, key=lambda box: math.dist(sides, _sides(box)))]


def _sides(box: Box) -> tuple[float, ...]:
    return box.top, box.bottom, box.left, box.right


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())
