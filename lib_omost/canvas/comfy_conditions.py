"""Reads and writes ComfyUI_omost's JSON: an array of conditions from far to near, item 0 global.

Source: "Other forms of a canvas" in docs/omost-format.md.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

from lib_omost.canvas.code_writer import CanvasWriteError
from lib_omost.canvas.diagnostics import DiagnosticCollector
from lib_omost.canvas.fields import SYNTAX, FieldReader, describe_value
from lib_omost.canvas.json_values import (
    check_regions,
    dump_json,
    field_reader,
    is_readable_part,
    read_box,
    read_extra,
    with_regions,
)
from lib_omost.canvas.limits import MAX_REGIONS
from lib_omost.canvas.model import UNITS, WHOLE_CANVAS, Box, Canvas, Region
from lib_omost.canvas.prompt_texts import normalise, suffix_texts

_KEYS = {"rect", "prefixes", "suffixes", "color", SYNTAX}


def to_comfy(canvas: Canvas, *, indent: int | None = None) -> str:
    """Writes ComfyUI_omost's JSON.

    The format stores integer boxes. It does not store distances, only the order of the regions,
    and it does not distinguish tags, atmosphere, style and other suffixes.

    Args:
        canvas: The canvas.
        indent: Spaces for each level; None for a single line.

    Returns:
        The JSON text.

    Raises:
        CanvasWriteError: The canvas has an unknown key that JSON cannot express or that the format
            defines, or it exceeds a limit of the readers.
    """
    check_regions(canvas)
    prefixes = _sub_prompts([canvas.description])
    items = [_format_item(WHOLE_CANVAS, prefixes, canvas)]
    for region in canvas.far_to_near():
        items.append(
            _format_item(region.box, prefixes + _sub_prompts([region.description]), region)
        )
    return dump_json(items, indent)


def _format_item(box: Box, prefixes: list[str], part: Canvas | Region) -> dict[str, Any]:
    item: dict[str, Any] = {
        "rect": [
            math.floor(box.top),
            math.ceil(box.bottom),
            math.floor(box.left),
            math.ceil(box.right),
        ],
        "prefixes": prefixes,
        "suffixes": _sub_prompts(suffix_texts(part)),
        "color": list(part.color),
    }
    if part.syntax != "plain":
        item[SYNTAX] = part.syntax
    clashing = _KEYS & part.extra.keys()
    if clashing:
        raise CanvasWriteError(
            f"{part.description[:40]!r} has an unknown key {sorted(clashing)[0]!r}, "
            "which this form uses for something else"
        )
    return {**item, **part.extra}


def _sub_prompts(texts: Iterable[str]) -> list[str]:
    """Normalises the texts and drops empty ones, because ComfyUI_omost encodes them unchanged."""
    return [text for text in map(normalise, texts) if text]


def is_comfy(data: object) -> bool:
    """Returns whether parsed JSON is an array whose item 0 has prefixes."""
    return isinstance(data, list) and bool(data) and _has_prefixes(data[0])


def _has_prefixes(item: object) -> bool:
    return isinstance(item, dict) and "prefixes" in item


def read_comfy(data: list[Any], diagnostics: DiagnosticCollector) -> Canvas:
    """Reads ComfyUI_omost's JSON.

    All suffixes become detailed descriptions. The regions get the distances n, ..., 2, 1, because
    the format stores their order only.

    Args:
        data: An array that `is_comfy` accepts. Items above MAX_REGIONS are removed from it.
        diagnostics: Receives the diagnostics.
    """
    if len(data) > MAX_REGIONS + 1:
        diagnostics.warning(f"only the first {MAX_REGIONS} regions are read")
        del data[MAX_REGIONS + 1 :]
    reader = field_reader(data[0], "item 0", diagnostics)
    if data[0].get("rect", [0, UNITS, 0, UNITS]) != [0, UNITS, 0, UNITS]:
        diagnostics.warning("item 0: it describes the whole picture; its rect is ignored")
    prefixes = reader.read_texts("prefixes")
    canvas = Canvas(description=" ".join(prefixes), **_common_fields(data[0], reader, diagnostics))
    regions = [
        _read_region(item, number, len(data), prefixes, diagnostics)
        for number, item in enumerate(data[1:], start=1)
    ]
    return with_regions(canvas, regions)


def _read_region(
    item: object,
    number: int,
    count: int,
    global_prefixes: tuple[str, ...],
    diagnostics: DiagnosticCollector,
) -> Region | None:
    where = f"item {number}"
    if not isinstance(item, dict):
        diagnostics.warning(
            f"{where}: must be an object, not {describe_value(item)}; it is left out"
        )
        return None
    if not is_readable_part(item, ("rect", "prefixes"), where, diagnostics):
        return None
    box = read_box(item.get("rect"), f"{where}: rect", diagnostics)
    if box is None:
        return None
    reader = field_reader(item, where, diagnostics)
    prefixes = reader.read_texts("prefixes")
    if prefixes[: len(global_prefixes)] == global_prefixes:
        prefixes = prefixes[len(global_prefixes) :]
    elif prefixes:
        diagnostics.warning(
            f"{where}: its prefixes do not begin with those of item 0, which lead every region "
            "in this extension"
        )
    if len(prefixes) > 1:
        diagnostics.warning(f"{where}: its prefixes are joined into one description")
    return Region(
        description=" ".join(prefixes),
        place=box,
        distance_to_viewer=float(count - number),  # only the order is known
        **_common_fields(item, reader, diagnostics),
    )


def _common_fields(
    item: Mapping[str, Any], reader: FieldReader, diagnostics: DiagnosticCollector
) -> dict[str, Any]:
    return {
        "detailed_descriptions": reader.read_texts("suffixes"),
        "color": reader.read_color("color"),
        "syntax": reader.read_syntax(),
        "extra": read_extra(item, _KEYS, reader.where, diagnostics),
    }
