"""Reads and writes canvases in all formats: code, JSON, ComfyUI_omost's JSON and ComfyUI graphs.

Source: "Other forms of a canvas" in docs/omost-format.md.
"""

from __future__ import annotations

import json
from typing import Literal

from lib_omost.canvas.bounded_json import NestingError, load_json
from lib_omost.canvas.canvas_json import to_json
from lib_omost.canvas.code_reader import read_code
from lib_omost.canvas.code_writer import CanvasWriteError
from lib_omost.canvas.code_writer import write_code as to_code
from lib_omost.canvas.comfy_conditions import to_comfy
from lib_omost.canvas.comfy_workflow import find_canvas_text
from lib_omost.canvas.diagnostics import DiagnosticCollector, Reading, report_replaced_characters
from lib_omost.canvas.fences import fenced_blocks
from lib_omost.canvas.json_forms import ParsedJson, read_json_form
from lib_omost.canvas.limits import length_error
from lib_omost.canvas.model import Canvas
from lib_omost.canvas.packed_text import unpack

__all__ = [
    "CanvasFormat",
    "CanvasWriteError",
    "read",
    "to_code",
    "to_comfy",
    "to_json",
    "to_text",
    "write",
]

CanvasFormat = Literal["code", "json", "comfy"]

GRAPH_NESTING = 100
"""Maximum nesting depth of a ComfyUI graph, whose nodes may contain arbitrary values."""


def read(text: str) -> Reading:
    """Reads a canvas in any format and reports problems as diagnostics. Never raises.

    Args:
        text: This extension's JSON, ComfyUI_omost's JSON, a ComfyUI graph, canvas code, a chat
            answer with one of them, or a text from `packed_text.pack`.

    Returns:
        The canvas, None if the text contains none, and the diagnostics.
    """
    text = unpack(text)
    text = _find_graph_canvas(text) or text
    json_reading = _read_json(text) if _looks_like_json(text) else None
    if json_reading is not None and json_reading.canvas is not None:
        return json_reading
    reading = read_code(text)
    if reading.canvas is not None or length_error(text):
        return reading
    for block in reversed(fenced_blocks(text)):
        if _looks_like_json(block.code):
            return _read_json("\n" * (block.first_line - 1) + block.code)
    return json_reading or reading


def to_text(canvas: Canvas) -> str:
    """Writes a canvas as code if code can express all its content, otherwise as JSON.

    Args:
        canvas: The canvas.

    Returns:
        A text that `read` reads back as an equal canvas.

    Raises:
        CanvasWriteError: JSON cannot express an unknown key, or the canvas exceeds a limit.
    """
    try:
        text = to_code(canvas)
    except CanvasWriteError:
        return to_json(canvas, indent=2)
    return text if read(text).canvas == canvas else to_json(canvas, indent=2)


def write(canvas: Canvas, canvas_format: CanvasFormat) -> str:
    """Writes a canvas in the chosen format.

    Args:
        canvas: The canvas.
        canvas_format: "code", "json" (this extension's JSON) or "comfy" (ComfyUI_omost's JSON).

    Returns:
        The text, indented.

    Raises:
        CanvasWriteError: The format cannot express the canvas.
    """
    if canvas_format == "code":
        return to_code(canvas)
    return to_json(canvas, indent=2) if canvas_format == "json" else to_comfy(canvas, indent=2)


def _looks_like_json(text: str) -> bool:
    return text[:1000].lstrip("\ufeff \t\r\n").startswith(("{", "["))


def _find_graph_canvas(text: str) -> str | None:
    """Returns the canvas text in a ComfyUI graph; None if the text is not a graph with a canvas."""
    if '"Omost' not in text or not _looks_like_json(text) or length_error(text):
        return None
    try:
        data = load_json(text, nesting=GRAPH_NESTING)
    except ValueError:
        return None
    return find_canvas_text(data) if isinstance(data, dict) else None


def _read_json(text: str) -> Reading:
    diagnostics = DiagnosticCollector()
    if length_error(text):
        diagnostics.error(length_error(text))
        return diagnostics.reading(None)
    report_replaced_characters(text, diagnostics)
    try:
        data = load_json(text.removeprefix("\ufeff"))
    except json.JSONDecodeError as error:
        diagnostics.error(f"this is not valid JSON: {error.msg}", error.lineno)
        return diagnostics.reading(None)
    except NestingError as error:
        diagnostics.error(str(error))
        return diagnostics.reading(None)
    return diagnostics.reading(read_json_form(ParsedJson(data), diagnostics))
