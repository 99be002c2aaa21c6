"""Writes canvas code with `bbox=[x, y, width, height]` in canvas units instead of place names.

The dialect occurs in public files that language models wrote; `canvas.code_reader` reads it. Boxes
without a name and colours without a name (written as "#RRGGBB") keep their values in it.
"""

from __future__ import annotations

from lib_omost.canvas.code_writer import format_call
from lib_omost.canvas.colors import color_name
from lib_omost.canvas.fields import SYNTAX
from lib_omost.canvas.json_values import check_regions
from lib_omost.canvas.model import Box, Canvas, Color, DescribedPart, Region


def write(canvas: Canvas) -> str:
    """Writes canvas code with boxes.

    Args:
        canvas: The canvas.

    Returns:
        The code, a line for each argument.

    Raises:
        CanvasWriteError: The canvas exceeds a limit of the readers.
    """
    check_regions(canvas)
    calls = [format_call("set_global_description", _described(canvas))]
    calls += [
        format_call(
            "add_local_description",
            {
                "bbox": _numbers(region.box),
                "distance_to_viewer": region.distance_to_viewer,
                **_described(region),
            },
        )
        for region in canvas.regions
    ]
    return "\n".join(["canvas = Canvas()\n", *calls])


def written_color(color: Color) -> str:
    """Returns the HTML name of a colour, or "#rrggbb" for a colour without a name."""
    return color_name(color) or "#{:02x}{:02x}{:02x}".format(*color)


def _described(part: DescribedPart) -> dict[str, object]:
    arguments: dict[str, object] = {
        "description": part.description,
        "detailed_descriptions": part.detailed_descriptions,
        "tags": part.tags,
    }
    if isinstance(part, Region):
        arguments |= {
            "atmosphere": part.atmosphere,
            "style": part.style,
            "quality_meta": part.quality_meta,
        }
    arguments["HTML_web_color_name"] = written_color(part.color)
    return arguments if part.syntax == "plain" else {**arguments, SYNTAX: part.syntax}


def _numbers(box: Box) -> list[float]:
    sides = [box.left, box.top, box.right - box.left, box.bottom - box.top]
    return [int(side) if float(side).is_integer() else round(side, 4) for side in sides]
