"""The boxes of ComfyUI's node Create Bounding Boxes, alone or in the node of a ComfyUI graph.

Boxes are {x, y, width, height} in pixels. They follow from far to near.

Source: ComfyUI, comfy_extras/nodes_bounding_boxes.py.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeGuard

from lib_omost.canvas.diagnostics import DiagnosticCollector
from lib_omost.canvas.fields import FieldReader, to_number
from lib_omost.canvas.json_values import check_regions, dump_json, field_reader
from lib_omost.canvas.layouts.boxes import Grid, read_box, write_box
from lib_omost.canvas.layouts.regions import (
    number_depths,
    object_readers,
    read_palette,
    write_palette,
)
from lib_omost.canvas.layouts.texts import describe_words, one_text, split_words
from lib_omost.canvas.model import Canvas, Region, is_finite

NODE = "CreateBoundingBoxes"
DEFAULT_SIDE = 1024
"""Default width and height of the node, in pixels."""

MAX_SIDE = 16_384
"""Maximum width and height of the node, in pixels."""

SIDES = ("x", "y", "width", "height")


def matches(data: object) -> bool:
    """Returns whether parsed JSON is a list of boxes, or an object that contains one."""
    return any(_frames(data)) if isinstance(data, dict) else bool(_boxes(data))


def read(data: Any, diagnostics: DiagnosticCollector) -> Canvas:
    """Reads boxes.

    Args:
        data: Parsed JSON that `matches` accepts: a list of boxes, a list with one such list, an
            object with the boxes and `width` and `height` of the picture, or a graph.
        diagnostics: Receives the diagnostics.
    """
    boxes, grid = next(_frames(data)) if isinstance(data, dict) else (_boxes(data), None)
    diagnostics.note("the boxes have no common text; the global description is empty")
    grid = grid or _assumed_grid(boxes, diagnostics)
    readers = object_readers(boxes, "the list of boxes", diagnostics)
    return Canvas(
        description="",
        regions=number_depths([_read_region(reader, box, grid) for reader, box in readers]),
    )


def write(canvas: Canvas, size: tuple[int, int] = (DEFAULT_SIDE, DEFAULT_SIDE)) -> str:
    """Writes the list of boxes that the node's input `bboxes` reads.

    Args:
        canvas: The canvas.
        size: Width and height of the picture in pixels, as set in the node.

    Returns:
        The JSON text, indented.

    Raises:
        CanvasWriteError: The canvas exceeds a limit of the readers.
    """
    check_regions(canvas)
    return dump_json([_write_region(region, Grid(*size)) for region in canvas.far_to_near()], 2)


def _boxes(value: object) -> list[Any]:
    """Returns the boxes of a list, which may be nested once; an empty list for other values."""
    if isinstance(value, list) and len(value) == 1 and isinstance(value[0], list):
        value = value[0]
    return value if isinstance(value, list) and value and all(map(_is_box, value)) else []


def _is_box(value: object) -> bool:
    return isinstance(value, dict) and value.keys() >= set(SIDES)


def _frames(data: dict[Any, Any]) -> Iterator[tuple[list[Any], Grid | None]]:
    """Yields the boxes and the picture size of an object, and of each node of a graph."""
    yield from _frame(list(data.values()), data)
    nodes = data.get("nodes")
    for node in nodes if isinstance(nodes, list) else data.values():
        if isinstance(node, dict) and node.get("class_type", node.get("type")) == NODE:
            inputs, widgets = node.get("inputs"), node.get("widgets_values")
            if isinstance(inputs, dict):  # the graph as it runs
                yield from _frame(list(inputs.values()), inputs)
            if isinstance(widgets, list):  # the graph as the page draws it
                sides = [value for value in widgets if _is_side(value)]
                named = dict(zip(("width", "height"), sides, strict=False))
                yield from _frame(widgets, named)


def _frame(values: list[Any], named: Mapping[Any, Any]) -> Iterator[tuple[list[Any], Grid | None]]:
    boxes = next(filter(None, map(_boxes, values)), None)
    if boxes:
        width, height = named.get("width"), named.get("height")
        yield boxes, Grid(width, height) if _is_side(width) and _is_side(height) else None


def _is_side(value: object) -> TypeGuard[int]:
    return type(value) is int and 0 < value <= MAX_SIDE


def _assumed_grid(boxes: list[Any], diagnostics: DiagnosticCollector) -> Grid:
    """Returns the node's default size, or a larger one that contains all boxes."""
    width, height = (
        int(min(max(DEFAULT_SIDE, *(_number(box[a]) + _number(box[b]) for box in boxes)), MAX_SIDE))
        for a, b in (("x", "width"), ("y", "height"))
    )
    diagnostics.warning(
        f"the boxes are in pixels of a picture of unknown size; {width} x {height} is assumed. "
        'State it as {"width": ..., "height": ..., "bboxes": [the boxes]}'
    )
    return Grid(width, height)


def _number(value: object) -> float:
    number = to_number(value)
    return number if number is not None and is_finite(number) else 0.0


def _read_region(reader: FieldReader, box: Mapping[str, Any], grid: Grid) -> Region:
    metadata = box.get("metadata")
    texts = metadata if isinstance(metadata, dict) else {}
    text_reader = field_reader(texts, reader.where, reader.diagnostics)
    description, words = text_reader.read_text("desc"), text_reader.read_text("text")
    return Region(
        description=describe_words(words, description) if words else description,
        place=read_box(
            [box[side] for side in SIDES],
            "left top width height",
            grid,
            reader.where,
            reader.diagnostics,
        ),
        color=read_palette(reader, texts.get("palette")),
    )


def _write_region(region: Region, grid: Grid) -> dict[str, Any]:
    words, description = split_words(one_text(region))
    return {
        **dict(zip(SIDES, write_box(region.box, "left top width height", grid), strict=True)),
        "metadata": {
            "type": "text" if words else "obj",
            "text": words,
            "desc": description,
            "palette": write_palette(region.color),
        },
    }
