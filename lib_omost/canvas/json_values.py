"""What both JSON forms share: bounds, boxes, unknown keys, and reports that name the item."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from lib_omost.canvas.bounded_json import depth_exceeds
from lib_omost.canvas.code_writer import CanvasWriteError
from lib_omost.canvas.diagnostics import Findings
from lib_omost.canvas.fields import FieldReader, NamedValues, shown, whole_text
from lib_omost.canvas.limits import MAX_CHARACTERS, MAX_EXTRA_NESTING, MAX_NESTING, MAX_REGIONS
from lib_omost.canvas.model import UNITS, Box, Canvas, Region, is_finite

EXTRA = "extra"
"""The key for unknown keys that bear the name of a known one."""


def check_regions(canvas: Canvas) -> None:
    """Raise CanvasWriteError for more regions than are read back."""
    if len(canvas.regions) > MAX_REGIONS:
        raise CanvasWriteError(
            f"the canvas has {len(canvas.regions)} regions; files are read up to {MAX_REGIONS}"
        )


def dump(data: object, indent: int | None) -> str:
    """Write JSON. Raises CanvasWriteError for what it cannot hold, or what is not read back."""
    if depth_exceeds(data, MAX_NESTING):
        raise CanvasWriteError(
            f"an unknown key is nested too deeply: the file is read up to {MAX_NESTING} deep"
        )
    try:
        text = json.dumps(data, ensure_ascii=False, allow_nan=False, indent=indent)
    except (TypeError, ValueError, RecursionError) as error:
        raise CanvasWriteError(f"an unknown key holds what JSON cannot: {error}") from error
    if len(text) > MAX_CHARACTERS:
        raise CanvasWriteError(
            f"the file would have {len(text):,} characters; it is read up to {MAX_CHARACTERS:,}"
        )
    return text


def field_reader(data: Mapping[str, Any], where: str, findings: Findings) -> FieldReader:
    """A reader of an object's keys as fields; `where` names the object in what is reported."""
    return FieldReader({key: NamedValues(value) for key, value in data.items()}, where, findings)


def with_regions(canvas: Canvas, regions: list[Region | None]) -> Canvas:
    """The canvas with those of the regions that could be read."""
    return replace(canvas, regions=tuple(region for region in regions if region is not None))


def read_box(value: object, where: str, findings: Findings) -> Box | None:
    """Four numbers, [top, bottom, left, right], as a box; None, and a warning, otherwise."""
    numbers = value if isinstance(value, list) and len(value) == 4 else []
    if not numbers or not all(type(side) in (int, float) and is_finite(side) for side in numbers):
        findings.warning(
            f"{where} must be [top, bottom, left, right] in numbers from 0 to {UNITS}, "
            f"not {shown(value)}; the region is left out"
        )
        return None
    inside = [min(max(side, 0), UNITS) for side in numbers]
    try:
        box = Box(*inside)
    except ValueError as error:
        findings.warning(f"{where} {shown(value)}: {error}; the region is left out")
        return None
    if inside != numbers:
        findings.warning(f"{where} {shown(value)} is cut to the canvas, 0 to {UNITS}")
    return box


def read_extra(
    data: Mapping[str, Any], known: set[str], where: str, findings: Findings
) -> dict[str, Any]:
    """Return the unknown keys, which are written again, without those that cannot be.

    Those are numbers that JSON does not have, and values nested more than MAX_EXTRA_NESTING deep.
    """
    unknown = {key: value for key, value in data.items() if key not in known}
    clashing = data.get(EXTRA)
    if EXTRA in known and clashing is not None:
        unknown.update(clashing if isinstance(clashing, dict) else {EXTRA: clashing})
    extra: dict[str, Any] = {}
    for key, value in unknown.items():
        if depth_exceeds(value, MAX_EXTRA_NESTING):
            findings.warning(
                f"{where}: {shown(key)} is nested more than {MAX_EXTRA_NESTING} deep; "
                "it is left out"
            )
            continue
        try:
            extra[whole_text(key)] = _portable(value)
        except ValueError:
            findings.warning(f"{where}: {shown(key)} holds a number without end; it is left out")
    return extra


def _portable(value: Any) -> Any:
    """The value with whole texts. Raises ValueError for NaN and Infinity."""
    if isinstance(value, str):
        return whole_text(value)
    if isinstance(value, (int, float)) and not is_finite(value):
        raise ValueError
    if isinstance(value, list):
        return [_portable(item) for item in value]
    if isinstance(value, dict):
        return {whole_text(key): _portable(item) for key, item in value.items()}
    return value
