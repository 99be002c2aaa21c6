"""Writes canvases for a kind of model: in its notation, simplified to what it can express."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from lib_omost.canvas.colors import color_name, color_names
from lib_omost.canvas.fields import CANVAS_FIELDS, REGION_FIELDS
from lib_omost.canvas.formats import to_code
from lib_omost.canvas.model import Canvas, Color, DescribedPart, Region, nearest_place
from lib_omost.canvas.plans.plan_format import write_plan
from lib_omost.canvas.region_matching import SimplifiedCanvas
from lib_omost.llm.engine import Message
from lib_omost.llm.plan_prompt import edit_messages

MAX_TEXT_CHARACTERS, MAX_TAGS_CHARACTERS = 160, 240
"""Maximum length of a text and of the tags in the JSON schema, in characters."""

MAX_DETAILS = 5
"""Maximum number of detailed descriptions in the JSON schema and the narrow grammar."""


MAX_SENTENCE_WORDS = 20
"""Maximum number of words in a text of the narrow grammar."""

NARROW_TEXT_FIELDS = "atmosphere", "style", "quality_meta"


def _apply_answer(simplified: SimplifiedCanvas, _request: str, written: Canvas) -> Canvas:
    return simplified.merge_changes(written)


def _order_regions(canvas: Canvas, request: str, known: Sequence[int]) -> Sequence[int]:
    """Orders the regions by the number of words that they share with the request, most first."""
    requested_words = set(_words(request))
    return sorted(
        known,
        key=lambda number: -len(requested_words & set(_words(canvas.regions[number].description))),
    )


@dataclass(frozen=True)
class ModelNotation:
    """The notation in which a kind of model writes canvases, and the simplification it requires.

    Attributes:
        write: Writes a simplified canvas as an answer of the model.
        max_regions: Maximum number of regions that the model reads and writes.
        simplify_canvas: Reduces the global fields of a canvas to values that the model can express.
        simplify_region: Does the same for a region; None if the model cannot express the region.
        order_regions: Takes a canvas, a request and the indices of the expressible regions; returns
            the indices to show to the model, most important first.
        apply_answer: Takes a simplified canvas, the request and the canvas that the model wrote;
            returns the changed original.
        edit_messages: Takes a simplified canvas and the request that changes it; returns the
            messages that ask for edits (canvas/edits.py). None if the model rewrites the canvas.
        writes_code: Whether an answer is canvas code.
    """

    write: Callable[[Canvas], str]
    max_regions: int
    simplify_canvas: Callable[[Canvas], Canvas]
    simplify_region: Callable[[Region], Region | None]
    order_regions: Callable[[Canvas, str, Sequence[int]], Sequence[int]] = _order_regions
    apply_answer: Callable[[SimplifiedCanvas, str, Canvas], Canvas] = _apply_answer
    edit_messages: Callable[[Canvas, str], tuple[Message, ...]] | None = None
    writes_code: bool = True

    def simplify(self, canvas: Canvas, request: str = "") -> SimplifiedCanvas:
        """Returns a copy of a canvas that the model can express, linked to the original.

        The copy has no hidden regions, so that answers leave them unchanged.

        Args:
            canvas: A canvas of any origin.
            request: The user's request. If the canvas has more than `max_regions` regions, the copy
                has those that the request mentions, then the first ones.

        Returns:
            The original, the copy, and the original index of each region of the copy.
        """
        parts = (
            (number, self.simplify_region(region))
            for number, region in enumerate(canvas.regions)
            if not region.hidden
        )
        known = {number: region for number, region in parts if region is not None}
        numbers = sorted(self.order_regions(canvas, request, tuple(known))[: self.max_regions])
        copy = replace(
            self.simplify_canvas(canvas), regions=tuple(known[number] for number in numbers)
        )
        return SimplifiedCanvas(canvas, copy, tuple(numbers))


def write_code(canvas: Canvas) -> str:
    """Writes a canvas as an answer in canvas code."""
    return f"```python\n{to_code(canvas)}```"


def write_json(canvas: Canvas) -> str:
    """Writes a canvas as an answer that follows `grammar.canvas_json_schema`."""
    regions = [_values(region, REGION_FIELDS) for region in canvas.regions]
    return json.dumps({**_values(canvas, CANVAS_FIELDS), "regions": regions}, indent=1)


def _values(part: DescribedPart, fields: Iterable[str]) -> dict[str, Any]:
    """Returns the values of the fields as `grammar.canvas_json_schema` defines them."""
    known = {**vars(part), "HTML_web_color_name": color_name(part.color)}
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


def _bounded(canvas: Canvas) -> Canvas:
    return replace(
        _plain(canvas),
        description=canvas.description[:MAX_TEXT_CHARACTERS],
        detailed_descriptions=_bounded_details(canvas.detailed_descriptions),
        tags=canvas.tags[:MAX_TAGS_CHARACTERS],
    )


def _bounded_region(region: Region) -> Region:
    return replace(
        _plain_region(region),
        distance_to_viewer=float(min(max(round(region.distance_to_viewer), 1), 10)),
        description=region.description[:MAX_TEXT_CHARACTERS],
        detailed_descriptions=_bounded_details(region.detailed_descriptions),
        tags=region.tags[:MAX_TAGS_CHARACTERS],
        atmosphere=region.atmosphere[:MAX_TEXT_CHARACTERS],
        style=region.style[:MAX_TEXT_CHARACTERS],
        quality_meta=region.quality_meta[:MAX_TEXT_CHARACTERS],
    )


def _bounded_details(texts: Sequence[str]) -> tuple[str, ...]:
    return tuple(text[:MAX_TEXT_CHARACTERS] for text in texts[:MAX_DETAILS])


def _narrow(canvas: Canvas) -> Canvas:
    return replace(_plain(canvas), **_narrow_texts(canvas))


def _narrow_region(region: Region) -> Region:
    texts: dict[str, Any] = {name: _sentence(getattr(region, name)) for name in NARROW_TEXT_FIELDS}
    distance = round(min(max(region.distance_to_viewer, 1.0), 10.0), 1)
    plain = _plain_region(region)
    return replace(plain, distance_to_viewer=distance, **_narrow_texts(region), **texts)


def _narrow_texts(part: DescribedPart) -> dict[str, Any]:
    details = tuple(map(_sentence, part.detailed_descriptions[:MAX_DETAILS]))
    return {"description": _sentence(part.description), "detailed_descriptions": details}


def _sentence(text: str) -> str:
    """Returns an ASCII text in words that the narrow grammar allows, other texts unchanged."""
    if not text.isascii():
        return text
    words = re.sub(r"[^\w ,.-]", "", text).strip(" .").split()
    return " ".join(words[:MAX_SENTENCE_WORDS]) + "." if words else text


CODE = ModelNotation(
    write_code, max_regions=12, simplify_canvas=_plain, simplify_region=_plain_region
)
"""Canvas code as Omost models write it."""

NARROW_CODE = ModelNotation(
    write_code, max_regions=6, simplify_canvas=_narrow, simplify_region=_narrow_region
)
"""Canvas code under the narrow grammar, which limits regions, words and distances."""

JSON = ModelNotation(
    write_json,
    max_regions=8,
    simplify_canvas=_bounded,
    simplify_region=_bounded_region,
    edit_messages=edit_messages,
    writes_code=False,
)
"""JSON under a schema, for models on servers, and edits of given canvases."""

PLAN = ModelNotation(
    lambda canvas: json.dumps(write_plan(canvas), ensure_ascii=False),
    max_regions=12,
    simplify_canvas=_plain,
    simplify_region=_plain_region,
    edit_messages=edit_messages,
    writes_code=False,
)
"""Plans of new canvases and edits of given ones."""


def nearest_color(color: Color) -> Color:
    """Returns the colour with an HTML name that is nearest in RGB.

    Args:
        color: Red, green and blue, 0 to 255.
    """
    if color_name(color) is not None:
        return color
    return min(color_names().values(), key=lambda named: math.dist(named, color))


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())
