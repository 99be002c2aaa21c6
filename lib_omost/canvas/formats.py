"""Reads canvases in all formats: code, JSON, layouts of other programs, and ComfyUI graphs.

Source: "Other forms of a canvas" in docs/omost-format.md.
"""

from __future__ import annotations

from lib_omost.canvas.answer_completion import complete_answer
from lib_omost.canvas.answer_text import split_answer
from lib_omost.canvas.bounded_json import load_json
from lib_omost.canvas.canvas_json import to_json
from lib_omost.canvas.code_reader import NO_CODE, read_code
from lib_omost.canvas.code_writer import CanvasWriteError
from lib_omost.canvas.code_writer import write_code as to_code
from lib_omost.canvas.comfy_conditions import to_comfy
from lib_omost.canvas.comfy_workflow import find_canvas_text
from lib_omost.canvas.diagnostics import DiagnosticCollector, Reading, failed_reading
from lib_omost.canvas.json_reader import looks_like_json, read_json, read_valid_json
from lib_omost.canvas.layouts import infotext, other_files
from lib_omost.canvas.layouts.text_forms import read_text_form
from lib_omost.canvas.limits import length_error
from lib_omost.canvas.model import Canvas
from lib_omost.canvas.packed_text import unpack

__all__ = [
    "CanvasWriteError",
    "read",
    "to_code",
    "to_comfy",
    "to_json",
    "to_text",
]

GRAPH_NESTING = 100
"""Maximum nesting depth of a ComfyUI graph, whose nodes may contain arbitrary values."""


def read(text: str, *, finished: bool = True, previous: Canvas | None = None) -> Reading:
    """Reads a canvas in any format and reports problems as diagnostics. Never raises.

    Args:
        text: This extension's JSON, canvas code, a layout of another program (docs/layouts.md), a
            ComfyUI graph, the infotext of a picture, a chat answer with one of them, or a text
            from `packed_text.pack`.
        finished: False for an answer that is still being written; neither a canvas in the model's
            thinking nor a JSON region that is not complete counts.
        previous: The canvas before a model's answer; an answer that describes only changes is
            applied to it. None for no such canvas.

    Returns:
        The canvas, None if the text contains none, and the diagnostics.
    """
    text = unpack(infotext.find_canvas_text(text) or text)
    if length_error(text):
        return failed_reading(length_error(text))
    text = _find_graph_canvas(text) or text
    valid_json = read_valid_json(text)
    if valid_json is not None:
        return valid_json if previous is None else complete_answer(text, valid_json, previous)
    parts = split_answer(text)
    reading = _read_answer(parts.answer, finished=finished)
    if finished:
        reading = complete_answer(parts.answer, reading, previous)
    diagnostics = DiagnosticCollector()
    if reading.canvas is None and parts.thinking and finished:
        draft = _read_answer(parts.thinking)
        if draft.canvas is not None:
            diagnostics.warning(
                "no canvas follows the model's thinking; the last draft in the thinking is used"
            )
            reading = draft
    for message, line in parts.notes.items():
        diagnostics.note(message, line)
    for message, line in parts.warnings.items():
        diagnostics.warning(message, line)
    diagnostics.items += reading.diagnostics
    return diagnostics.reading(reading.canvas)


def _read_answer(text: str, *, finished: bool = True) -> Reading:
    """Reads the canvas of an answer without thinking: JSON if it begins so, else code first."""
    is_json = looks_like_json(text)
    json_reading = read_json(text, finished=finished) if is_json else None
    if json_reading is not None and json_reading.canvas is not None:
        return json_reading
    code_reading = read_code(text)
    if code_reading.canvas is not None:
        return code_reading
    json_reading = json_reading or read_json(text, finished=finished)
    if json_reading is not None and json_reading.canvas is not None:
        return json_reading
    layout = read_text_form(text)
    if layout is not None:
        return layout
    has_calls = NO_CODE not in [item.message for item in code_reading.diagnostics]
    if json_reading is not None and not has_calls:
        return json_reading
    name = "" if has_calls else other_files.name_text(text)
    return failed_reading(name) if name else code_reading


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


def _find_graph_canvas(text: str) -> str | None:
    """Returns the canvas text in a ComfyUI graph; None if the text is not a graph with a canvas."""
    if '"Omost' not in text or not looks_like_json(text):
        return None
    try:
        data = load_json(text, nesting=GRAPH_NESTING)
    except ValueError:
        return None
    return find_canvas_text(data) if isinstance(data, dict) else None
