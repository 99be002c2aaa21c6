"""The forms of a canvas in JSON, each with the test that recognises its parsed data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from lib_omost.canvas.canvas_json import is_canvas_json, read_canvas_json
from lib_omost.canvas.comfy_conditions import is_comfy, read_comfy
from lib_omost.canvas.diagnostics import DiagnosticCollector
from lib_omost.canvas.model import Canvas


@dataclass(frozen=True)
class ParsedJson:
    """One JSON value of a text.

    Attributes:
        data: The parsed value.
        before: The text before the value; a FLUX 3 layout has its paragraph there.
    """

    data: Any
    before: str = ""


@dataclass(frozen=True)
class JsonForm:
    """A form of a canvas in JSON.

    Attributes:
        matches: Returns whether parsed data has this form; never raises.
        read: Reads a value that matches; returns None after an error if it is not a canvas.
    """

    matches: Callable[[Any], bool]
    read: Callable[[ParsedJson, DiagnosticCollector], Canvas | None]


FORMS: tuple[JsonForm, ...] = (
    JsonForm(is_canvas_json, lambda value, report: read_canvas_json(value.data, report)),
    JsonForm(is_comfy, lambda value, report: read_comfy(value.data, report)),
)
"""All forms; the first one that matches reads the value."""


def read_json_form(value: ParsedJson, diagnostics: DiagnosticCollector) -> Canvas | None:
    """Reads a parsed value in the first form that matches.

    Args:
        value: The value.
        diagnostics: Receives the diagnostics.

    Returns:
        The canvas; None after an error if no form matches or the value is not a canvas.
    """
    for form in FORMS:
        if form.matches(value.data):
            return form.read(value, diagnostics)
    diagnostics.error(
        "this JSON array is not a canvas: item 0 must be an object with rect, prefixes, "
        "suffixes and color"
        if isinstance(value.data, list)
        else "this JSON has neither a description nor regions; it is not a canvas"
    )
    return None
