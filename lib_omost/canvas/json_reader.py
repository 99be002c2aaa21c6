"""Reads the canvas of a text that contains JSON, valid or damaged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from lib_omost.canvas.bounded_json import NestingError, load_json
from lib_omost.canvas.canvas_json import read_canvas_json
from lib_omost.canvas.code_reader import read_code
from lib_omost.canvas.diagnostics import (
    DiagnosticCollector,
    Reading,
    failed_reading,
    report_replaced_characters,
)
from lib_omost.canvas.json_forms import ParsedJson
from lib_omost.canvas.json_pieces import CanvasPieces, PieceFinder
from lib_omost.canvas.layouts import other_files
from lib_omost.canvas.lenient_json import LenientValue, TooManyPartsError, find_values
from lib_omost.canvas.model import Canvas


def looks_like_json(text: str) -> bool:
    """Returns whether a text begins with an object or a list."""
    return text[:1000].lstrip("\ufeff \t\r\n").startswith(("{", "["))


def read_valid_json(text: str) -> Reading | None:
    """Reads the canvas of a text that is valid JSON as a whole; returns None for other texts."""
    if not text.lstrip("\ufeff \t\r\n").startswith(("{", "[", '"')):
        return None
    try:
        data = load_json(text.removeprefix("\ufeff"))
    except NestingError as error:
        return failed_reading(str(error))
    except ValueError:
        return None
    return _read_values([LenientValue(data, 0, len(text))], text)


def read_json(text: str, *, finished: bool = True) -> Reading | None:
    """Reads the last readable canvas among the JSON objects and lists of a text. Never raises.

    Args:
        text: JSON, alone or in prose. Damaged JSON is repaired, and each kind of repair is
            reported.
        finished: False for a text that is still being written; the region in which it ends is left
            out.

    Returns:
        The canvas, None if it is unreadable, and the diagnostics; None if the text has no
        JSON object.
    """
    values: list[LenientValue] = []
    problem = ""
    try:
        values.extend(find_values(text))
    except TooManyPartsError as error:
        problem = str(error)
    except NestingError as error:
        return failed_reading(str(error))
    if not problem and not any(_has_object(value.data) for value in values):
        return None  # brackets in prose
    return _read_values(values, text, problem, finished=finished)


def _has_object(data: Any) -> bool:
    return isinstance(data, dict) or (isinstance(data, list) and any(map(_has_object, data)))


def _read_values(
    values: Sequence[LenientValue], text: str, problem: str = "", *, finished: bool = True
) -> Reading:
    """Reads the last readable canvas of the JSON values of a text.

    Args:
        values: The values.
        text: The text, for line numbers and for the paragraph before a value.
        problem: Why the values are not all values of the text.
        finished: As in `read_json`.
    """
    diagnostics = DiagnosticCollector()
    report_replaced_characters(text, diagnostics)
    finder = PieceFinder(finished=finished)
    for value in values:
        finder.add(value)
    for text_problem in finder.problems:
        diagnostics.warning(text_problem)
    best = _read_best(finder.canvases, text)
    if best is None:
        diagnostics.error(problem or _no_canvas(values[-1].data))
        return diagnostics.reading(None)
    _report_source(best.pieces, finder, text, diagnostics)
    diagnostics.items += best.diagnostics.items
    return diagnostics.reading(best.canvas)


@dataclass(frozen=True)
class _Candidate:
    """A canvas that was read, None if it is unreadable, and where it comes from."""

    pieces: CanvasPieces
    canvas: Canvas | None
    diagnostics: DiagnosticCollector


def _read_best(candidates: Sequence[CanvasPieces], text: str) -> _Candidate | None:
    """Reads the last canvas with regions, else the last canvas, else the last failure."""
    best: _Candidate | None = None
    for pieces in reversed(candidates):
        diagnostics = DiagnosticCollector()
        canvas = _read_pieces(pieces, text, diagnostics)
        if canvas is not None and canvas.regions:
            return _Candidate(pieces, canvas, diagnostics)
        if best is None or (best.canvas is None and canvas is not None):
            best = _Candidate(pieces, canvas, diagnostics)
    return best


def _read_pieces(
    pieces: CanvasPieces, text: str, diagnostics: DiagnosticCollector
) -> Canvas | None:
    if isinstance(pieces.data, str):
        reading = read_code(pieces.data)
        for item in reading.diagnostics:  # their lines count from the beginning of the inner text
            diagnostics.items.append(replace(item, line=None))
        return reading.canvas
    if pieces.form is not None:
        if pieces.form.title:
            diagnostics.note(f"this is {pieces.form.title}")
        before = text[: pieces.values[0].start]
        return pieces.form.read(ParsedJson(pieces.data, before), diagnostics)
    if "description" not in pieces.data and not pieces.is_whole:
        diagnostics.warning("there is no global description; it is empty now")
        return read_canvas_json({"description": "", **pieces.data}, diagnostics)
    return read_canvas_json(pieces.data, diagnostics)


def _report_source(
    pieces: CanvasPieces, finder: PieceFinder, text: str, diagnostics: DiagnosticCollector
) -> None:
    """Reports which part of the text is the canvas and the repairs of that part."""
    for value in pieces.values:
        _report_repairs(value, text, diagnostics)
    for value in finder.inner_values:
        _report_repairs(value, None, diagnostics)
    others = [other for other in finder.canvases if other.has_regions >= pieces.has_regions]
    if len(others) > 1:
        diagnostics.note("there are several canvases here; the last readable one is used")
    if not pieces.is_whole:
        diagnostics.note("the canvas is put together from several JSON objects")
    elif not any(_contains(value, pieces) for value in pieces.values):
        diagnostics.note("the canvas is inside other JSON, which is left out")
    if finder.stray_regions:
        diagnostics.warning(
            f"{finder.stray_regions} regions are outside the canvas; they are left out"
        )


def _contains(value: LenientValue, pieces: CanvasPieces) -> bool:
    """Returns whether a value of the text is the canvas itself, not a wrapper around it."""
    if isinstance(value.data, dict) and isinstance(pieces.data, dict):
        return value.data.keys() == pieces.data.keys()
    return type(value.data) is type(pieces.data)


def _report_repairs(
    value: LenientValue, text: str | None, diagnostics: DiagnosticCollector
) -> None:
    def line(position: int) -> int | None:
        return None if text is None else text.count("\n", 0, position) + 1

    for repair, position in value.repairs.items():
        diagnostics.note(f"repaired JSON: {repair}", line(position))
    for loss, position in value.losses.items():
        diagnostics.warning(f"{loss} in the JSON cannot be read; it is left out", line(position))
    if value.cut_off:
        diagnostics.warning("the JSON is cut off before its closing bracket", line(value.end))


def _no_canvas(data: Any) -> str:
    name = other_files.name_data(data)
    if name:
        return name
    if isinstance(data, list):
        return (
            "this JSON array is not a canvas: item 0 must be an object with rect, prefixes, "
            "suffixes and color"
        )
    return "this JSON has neither a description nor regions; it is not a canvas"
