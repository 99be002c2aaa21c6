"""Ideogram 4 captions: an object with `compositional_deconstruction`.

Boxes are [y_min, x_min, y_max, x_max] from 0 to 1000. The elements follow from far to near.

Sources: github.com/ideogram-oss/ideogram4 (docs/prompting.md), and ComfyUI's node Create Bounding
Boxes (comfy_extras/nodes_bounding_boxes.py), whose output `elements` is the same list.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lib_omost.canvas.diagnostics import DiagnosticCollector
from lib_omost.canvas.fields import FieldReader
from lib_omost.canvas.json_values import check_regions, dump_json, field_reader
from lib_omost.canvas.layouts.boxes import THOUSAND, read_box, write_box
from lib_omost.canvas.layouts.regions import (
    number_depths,
    object_readers,
    read_palette,
    write_palette,
)
from lib_omost.canvas.layouts.texts import (
    describe_words,
    join_sentences,
    one_text,
    split_words,
)
from lib_omost.canvas.model import Canvas, Region

STYLE_KEYS = ("aesthetics", "lighting", "photo", "medium", "art_style")
"""The texts of `style_description`, which become the tags of the canvas."""

COMPOSITION = "compositional_deconstruction"


def matches(data: object) -> bool:
    """Returns whether parsed JSON is a caption or a list of its elements."""
    if isinstance(data, list):
        return bool(data) and all(map(_is_element, data))
    return isinstance(data, dict) and bool({COMPOSITION, "high_level_description"} & data.keys())


def read(data: Any, diagnostics: DiagnosticCollector) -> Canvas:
    """Reads a caption, or a list of its elements.

    Args:
        data: Parsed JSON that `matches` accepts.
        diagnostics: Receives the diagnostics.
    """
    if isinstance(data, list):
        diagnostics.note("the elements have no caption; the global description is empty")
        return Canvas(description="", regions=_read_elements(data, diagnostics))
    reader = field_reader(data, "the global description", diagnostics)
    style = _object(data.get("style_description"))
    composition = _object(data.get(COMPOSITION))
    background = field_reader(composition, reader.where, diagnostics).read_text("background")
    style_reader = field_reader(style, reader.where, diagnostics)
    style_texts = [style_reader.read_text(key).strip() for key in STYLE_KEYS]
    return Canvas(
        description=reader.read_text("high_level_description"),
        detailed_descriptions=(background,) if background else (),
        tags=", ".join(text for text in style_texts if text),
        color=read_palette(reader, style.get("color_palette")),
        regions=_read_elements(composition.get("elements"), diagnostics),
    )


def write(canvas: Canvas) -> str:
    """Writes a caption.

    Args:
        canvas: The canvas.

    Returns:
        The JSON text, indented.

    Raises:
        CanvasWriteError: The canvas exceeds a limit of the readers.
    """
    check_regions(canvas)
    style = {"aesthetics": canvas.tags, "color_palette": write_palette(canvas.color)}
    style = {key: value for key, value in style.items() if value}
    caption = {
        "high_level_description": canvas.description,
        **({"style_description": style} if style else {}),
        COMPOSITION: {
            "background": join_sentences(canvas.detailed_descriptions),
            "elements": [_write_element(region) for region in canvas.far_to_near()],
        },
    }
    return dump_json(caption, 2)


def _is_element(value: object) -> bool:
    return isinstance(value, dict) and {"type", "bbox", "desc"} <= value.keys()


def _object(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _read_elements(elements: object, diagnostics: DiagnosticCollector) -> tuple[Region, ...]:
    readers = object_readers(elements, "elements", diagnostics)
    return number_depths([_read_element(reader, element) for reader, element in readers])


def _read_element(reader: FieldReader, element: Mapping[str, Any]) -> Region:
    description, words = reader.read_text("desc"), reader.read_text("text")
    return Region(
        description=describe_words(words, description) if words else description,
        place=read_box(
            element.get("bbox"), "top left bottom right", THOUSAND, reader.where, reader.diagnostics
        ),
        color=read_palette(reader, element.get("color_palette")),
    )


def _write_element(region: Region) -> dict[str, Any]:
    words, description = split_words(one_text(region))
    palette = write_palette(region.color)
    return {
        "type": "text" if words else "obj",
        "bbox": write_box(region.box, "top left bottom right", THOUSAND),
        **({"text": words} if words else {}),
        "desc": description,
        **({"color_palette": palette} if palette else {}),
    }
