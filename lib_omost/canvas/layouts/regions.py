"""Builds the regions of a canvas from the elements of a layout."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from lib_omost.canvas.diagnostics import DiagnosticCollector
from lib_omost.canvas.fields import FieldReader, describe_value, replace_surrogates
from lib_omost.canvas.json_values import field_reader
from lib_omost.canvas.limits import MAX_REGIONS
from lib_omost.canvas.model import Color, DescribedPart, Region

Element = TypeVar("Element")


def first_elements(
    elements: Sequence[Element], diagnostics: DiagnosticCollector
) -> Sequence[Element]:
    """Returns the elements up to MAX_REGIONS and warns about the others."""
    if len(elements) > MAX_REGIONS:
        diagnostics.warning(f"only the first {MAX_REGIONS} of {len(elements)} regions are read")
    return elements[:MAX_REGIONS]


def object_readers(
    elements: object, name: str, diagnostics: DiagnosticCollector
) -> list[tuple[FieldReader, Mapping[str, Any]]]:
    """Returns a field reader for each object of a list, and the object; warns about the rest.

    Args:
        elements: The list from a file.
        name: The name of the list in diagnostics.
        diagnostics: Receives the warnings.
    """
    if not isinstance(elements, list):
        if elements is not None:
            diagnostics.warning(
                f"{name} must be a list, not {describe_value(elements)}; it is left out"
            )
        return []
    readers: list[tuple[FieldReader, Mapping[str, Any]]] = []
    for number, element in enumerate(first_elements(elements, diagnostics), start=1):
        if isinstance(element, dict):
            readers.append((field_reader(element, f"region {number}", diagnostics), element))
        else:
            diagnostics.warning(
                f"region {number}: must be an object, not {describe_value(element)}; it is left out"
            )
    return readers


def number_depths(regions: Sequence[Region]) -> tuple[Region, ...]:
    """Returns regions in the order far to near with the distances n, ..., 2, 1."""
    count = len(regions)
    return tuple(
        replace(region, distance_to_viewer=float(count - index))
        for index, region in enumerate(regions)
    )


def read_palette(reader: FieldReader, palette: object) -> Color:
    """Reads the first colour of a palette and warns about the others, because a part has one.

    Args:
        reader: The reader of the part, which reports unreadable colours.
        palette: A list of colours as "#RRGGBB" or names, or one colour.

    Returns:
        The colour; grey for an empty palette.
    """
    colors = palette if isinstance(palette, list) else [palette]
    colors = [color for color in colors if color not in (None, "")]
    if not colors:
        return DescribedPart.color
    if len(colors) > 1:
        others = ", ".join(replace_surrogates(str(color)[:40]) for color in colors[1:6])
        reader.diagnostics.warning(
            f"{reader.where}: a part of a canvas has one colour; of its palette {others} "
            f"{'is' if len(colors) == 2 else 'are'} left out"
        )
    return read_color(reader, colors[0])


def read_color(reader: FieldReader, color: object) -> Color:
    """Reads a colour by name or as "#RRGGBB"; an unreadable one becomes grey, with a warning."""
    color = color.lower() if isinstance(color, str) else color
    return field_reader({"color": color}, reader.where, reader.diagnostics).read_color("color")


def write_palette(color: Color) -> list[str]:
    """Returns a palette of one colour as "#RRGGBB"; an empty one for grey, the default."""
    return [] if color == DescribedPart.color else ["#{:02X}{:02X}{:02X}".format(*color)]
