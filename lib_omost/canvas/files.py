"""The one reader and the one writer of canvases, in every form that people exchange."""

from __future__ import annotations

import json
from typing import Any, Literal

from lib_omost.canvas.bounded_json import NestingError, load_json
from lib_omost.canvas.code_reader import read_code
from lib_omost.canvas.code_writer import CanvasWriteError
from lib_omost.canvas.code_writer import write_code as to_code
from lib_omost.canvas.comfy_conditions import read_comfy, to_comfy
from lib_omost.canvas.comfy_workflow import canvas_in
from lib_omost.canvas.diagnostics import Findings, Reading, report_lost_characters
from lib_omost.canvas.fences import fenced_blocks
from lib_omost.canvas.fields import CANVAS_FIELDS, REGION_FIELDS, SYNTAX, shown
from lib_omost.canvas.json_values import (
    EXTRA,
    check_regions,
    dump,
    field_reader,
    read_box,
    read_extra,
    with_regions,
)
from lib_omost.canvas.limits import MAX_REGIONS, too_long
from lib_omost.canvas.model import Box, Canvas, Described, Place, Region
from lib_omost.canvas.packed_text import unpack

__all__ = [
    "CanvasWriteError",
    "Form",
    "read",
    "to_code",
    "to_comfy",
    "to_json",
    "to_text",
    "write",
]

Form = Literal["code", "json", "comfy"]

VERSION = 1
"""Of our own form, under the key `omost_canvas`."""

GRAPH_NESTING = 100
"""Lists and objects within each other in ComfyUI's graph; its nodes may hold what they want."""

_CANVAS_KEYS = {"omost_canvas", "regions", "color", SYNTAX, EXTRA, *CANVAS_FIELDS}
_REGION_KEYS = {"box", "color", SYNTAX, EXTRA, *REGION_FIELDS}


def read(text: str) -> Reading:
    """Read a canvas in whichever form the text holds: our JSON, ComfyUI_omost's, code, an answer.

    Also packed (`packed`), and within ComfyUI's graph (`workflow`). Never raises: what is wrong
    with the text comes back as diagnostics.
    """
    text = unpack(text)
    text = _in_graph(text) or text
    as_json = _read_json(text) if _looks_like_json(text) else None
    if as_json is not None and as_json.canvas is not None:
        return as_json
    reading = read_code(text)
    if reading.canvas is not None or too_long(text):
        return reading
    for block in reversed(fenced_blocks(text)):
        if _looks_like_json(block.code):
            return _read_json("\n" * (block.first_line - 1) + block.code)
    return as_json or reading


def to_json(canvas: Canvas, *, indent: int | None = None) -> str:
    """Write our own form, which `read` reads back as an equal canvas.

    Raises CanvasWriteError for unknown keys whose values JSON cannot hold, and for a canvas
    larger than `read` takes.
    """
    check_regions(canvas)
    data = {
        "omost_canvas": VERSION,
        **_described_to_json(canvas, _CANVAS_KEYS),
        "regions": [
            {
                **_place_to_json(region.place),
                "distance_to_viewer": region.distance_to_viewer,
                **_described_to_json(region, _REGION_KEYS),
                "atmosphere": region.atmosphere,
                "style": region.style,
                "quality_meta": region.quality_meta,
            }
            for region in canvas.regions
        ],
    }
    return dump(data, indent)


def to_text(canvas: Canvas) -> str:
    """Write a canvas as code where that says all of it, else as JSON; `read` is its inverse.

    Raises CanvasWriteError as `to_json` does.
    """
    try:
        text = to_code(canvas)
    except CanvasWriteError:
        return to_json(canvas, indent=2)
    return text if read(text).canvas == canvas else to_json(canvas, indent=2)


def write(canvas: Canvas, form: Form) -> str:
    """Write a canvas in one of the forms that people exchange.

    Raises CanvasWriteError where the form cannot hold the canvas.
    """
    if form == "code":
        return to_code(canvas)
    return to_json(canvas, indent=2) if form == "json" else to_comfy(canvas, indent=2)


def _described_to_json(part: Described, known: set[str]) -> dict[str, Any]:
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


def _in_graph(text: str) -> str | None:
    """The canvas that ComfyUI's graph holds, None where the text is no such graph."""
    if '"Omost' not in text or not _looks_like_json(text) or too_long(text):
        return None
    try:
        data = load_json(text, nesting=GRAPH_NESTING)
    except ValueError:
        return None
    return canvas_in(data) if isinstance(data, dict) else None


def _read_json(text: str) -> Reading:
    findings = Findings()
    if too_long(text):
        findings.error(too_long(text))
        return findings.reading(None)
    report_lost_characters(text, findings)
    try:
        data = load_json(text.removeprefix("\ufeff"))
    except json.JSONDecodeError as error:
        findings.error(f"this is not valid JSON: {error.msg}", error.lineno)
        return findings.reading(None)
    except NestingError as error:
        findings.error(str(error))
        return findings.reading(None)
    canvas = read_comfy(data, findings) if isinstance(data, list) else _read_own(data, findings)
    return findings.reading(canvas)


def _read_own(data: object, findings: Findings) -> Canvas | None:
    if not isinstance(data, dict) or not {"description", "regions"} & data.keys():
        findings.error("this JSON has neither a description nor regions; it is no canvas")
        return None
    version = data.get("omost_canvas", VERSION)
    if version != VERSION:
        findings.error(
            f"this canvas is of version {shown(version)}; this program reads version {VERSION}"
        )
        return None
    regions = data.get("regions")
    if not isinstance(regions, list):
        if regions is not None:
            findings.warning(f"regions must be a list, not {shown(regions)}; there are none now")
        regions = []
    if len(regions) > MAX_REGIONS:
        findings.warning(f"only the first {MAX_REGIONS} regions are read")
    reader = field_reader(data, "the global description", findings)
    canvas = reader.canvas(read_extra(data, _CANVAS_KEYS, reader.where, findings))
    read_regions = [
        _read_own_region(region, f"region {number}", findings)
        for number, region in enumerate(regions[:MAX_REGIONS], start=1)
    ]
    return with_regions(canvas, read_regions)


def _read_own_region(data: object, where: str, findings: Findings) -> Region | None:
    if not isinstance(data, dict):
        findings.warning(f"{where}: must be an object, not {shown(data)}; it is left out")
        return None
    box = read_box(data["box"], f"{where}: box", findings) if "box" in data else None
    if box is None and "box" in data:
        return None
    extra = read_extra(data, _REGION_KEYS, where, findings)
    return field_reader(data, where, findings).region(extra, box)
