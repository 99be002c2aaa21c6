"""Shared by readers and writers of JSON canvases: limits, boxes, unknown keys, serialisation."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from lib_omost.canvas.bounded_json import depth_exceeds
from lib_omost.canvas.code_writer import CanvasWriteError
from lib_omost.canvas.diagnostics import DiagnosticCollector
from lib_omost.canvas.fields import FieldReader, FieldValue, describe_value, replace_surrogates
from lib_omost.canvas.lenient_json import CutOffObject
from lib_omost.canvas.limits import MAX_CHARACTERS, MAX_EXTRA_NESTING, MAX_NESTING, MAX_REGIONS
from lib_omost.canvas.model import UNITS, Box, Canvas, Region, is_finite

EXTRA = "extra"
"""Key of an object for unknown keys with the same name as a known key."""


def check_regions(canvas: Canvas) -> None:
    """Raises CanvasWriteError if the canvas has more regions than the readers accept."""
    if len(canvas.regions) > MAX_REGIONS:
        raise CanvasWriteError(
            f"the canvas has {len(canvas.regions)} regions; files are read up to {MAX_REGIONS}"
        )


def dump_json(data: object, indent: int | None) -> str:
    """Serialises a canvas to JSON that the readers accept.

    Args:
        data: Lists, objects, texts, numbers, booleans and None.
        indent: Spaces for each level; None for a single line.

    Returns:
        The JSON text.

    Raises:
        CanvasWriteError: JSON cannot express a value, or the text exceeds a limit of the readers.
    """
    if depth_exceeds(data, MAX_NESTING):
        raise CanvasWriteError(
            f"an unknown key is nested too deeply: the file is read up to {MAX_NESTING} deep"
        )
    try:
        text = json.dumps(data, ensure_ascii=False, allow_nan=False, indent=indent)
    except (TypeError, ValueError, RecursionError) as error:
        raise CanvasWriteError(
            f"JSON cannot express the value of an unknown key: {error}"
        ) from error
    if len(text) > MAX_CHARACTERS:
        raise CanvasWriteError(
            f"the file would have {len(text):,} characters; it is read up to {MAX_CHARACTERS:,}"
        )
    return text


def field_reader(
    data: Mapping[str, Any], where: str, diagnostics: DiagnosticCollector
) -> FieldReader:
    """Returns a reader of the fields of a JSON object; `where` names the object in diagnostics."""
    return FieldReader({key: FieldValue(value) for key, value in data.items()}, where, diagnostics)


def with_regions(canvas: Canvas, regions: list[Region | None]) -> Canvas:
    """Adds the readable regions, those that are not None, to the canvas."""
    return replace(canvas, regions=tuple(region for region in regions if region is not None))


def read_box(value: object, where: str, diagnostics: DiagnosticCollector) -> Box | None:
    """Reads a box and clips it to the canvas.

    Args:
        value: [top, bottom, left, right] in canvas units.
        where: The name of the value in diagnostics, such as "region 2: box".
        diagnostics: Receives the warnings.

    Returns:
        The box; None after a warning if the value is not a box.
    """
    numbers = value if isinstance(value, list) and len(value) == 4 else []
    if not numbers or not all(type(side) in (int, float) and is_finite(side) for side in numbers):
        diagnostics.warning(
            f"{where} must be [top, bottom, left, right] in numbers from 0 to {UNITS}, "
            f"not {describe_value(value)}; the region is left out"
        )
        return None
    clipped = [min(max(side, 0), UNITS) for side in numbers]
    try:
        box = Box(*clipped)
    except ValueError as error:
        diagnostics.warning(f"{where} {describe_value(value)}: {error}; the region is left out")
        return None
    if clipped != numbers:
        diagnostics.warning(
            f"{where} {describe_value(value)} is clipped to the canvas, 0 to {UNITS}"
        )
    return box


def is_readable_part(
    data: Mapping[str, Any], needed: Iterable[str], where: str, diagnostics: DiagnosticCollector
) -> bool:
    """Returns whether a region is complete enough; warns if the text ends inside it.

    Args:
        data: The JSON object of the region.
        needed: The keys that a region must have if the text ends inside it.
        where: The name of the region in diagnostics.
        diagnostics: Receives the warning.
    """
    if not isinstance(data, CutOffObject):
        return True
    if all(key in data for key in needed):
        diagnostics.warning(f"{where}: the text ends inside it; its last fields are missing")
        return True
    diagnostics.warning(
        f"{where}: the text ends before its place and description are complete; it is left out"
    )
    return False


def read_extra(
    data: Mapping[str, Any], known: set[str], where: str, diagnostics: DiagnosticCollector
) -> dict[str, Any]:
    """Returns the unknown keys that a file can store again, and warns about the others.

    Values with NaN or infinity and values deeper than MAX_EXTRA_NESTING are left out.

    Args:
        data: The JSON object.
        known: The keys that the format defines.
        where: The name of the object in diagnostics.
        diagnostics: Receives the warnings.
    """
    unknown = {key: value for key, value in data.items() if key not in known}
    clashing = data.get(EXTRA)
    if EXTRA in known and clashing is not None:
        unknown.update(clashing if isinstance(clashing, dict) else {EXTRA: clashing})
    extra: dict[str, Any] = {}
    for key, value in unknown.items():
        if depth_exceeds(value, MAX_EXTRA_NESTING):
            diagnostics.warning(
                f"{where}: {describe_value(key)} is nested more than {MAX_EXTRA_NESTING} deep; "
                "it is left out"
            )
            continue
        try:
            extra[replace_surrogates(key)] = _storable(value)
        except ValueError:
            diagnostics.warning(
                f"{where}: {describe_value(key)} contains NaN or an infinity; it is left out"
            )
    return extra


def _storable(value: Any) -> Any:
    """Replaces lone surrogates in a value. Raises ValueError for NaN and infinity."""
    if isinstance(value, str):
        return replace_surrogates(value)
    if isinstance(value, (int, float)) and not is_finite(value):
        raise ValueError
    if isinstance(value, list):
        return [_storable(item) for item in value]
    if isinstance(value, dict):
        return {replace_surrogates(key): _storable(item) for key, item in value.items()}
    return value
