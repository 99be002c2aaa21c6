"""The array of conditions that ComfyUI_omost reads and shows: far to near, item 0 global."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

from lib_omost.canvas.code_writer import CanvasWriteError
from lib_omost.canvas.diagnostics import Findings
from lib_omost.canvas.fields import SYNTAX, FieldReader, shown
from lib_omost.canvas.json_values import (
    check_regions,
    dump,
    field_reader,
    read_box,
    read_extra,
    with_regions,
)
from lib_omost.canvas.limits import MAX_REGIONS
from lib_omost.canvas.model import UNITS, WHOLE, Box, Canvas, Region
from lib_omost.canvas.sub_prompts import normalise, suffix_texts

_KEYS = {"rect", "prefixes", "suffixes", "color", SYNTAX}


def to_comfy(canvas: Canvas, *, indent: int | None = None) -> str:
    """Write ComfyUI_omost's array: far to near, item 0 global, boxes in whole units.

    What it has no room for is lost: distances (the order stays) and which suffix was a tag, an
    atmosphere or a style. Raises CanvasWriteError as `to_json` does.
    """
    check_regions(canvas)
    prefixes = _sub_prompts([canvas.description])
    items = [_item(WHOLE, prefixes, canvas)]
    for region in canvas.far_to_near():
        items.append(_item(region.box, prefixes + _sub_prompts([region.description]), region))
    return dump(items, indent)


def _item(box: Box, prefixes: list[str], part: Canvas | Region) -> dict[str, Any]:
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
    """Return the texts that say something, as they are encoded; that program adds nothing."""
    return [text for text in map(normalise, texts) if text]


def read_comfy(data: list[object], findings: Findings) -> Canvas | None:
    """Read that program's array; None, and an error, where it is none.

    Suffixes stay one flat list, as detailed descriptions. The file has no distances, so regions
    get n, ..., 2, 1 in its order.
    """
    if not data or not isinstance(data[0], dict) or "prefixes" not in data[0]:
        findings.error(
            "this JSON array is no canvas: item 0 must be an object with rect, prefixes, "
            "suffixes and color"
        )
        return None
    if len(data) > MAX_REGIONS + 1:
        findings.warning(f"only the first {MAX_REGIONS} regions are read")
        del data[MAX_REGIONS + 1 :]
    reader = field_reader(data[0], "item 0", findings)
    if data[0].get("rect", [0, UNITS, 0, UNITS]) != [0, UNITS, 0, UNITS]:
        findings.warning("item 0: it describes the whole picture; its rect is ignored")
    prefixes = reader.texts("prefixes")
    canvas = Canvas(description=" ".join(prefixes), **_described(data[0], reader, findings))
    regions = [
        _read_region(item, number, len(data), prefixes, findings)
        for number, item in enumerate(data[1:], start=1)
    ]
    return with_regions(canvas, regions)


def _read_region(
    item: object, number: int, count: int, global_prefixes: tuple[str, ...], findings: Findings
) -> Region | None:
    where = f"item {number}"
    if not isinstance(item, dict):
        findings.warning(f"{where}: must be an object, not {shown(item)}; it is left out")
        return None
    box = read_box(item.get("rect"), f"{where}: rect", findings)
    if box is None:
        return None
    reader = field_reader(item, where, findings)
    prefixes = reader.texts("prefixes")
    if prefixes[: len(global_prefixes)] == global_prefixes:
        prefixes = prefixes[len(global_prefixes) :]
    elif prefixes:
        findings.warning(f"{where}: its prefixes lack item 0's, which lead every region here")
    if len(prefixes) > 1:
        findings.warning(f"{where}: its prefixes are joined to one description")
    return Region(
        description=" ".join(prefixes),
        place=box,
        distance_to_viewer=float(count - number),  # far to near: only the order is known
        **_described(item, reader, findings),
    )


def _described(item: Mapping[str, Any], reader: FieldReader, findings: Findings) -> dict[str, Any]:
    return {
        "detailed_descriptions": reader.texts("suffixes"),
        "color": reader.color("color"),
        "syntax": reader.syntax(),
        "extra": read_extra(item, _KEYS, reader.where, findings),
    }
