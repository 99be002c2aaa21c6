"""Reads and writes this extension's JSON, an object with the fields of the canvas and `regions`.

Source: "Other forms of a canvas" in docs/omost-format.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lib_omost.canvas.diagnostics import DiagnosticCollector
from lib_omost.canvas.fields import (
    CANVAS_FIELDS,
    HIDDEN,
    REGION_FIELDS,
    SYNTAX,
    describe_value,
)
from lib_omost.canvas.json_values import (
    EXTRA,
    check_regions,
    dump_json,
    field_reader,
    is_readable_part,
    read_box,
    read_extra,
    with_regions,
)
from lib_omost.canvas.limits import MAX_REGIONS
from lib_omost.canvas.model import Box, Canvas, DescribedPart, Place, Region

VERSION = 1
"""Version of this extension's JSON format, stored under the key `omost_canvas`."""

_CANVAS_KEYS = {"omost_canvas", "regions", "color", SYNTAX, EXTRA, *CANVAS_FIELDS}
_REGION_KEYS = {"box", "color", SYNTAX, HIDDEN, EXTRA, *REGION_FIELDS}


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
                **({HIDDEN: True} if region.hidden else {}),
            }
            for region in canvas.regions
        ],
    }
    return dump_json(data, indent)


def read_canvas_json(data: Mapping[str, Any], diagnostics: DiagnosticCollector) -> Canvas | None:
    """Reads this extension's JSON.

    Args:
        data: An object with a description or regions.
        diagnostics: Receives the diagnostics.

    Returns:
        The canvas; None after an error if another version of the format wrote the object.
    """
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
    place = ("box",) if "box" in data else ("location", "offset", "area")
    if not is_readable_part(data, (*place, "description"), where, diagnostics):
        return None
    box = read_box(data["box"], f"{where}: box", diagnostics) if "box" in data else None
    if box is None and "box" in data:
        return None
    extra = read_extra(data, _REGION_KEYS, where, diagnostics)
    return field_reader(data, where, diagnostics).read_region(extra, box)


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
