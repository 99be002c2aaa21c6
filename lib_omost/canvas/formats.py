"""Reads and writes canvases in all formats: code, JSON, ComfyUI_omost's JSON and ComfyUI graphs.

Source: "Other forms of a canvas" in docs/omost-format.md.
"""

from __future__ import annotations

import json
from typing import Any, Literal

from lib_omost.canvas.bounded_json import NestingError, load_json
from lib_omost.canvas.code_reader import read_code
from lib_omost.canvas.code_writer import CanvasWriteError
from lib_omost.canvas.code_writer import write_code as to_code
from lib_omost.canvas.comfy_conditions import read_comfy, to_comfy
from lib_omost.canvas.comfy_workflow import find_canvas_text
from lib_omost.canvas.diagnostics import DiagnosticCollector, Reading, report_replaced_characters
from lib_omost.canvas.fences import fenced_blocks
from lib_omost.canvas.fields import CANVAS_FIELDS, REGION_FIELDS, SYNTAX, describe_value
from lib_omost.canvas.json_values import (
    EXTRA,
    check_regions,
    dump_json,
    field_reader,
    read_box,
    read_extra,
    with_regions,
)
from lib_omost.canvas.limits import MAX_REGIONS, length_error
from lib_omost.canvas.model import Box, Canvas, DescribedPart, Place, Region
from lib_omost.canvas.packed_text import unpack

__all__ = [
    "CanvasFormat",
    "CanvasWriteError",
    "read",
    "to_code",
    "to_comfy",
    "to_json",
    "to_text",
    "write",
]

CanvasFormat = Literal["code", "json", "comfy"]

VERSION = 1
"""Version of this extension's JSON format, stored under the key `omost_canvas`."""

GRAPH_NESTING = 100
"""Maximum nesting depth of a ComfyUI graph, whose nodes may contain arbitrary values."""

_CANVAS_KEYS = {"omost_canvas", "regions", "color", SYNTAX, EXTRA, *CANVAS_FIELDS}
_REGION_KEYS = {"box", "color", SYNTAX, EXTRA, *REGION_FIELDS}


def read(text: str) -> Reading:
    """Reads a canvas in any format and reports problems as diagnostics. Never raises.

    Args:
        text: This extension's JSON, ComfyUI_omost's JSON, a ComfyUI graph, canvas code, a chat
            answer with one of them, or a text from `packed_text.pack`.

    Returns:
        The canvas, None if the text contains none, and the diagnostics.
    """
    text = unpack(text)
    text = _find_graph_canvas(text) or text
    json_reading = _read_json(text) if _looks_like_json(text) else None
    if json_reading is not None and json_reading.canvas is not None:
        return json_reading
    reading = read_code(text)
    if reading.canvas is not None or length_error(text):
        return reading
    for block in reversed(fenced_blocks(text)):
        if _looks_like_json(block.code):
            return _read_json("\n" * (block.first_line - 1) + block.code)
    return json_reading or reading


def to_json(canvas: Canvas, *, indent: int | None = None) -> str:
    """Writes this extension's JSON, which `read` reads back as an equal canvas.

    Args:
        canvas: The canvas.
        indent: Spaces for each level; None for a single line.

    Returns:
        The JSON text.

    Raises:
        CanvasWriteError: JSON cannot express an unknown key, or the canvas exceeds a limit.
    """
    check_regions(canvas)
    data = {
        "omost_canvas": VERSION,
        **_part_to_json(canvas, _CANVAS_KEYS),
        "regions": [
            {
                **_place_to_json(region.place),
                "distance_to_viewer": region.distance_to_viewer,
                **_part_to_json(region, _REGION_KEYS),
                "atmosphere": region.atmosphere,
                "style": region.style,
                "quality_meta": region.quality_meta,
            }
            for region in canvas.regions
        ],
    }
    return dump_json(data, indent)


def to_text(canvas: Canvas) -> str:
    """Writes a canvas as code if code can express all its content, otherwise as JSON.

    Args:
        canvas: The canvas.

    Returns:
        A text that `read` reads back as an equal canvas.

    Raises:
        CanvasWriteError: JSON cannot express an unknown key, or the canvas exceeds a limit.
    """
    try:
        text = to_code(canvas)
    except CanvasWriteError:
        return to_json(canvas, indent=2)
    return text if read(text).canvas == canvas else to_json(canvas, indent=2)


def write(canvas: Canvas, canvas_format: CanvasFormat) -> str:
    """Writes a canvas in the chosen format.

    Args:
        canvas: The canvas.
        canvas_format: "code", "json" (this extension's JSON) or "comfy" (ComfyUI_omost's JSON).

    Returns:
        The text, indented.

    Raises:
        CanvasWriteError: The format cannot express the canvas.
    """
    if canvas_format == "code":
        return to_code(canvas)
    return to_json(canvas, indent=2) if canvas_format == "json" else to_comfy(canvas, indent=2)


def _part_to_json(part: DescribedPart, known: set[str]) -> dict[str, Any]:
    data: dict[str, Any] = {
        "description": part.description,
        "detailed_descriptions": list(part.detailed_descriptions),
        "tags": part.tags,
        "color": list(part.color),
    }
    if part.syntax != "plain":
        data[SYNTAX] = part.syntax
    clashing = {key: value for key, value in part.extra.items() if key in known}
    data.update((key, value) for key, value in part.extra.items() if key not in known)
    return {**data, EXTRA: clashing} if clashing else data


def _place_to_json(place: Place | Box) -> dict[str, Any]:
    if isinstance(place, Box):
        return {"box": [place.top, place.bottom, place.left, place.right]}
    return {"location": place.location, "offset": place.offset, "area": place.area}


def _looks_like_json(text: str) -> bool:
    return text[:1000].lstrip("\ufeff \t\r\n").startswith(("{", "["))


def _find_graph_canvas(text: str) -> str | None:
    """Returns the canvas text in a ComfyUI graph; None if the text is not a graph with a canvas."""
    if '"Omost' not in text or not _looks_like_json(text) or length_error(text):
        return None
    try:
        data = load_json(text, nesting=GRAPH_NESTING)
    except ValueError:
        return None
    return find_canvas_text(data) if isinstance(data, dict) else None


def _read_json(text: str) -> Reading:
    diagnostics = DiagnosticCollector()
    if length_error(text):
        diagnostics.error(length_error(text))
        return diagnostics.reading(None)
    report_replaced_characters(text, diagnostics)
    try:
        data = load_json(text.removeprefix("\ufeff"))
    except json.JSONDecodeError as error:
        diagnostics.error(f"this is not valid JSON: {error.msg}", error.lineno)
        return diagnostics.reading(None)
    except NestingError as error:
        diagnostics.error(str(error))
        return diagnostics.reading(None)
    canvas = (
        read_comfy(data, diagnostics) if isinstance(data, list) else _read_object(data, diagnostics)
    )
    return diagnostics.reading(canvas)


def _read_object(data: object, diagnostics: DiagnosticCollector) -> Canvas | None:
    if not isinstance(data, dict) or not {"description", "regions"} & data.keys():
        diagnostics.error("this JSON has neither a description nor regions; it is not a canvas")
        return None
    version = data.get("omost_canvas", VERSION)
    if version != VERSION:
        diagnostics.error(
            f"this canvas has version {describe_value(version)}; "
            f"this program reads version {VERSION}"
        )
        return None
    regions = data.get("regions")
    if not isinstance(regions, list):
        if regions is not None:
            diagnostics.warning(
                f"regions must be a list, not {describe_value(regions)}; they are left out"
            )
        regions = []
    if len(regions) > MAX_REGIONS:
        diagnostics.warning(f"only the first {MAX_REGIONS} regions are read")
    reader = field_reader(data, "the global description", diagnostics)
    canvas = reader.read_canvas(read_extra(data, _CANVAS_KEYS, reader.where, diagnostics))
    read_regions = [
        _read_region(region, f"region {number}", diagnostics)
        for number, region in enumerate(regions[:MAX_REGIONS], start=1)
    ]
    return with_regions(canvas, read_regions)


def _read_region(data: object, where: str, diagnostics: DiagnosticCollector) -> Region | None:
    if not isinstance(data, dict):
        diagnostics.warning(
            f"{where}: must be an object, not {describe_value(data)}; it is left out"
        )
        return None
    box = read_box(data["box"], f"{where}: box", diagnostics) if "box" in data else None
    if box is None and "box" in data:
        return None
    extra = read_extra(data, _REGION_KEYS, where, diagnostics)
    return field_reader(data, where, diagnostics).read_region(extra, box)
