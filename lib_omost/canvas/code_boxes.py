"""Reads canvas code with `bbox=[x, y, width, height]` (layouts/bbox_code.py writes it)."""

from __future__ import annotations

from lib_omost.canvas.diagnostics import DiagnosticCollector
from lib_omost.canvas.fields import FieldValue, describe_value, to_number
from lib_omost.canvas.model import UNITS, Box, is_finite

BOX_NAMES = ("bbox", "box", "bounding_box", "rect", "rectangle", "bounds")
"""Parameters that contain a box."""

_SIDES = (("x", "left"), ("y", "top"), ("width", "w"), ("height", "h"))


def join_box_sides(
    keywords: list[tuple[str | None, FieldValue]],
) -> list[tuple[str | None, FieldValue]]:
    """Replaces the arguments x, y, width and height of a call by one box."""
    values = {name: value for name, value in keywords if name}
    sides = [next((name for name in names if name in values), "") for names in _SIDES]
    if not all(sides):
        return keywords
    box = FieldValue([values[name].value for name in sides], values[sides[0]].line)
    return [*((name, value) for name, value in keywords if name not in sides), ("bbox", box)]


def read_code_box(field: FieldValue, where: str, diagnostics: DiagnosticCollector) -> Box | None:
    """Reads a box of canvas code and clips it to the canvas.

    Args:
        field: The value: [x, y, width, height] in canvas units from the top left corner, or an
            object with these names. If it exceeds the canvas, it may be [left, top, right, bottom].
        where: The name of the region in diagnostics.
        diagnostics: Receives the warnings.

    Returns:
        The box; None after a warning if the value is not a box.
    """
    value = field.value
    if isinstance(value, dict):
        value = [next((value[name] for name in names if name in value), None) for names in _SIDES]
    numbers = [to_number(side) for side in value] if isinstance(value, (list, tuple)) else []
    sides = [side for side in numbers if side is not None and is_finite(side) and side >= 0]
    if len(numbers) != 4 or len(sides) != 4:
        _warn_unreadable(field, where, diagnostics)
        return None
    if max(sides) <= 1 and any(side % 1 for side in sides):
        sides = [side * UNITS for side in sides]
        diagnostics.warning(f"{where}: its box is read as fractions of the canvas", field.line)
    x, y, width, height = sides
    right, bottom = x + width, y + height
    if max(right, bottom) > UNITS:
        if x < width <= UNITS and y < height <= UNITS:
            right, bottom = width, height
            diagnostics.warning(
                f"{where}: its box exceeds the canvas as [x, y, width, height]; it is read as "
                "[left, top, right, bottom]",
                field.line,
            )
        elif max(sides) <= UNITS:
            right, bottom = min(right, UNITS), min(bottom, UNITS)
            diagnostics.warning(f"{where}: its box is clipped to the canvas", field.line)
    try:
        return Box(top=y, bottom=bottom, left=x, right=right)
    except ValueError:
        _warn_unreadable(field, where, diagnostics)
        return None


def _warn_unreadable(field: FieldValue, where: str, diagnostics: DiagnosticCollector) -> None:
    diagnostics.warning(
        f"{where}: its box must be [x, y, width, height] in numbers from 0 to {UNITS}, not "
        f"{describe_value(field.value)}; it is left out",
        field.line,
    )
