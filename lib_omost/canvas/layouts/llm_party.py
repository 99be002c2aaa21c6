"""The JSON of ComfyUI_LLM_party: "0" is the global description, "1", "2", ... are the regions.

The fields have the names and words of canvas code. `canvas.formats` reads the numbered keys.

Source: github.com/heshengtao/comfyui_LLM_party, node omost_json2py.
"""

from __future__ import annotations

from typing import Any

from lib_omost.canvas.json_values import check_regions, dump_json
from lib_omost.canvas.layouts.bbox_code import written_color
from lib_omost.canvas.model import Canvas, DescribedPart, Region, nearest_place


def write(canvas: Canvas) -> str:
    """Writes the numbered objects. A box without a name becomes the most similar place.

    Args:
        canvas: The canvas.

    Returns:
        The JSON text, indented.

    Raises:
        CanvasWriteError: The canvas exceeds a limit of the readers.
    """
    check_regions(canvas)
    parts = [_described(canvas), *map(_write_region, canvas.regions)]
    return dump_json({str(number): part for number, part in enumerate(parts)}, 2)


def _write_region(region: Region) -> dict[str, Any]:
    place = nearest_place(region.place)
    return {
        "location": place.location,
        "offset": place.offset,
        "area": place.area,
        "distance_to_viewer": region.distance_to_viewer,
        **_described(region),
        "atmosphere": region.atmosphere,
        "style": region.style,
        "quality_meta": region.quality_meta,
    }


def _described(part: DescribedPart) -> dict[str, Any]:
    return {
        "description": part.description,
        "detailed_descriptions": list(part.detailed_descriptions),
        "tags": part.tags,
        "HTML_web_color_name": written_color(part.color),
    }
