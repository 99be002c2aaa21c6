"""FLUX 3 layouts: a paragraph that names elements as <id>, then a JSON list of rows.

Boxes are [top, left, bottom, right] from 0 to 1000. The rows follow from far to near.

Sources: docs.bfl.ai/flux_3/flux3_image_bounding_boxes, ComfyUI's node Flux3LayoutPrompt (ids
obj_1, obj_2, ...), and runware.ai's guide, which names the same values `targetBox` and
`description`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from lib_omost.canvas.diagnostics import DiagnosticCollector
from lib_omost.canvas.fields import FieldReader, describe_value
from lib_omost.canvas.json_values import check_regions, dump_json
from lib_omost.canvas.layouts.boxes import THOUSAND, read_box, write_box
from lib_omost.canvas.layouts.regions import number_depths, object_readers
from lib_omost.canvas.layouts.texts import one_text
from lib_omost.canvas.model import Canvas, Region

BOX_KEYS = ("bbox", "tgt_bbox", "targetBox")
TEXT_KEYS = ("desc", "description")

_ID = re.compile(r"\s{0,9}<([A-Za-z][\w-]{0,60})>")
_FENCE = re.compile(r"```(?:\w{0,20}\n)?")
_NUMBER = re.compile(r"_?\d+$")


def matches(data: object) -> bool:
    """Returns whether parsed JSON is a list of rows."""
    return (
        isinstance(data, list)
        and bool(data)
        and all(
            isinstance(row, dict) and "id" in row and any(key in row for key in BOX_KEYS)
            for row in data
        )
    )


def read(data: Any, before: str, diagnostics: DiagnosticCollector) -> Canvas:
    """Reads a layout.

    Args:
        data: Rows that `matches` accepts.
        before: The text before the rows, which is the paragraph, or ends with it in a code block.
        diagnostics: Receives the diagnostics.
    """
    paragraph = _without_ids(_FENCE.split(before)[-1])
    if not paragraph:
        diagnostics.note("the rows have no paragraph; the global description is empty")
    return Canvas(description=paragraph, regions=_read_rows(data, diagnostics))


def write(canvas: Canvas) -> str:
    """Writes a prompt; the ids of the rows follow the global texts.

    Args:
        canvas: The canvas.

    Returns:
        The paragraph and the rows.

    Raises:
        CanvasWriteError: The canvas exceeds a limit of the readers.
    """
    check_regions(canvas)
    regions = canvas.far_to_near()
    rows = [
        {
            "id": f"obj_{number}",
            "bbox": write_box(region.box, "top left bottom right", THOUSAND),
            "desc": one_text(region),
        }
        for number, region in enumerate(regions, start=1)
    ]
    ids = [f"<{row['id']}>" for row in rows]
    return " ".join([one_text(canvas), *ids, dump_json(rows, None)])


def _without_ids(paragraph: str) -> str:
    """Replaces each <id> by its words unless the words precede it, as in "a red boat <boat_1>"."""

    def replace(match: re.Match[str]) -> str:
        words = _NUMBER.sub("", match[1]).replace("_", " ").lower()
        before = paragraph[max(match.start() - 100, 0) : match.start()].lower()
        return "" if words in ("obj", "") or words in before else f" {words}"

    return _ID.sub(replace, paragraph).strip()


def _read_rows(rows: object, diagnostics: DiagnosticCollector) -> tuple[Region, ...]:
    readers = object_readers(rows, "the list of rows", diagnostics)
    regions = [_read_row(reader, row) for reader, row in readers]
    return number_depths([region for region in regions if region is not None])


def _read_row(reader: FieldReader, row: Mapping[str, Any]) -> Region | None:
    box_key = next(key for key in BOX_KEYS if key in row)
    if box_key != "bbox" and row[box_key] is None:
        reader.diagnostics.warning(f"{reader.where}: it removes an element; it is left out")
        return None
    if row.get("from") is not None:
        reader.diagnostics.warning(
            f"{reader.where}: it refers to {describe_value(row['from'])}; a canvas contains no "
            "reference pictures"
        )
    text_key = next((key for key in TEXT_KEYS if key in row), None)
    return Region(
        description=reader.read_text(text_key) if text_key else str(row["id"])[:80],
        place=read_box(
            row[box_key], "top left bottom right", THOUSAND, reader.where, reader.diagnostics
        ),
    )
