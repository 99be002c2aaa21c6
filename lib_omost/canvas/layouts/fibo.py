"""Structured prompts of Bria FIBO: objects whose places and sizes are words.

Source: the model card of briaai/FIBO and github.com/Bria-AI/FIBO.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from lib_omost.canvas import place_names
from lib_omost.canvas.colors import color_names
from lib_omost.canvas.diagnostics import DiagnosticCollector
from lib_omost.canvas.fields import FieldReader
from lib_omost.canvas.json_values import field_reader
from lib_omost.canvas.layouts.regions import object_readers
from lib_omost.canvas.layouts.texts import describe_words
from lib_omost.canvas.model import Canvas, Color, DescribedPart, Place, Region

PLACE_KEYS = ("description", "text", "location", "relative_size", "size")
"""Keys of an object that become its description and its place; the others become sentences."""

DISTANCES = {"foreground": 1.0, "background": 3.0}
"""Words of a location that state the distance to the viewer."""

OTHER_DISTANCE = 2.0


def matches(data: object) -> bool:
    """Returns whether parsed JSON is a structured prompt."""
    return isinstance(data, dict) and {"short_description", "objects"} <= data.keys()


def read(data: Any, diagnostics: DiagnosticCollector) -> Canvas:
    """Reads a structured prompt.

    Args:
        data: Parsed JSON that `matches` accepts.
        diagnostics: Receives the diagnostics.
    """
    reader = field_reader(data, "the global description", diagnostics)
    details = [text for key in ("background_setting", "context") for text in _texts(data.get(key))]
    common = [
        text
        for key, value in data.items()
        if key not in ("short_description", "background_setting", "context", "objects")
        and key != "text_render"
        for text in _texts(value)
    ]
    readers = [
        *object_readers(data["objects"], "objects", diagnostics),
        *object_readers(data.get("text_render") or [], "text_render", diagnostics),
    ]
    return Canvas(
        description=reader.read_text("short_description"),
        detailed_descriptions=tuple(details),
        tags=", ".join(text.strip().rstrip(".") for text in common),
        regions=tuple(_read_object(reader, item) for reader, item in readers),
    )


def _texts(value: object) -> Iterator[str]:
    """Yields the texts of a value, an object's texts included; numbers such as scores are not."""
    if isinstance(value, str) and value.strip():
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            if isinstance(inner, str) and inner.strip():
                yield inner


def _read_object(reader: FieldReader, item: Mapping[str, Any]) -> Region:
    words, description = reader.read_text("text"), reader.read_text("description")
    location = reader.read_text("location").lower()
    depths = [word for word in _words(location) if word in DISTANCES]
    return Region(
        description=describe_words(words, description) if words else description,
        detailed_descriptions=tuple(
            text for key, value in item.items() if key not in PLACE_KEYS for text in _texts(value)
        ),
        color=_color(reader.read_text("shape_and_color") or reader.read_text("color")),
        place=_place(reader, location),
        distance_to_viewer=DISTANCES[depths[0]] if depths else OTHER_DISTANCE,
    )


def _color(text: str) -> Color:
    """Returns the colour that a text names; grey if it names none or several."""
    named = {color_names()[word] for word in _words(text.lower()) if word in color_names()}
    return named.pop() if len(named) == 1 else DescribedPart.color


def _words(text: str) -> list[str]:
    return re.findall(r"[a-z]+", text)


def _place(reader: FieldReader, location: str) -> Place:
    """Returns the place for a location such as "bottom-left foreground" and a relative size."""
    size = reader.read_text("relative_size") or reader.read_text("size")
    found = place_names.match_location(re.sub("foreground|background", "", location))
    area = place_names.match_area(size)
    if found is None:
        reader.diagnostics.warning(
            f"{reader.where}: location {location[:60]!r} names no side; the center is assumed"
        )
    return Place(
        found.name if found else Place.location,
        Place.offset,
        area.name if area else Place.area,
    )
