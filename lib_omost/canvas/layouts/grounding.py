"""The boxes with which vision models point at objects: GLM-V, Qwen-VL and Gemini.

Boxes are `bbox_2d`: [x1, y1, x2, y2], or Gemini's `box_2d`: [y_min, x_min, y_max, x_max], both from
0 to 1000. Qwen2.5-VL writes pixels of a picture whose size the answer does not contain.

Sources: the model cards of zai-org/GLM-4.5V and Qwen/Qwen3-VL, and ai.google.dev's guide
"Image understanding".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lib_omost.canvas.diagnostics import DiagnosticCollector
from lib_omost.canvas.fields import FieldReader, to_number
from lib_omost.canvas.json_values import check_regions, dump_json
from lib_omost.canvas.layouts.boxes import THOUSAND, Grid, Order, read_box, write_box
from lib_omost.canvas.layouts.regions import number_depths, object_readers
from lib_omost.canvas.layouts.texts import one_text
from lib_omost.canvas.model import Canvas, Region, is_finite

ORDERS: dict[str, Order] = {
    "bbox_2d": "left top right bottom",
    "box_2d": "top left bottom right",
}
"""Maps the key of a box to the meaning of its numbers."""

LABEL_KEYS = ("label", "description", "desc", "caption", "name", "text_content")


def matches(data: object) -> bool:
    """Returns whether parsed JSON is a list of objects, or an object with one such list."""
    return bool(_objects(data))


def read(data: Any, diagnostics: DiagnosticCollector) -> Canvas:
    """Reads a list of objects, which may be the only list of a JSON object.

    Args:
        data: Parsed JSON that `matches` accepts.
        diagnostics: Receives the diagnostics.
    """
    diagnostics.note("the boxes have no common text; the global description is empty")
    objects = _objects(data)
    grid = _grid(objects, diagnostics)
    readers = object_readers(objects, "the list of objects", diagnostics)
    return Canvas(
        description="",
        regions=number_depths([_read_region(reader, item, grid) for reader, item in readers]),
    )


def write(canvas: Canvas) -> str:
    """Writes `bbox_2d` and `label` of each region.

    Args:
        canvas: The canvas.

    Returns:
        The JSON text, indented.

    Raises:
        CanvasWriteError: The canvas exceeds a limit of the readers.
    """
    check_regions(canvas)
    objects = [
        {
            "bbox_2d": write_box(region.box, ORDERS["bbox_2d"], THOUSAND),
            "label": one_text(region),
        }
        for region in canvas.far_to_near()
    ]
    return dump_json(objects, 2)


def _objects(data: object) -> list[Any]:
    if isinstance(data, dict) and not ORDERS.keys() & data.keys():
        lists = [value for value in data.values() if isinstance(value, list)]
        data = lists[0] if len(lists) == 1 else None
    objects = data if isinstance(data, list) else [data]
    are_objects = all(isinstance(item, dict) and ORDERS.keys() & item.keys() for item in objects)
    return objects if are_objects else []


def _box_key(item: Mapping[str, Any]) -> str:
    return next(key for key in ORDERS if key in item)


def _grid(objects: list[Any], diagnostics: DiagnosticCollector) -> Grid:
    """Returns the grid from 0 to 1000, or a larger one if the boxes are obviously pixels."""
    numbers = [
        number
        for item in objects
        for value in (item[_box_key(item)],)
        if isinstance(value, list)
        for number in map(to_number, value)
        if number is not None and is_finite(number)
    ]
    largest = max(numbers, default=0)
    if largest <= 1000:
        return THOUSAND
    diagnostics.warning(
        f"the boxes exceed 1000; they are read as pixels of a picture of {largest:g} x {largest:g}"
    )
    return Grid(round(largest), round(largest))


def _read_region(reader: FieldReader, item: Mapping[str, Any], grid: Grid) -> Region:
    box_key = _box_key(item)
    label_key = next((key for key in LABEL_KEYS if key in item), None)
    if label_key is None:
        reader.diagnostics.warning(f"{reader.where}: it has no label; its description is empty")
    return Region(
        description=reader.read_text(label_key) if label_key else "",
        place=read_box(item[box_key], ORDERS[box_key], grid, reader.where, reader.diagnostics),
    )
