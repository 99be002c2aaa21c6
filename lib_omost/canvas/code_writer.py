"""Writes a canvas as canvas code, the notation of the Omost models."""

from __future__ import annotations

from collections.abc import Mapping

from lib_omost.canvas.colors import color_name
from lib_omost.canvas.fields import CANVAS_FIELDS, REGION_FIELDS, SYNTAX
from lib_omost.canvas.limits import MAX_CHARACTERS, MAX_REGIONS
from lib_omost.canvas.model import Box, Canvas, DescribedPart, Region


class CanvasWriteError(ValueError):
    """A notation cannot express a canvas; the message names the region and a remedy."""


def write_code(canvas: Canvas) -> str:
    """Writes canvas code that `read_code` reads back as an equal canvas.

    Args:
        canvas: The canvas.

    Returns:
        Canvas code, a line for each parameter.

    Raises:
        CanvasWriteError: Canvas code cannot express the canvas: a box has no name, a colour has no
            HTML name, a region is hidden, the canvas has unknown keys, or it exceeds a limit of
            the reader.
    """
    if len(canvas.regions) > MAX_REGIONS:
        raise CanvasWriteError(
            f"the canvas has {len(canvas.regions)} regions; code is read up to {MAX_REGIONS}"
        )
    calls = [
        _format_call("set_global_description", CANVAS_FIELDS, canvas, "the global description")
    ]
    calls += [
        _format_call("add_local_description", REGION_FIELDS, region, f"region {number}")
        for number, region in enumerate(canvas.regions, start=1)
    ]
    code = "\n".join(["canvas = Canvas()\n", *calls])
    if len(code) > MAX_CHARACTERS:
        raise CanvasWriteError(
            f"the code would have {len(code):,} characters; it is read up to {MAX_CHARACTERS:,}"
        )
    return code


def _format_call(method: str, fields: tuple[str, ...], part: DescribedPart, where: str) -> str:
    arguments = {name: _value(name, part, where) for name in fields}
    if part.extra:
        keys = ", ".join(map(repr, part.extra))
        raise CanvasWriteError(f"{where}: code cannot hold {keys}; save it as JSON")
    if isinstance(part, Region) and part.hidden:
        raise CanvasWriteError(f"{where}: code cannot hold hidden regions; save it as JSON")
    if part.syntax != "plain":
        arguments[SYNTAX] = part.syntax
    return format_call(method, arguments)


def format_call(method: str, arguments: Mapping[str, object]) -> str:
    """Writes one call of canvas code, a line for each argument and each text of a tuple.

    Args:
        method: The name of the method.
        arguments: The values by parameter name.
    """
    lines = "".join(_format_argument(name, value) for name, value in arguments.items())
    return f"canvas.{method}(\n{lines})\n"


def _format_argument(name: str, value: object) -> str:
    if isinstance(value, tuple):
        items = "".join(f"        {item!r},\n" for item in value)
        return f"    {name}=[\n{items}    ],\n" if items else f"    {name}=[],\n"
    return f"    {name}={value!r},\n"


def _value(name: str, part: DescribedPart, where: str) -> object:
    """Returns the value of a parameter; raises CanvasWriteError if code has no word for it."""
    if name == "HTML_web_color_name":
        color = color_name(part.color)
        if color is None:
            raise CanvasWriteError(
                f"{where}: colour {part.color} has no HTML name; choose one that has, "
                "or save it as JSON"
            )
        return color
    if name in ("location", "offset", "area"):
        assert isinstance(part, Region)
        if isinstance(part.place, Box):
            raise CanvasWriteError(
                f"{where} ({part.description[:40]!r}): its box is none of the 729 places that "
                "code can name; save it as JSON"
            )
        return getattr(part.place, name)
    return getattr(part, name)
