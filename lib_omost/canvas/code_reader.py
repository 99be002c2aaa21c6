"""Reads canvas code from a chat answer or from bare code, without executing it."""

from __future__ import annotations

import ast
import difflib
import itertools
import re
from collections.abc import Iterable
from dataclasses import replace

from lib_omost.canvas.call_scanner import CanvasCall, find_calls
from lib_omost.canvas.code_writer import write_code
from lib_omost.canvas.diagnostics import (
    Diagnostic,
    DiagnosticCollector,
    Reading,
    report_replaced_characters,
)
from lib_omost.canvas.fences import CodeBlock, fenced_blocks
from lib_omost.canvas.fields import (
    CANVAS_FIELDS,
    REGION_FIELDS,
    SYNTAX,
    FieldReader,
    FieldValue,
    UnreadableValue,
)
from lib_omost.canvas.limits import MAX_CALLS, MAX_REGIONS, length_error, limit_integer
from lib_omost.canvas.model import Canvas, Region

__all__ = ["read_code", "write_code"]

_INVALID_IN_SOURCE = re.compile("[\0\ud800-\udfff]")
"""Characters that Python source code cannot contain."""

_PLACE_FIELDS = ("location", "offset", "area")
_SYNONYMS = {"color": "HTML_web_color_name", "colour": "HTML_web_color_name"}


def read_code(text: str) -> Reading:
    """Reads the canvas of a chat answer or of bare code. Executes nothing and never raises.

    The last code block with a readable call wins. A text without readable code blocks is read as
    code. If a block builds several canvases, the last one wins, as in Python.

    Args:
        text: A chat answer with Markdown code blocks, or canvas code.

    Returns:
        The canvas, None if there is none, and the diagnostics.
    """
    diagnostics = DiagnosticCollector()
    if length_error(text):
        diagnostics.error(length_error(text))
        return diagnostics.reading(None)
    text = _clean_text(text, diagnostics)
    blocks = fenced_blocks(text)
    whole_text = CodeBlock(text, 1)
    failures: list[Diagnostic] = []  # of the last code block that has calls
    calls_left = MAX_CALLS
    for block in (*reversed(blocks), whole_text):
        block_diagnostics = DiagnosticCollector()
        calls = list(itertools.islice(find_calls(block.code), calls_left + 1))
        calls_left -= len(calls)
        if calls_left < 0:
            break
        canvas = _read_block(block, calls, block_diagnostics)
        if canvas is not None:
            diagnostics.items += block_diagnostics.items
            if block is not whole_text:
                diagnostics.items += failures
                _report_blocks(blocks, block, diagnostics)
            return diagnostics.reading(canvas)
        failures = failures or block_diagnostics.items
    diagnostics.items += failures
    if calls_left < 0:
        diagnostics.error(
            f"the text has more than {MAX_CALLS} calls of canvas code; paste the last answer alone"
        )
        return diagnostics.reading(None)
    diagnostics.error(
        "no canvas code can be read here: expected canvas.set_global_description(...) and "
        "canvas.add_local_description(...)"
    )
    return diagnostics.reading(None)


def _clean_text(text: str, diagnostics: DiagnosticCollector) -> str:
    """Normalises line ends, removes a byte order mark and replaces invalid characters."""
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    text = _INVALID_IN_SOURCE.sub("\ufffd", text)
    report_replaced_characters(text, diagnostics)
    return text


def _report_blocks(
    blocks: list[CodeBlock], block: CodeBlock, diagnostics: DiagnosticCollector
) -> None:
    if len(blocks) > 1:
        number = blocks.index(block) + 1
        diagnostics.note(
            f"code block {number} of {len(blocks)} is the last one with a readable canvas; "
            "it is used",
            block.first_line,
        )
    if not block.closed:
        last = block.first_line + block.code.rstrip().count("\n")
        diagnostics.warning("the text ends inside a code block; it may be cut off", last)


def _read_block(
    block: CodeBlock, calls: Iterable[CanvasCall], diagnostics: DiagnosticCollector
) -> Canvas | None:
    """Reads the last readable canvas among the calls of a block; None if there is none."""
    calls_of_canvases: list[list[CanvasCall]] = [[]]
    for call in calls:
        if call.kind == "canvas":
            calls_of_canvases.append([])
        else:
            calls_of_canvases[-1].append(call)
    candidates = [calls for calls in calls_of_canvases if calls]
    canvas_diagnostics = DiagnosticCollector()
    for calls in reversed(candidates):
        canvas_diagnostics = DiagnosticCollector()
        canvas = _read_calls(calls, canvas_diagnostics)
        if canvas is not None:
            diagnostics.extend(canvas_diagnostics, block.first_line - 1)
            if len(candidates) > 1:
                diagnostics.note("there are several canvases here; the last readable one is used")
            return canvas
    diagnostics.extend(canvas_diagnostics, block.first_line - 1)
    return None


def _read_calls(calls: Iterable[CanvasCall], diagnostics: DiagnosticCollector) -> Canvas | None:
    description: Canvas | None = None
    regions: list[Region] = []
    number = 0
    for call in calls:
        if call.kind == "global":
            if description is not None:
                diagnostics.warning(
                    "the global description is set twice; the last one is used", call.line
                )
            description = _read_global(call, diagnostics) or description
            continue
        number += 1
        if len(regions) == MAX_REGIONS:
            diagnostics.warning(f"only the first {MAX_REGIONS} regions are read", call.line)
            break
        region = _read_region(call, f"region {number}", diagnostics)
        if region is not None:
            regions.append(region)
    if description is None and not regions:
        return None
    if description is None:
        diagnostics.warning("there is no global description; it is empty now")
        description = Canvas(description="")
    return replace(description, regions=tuple(regions))


def _read_global(call: CanvasCall, diagnostics: DiagnosticCollector) -> Canvas | None:
    where = "the global description"
    values = _parse_arguments(call, CANVAS_FIELDS, where, diagnostics)
    if values is None:
        return None
    if not values:
        diagnostics.warning(f"{where}: none of its fields can be read", call.line)
        return None
    return FieldReader(values, where, diagnostics, call.line).read_canvas({})


def _read_region(call: CanvasCall, where: str, diagnostics: DiagnosticCollector) -> Region | None:
    values = _parse_arguments(call, REGION_FIELDS, where, diagnostics)
    if values is None:
        return None
    if call.cut_off and not all(name in values for name in (*_PLACE_FIELDS, "description")):
        diagnostics.warning(
            f"{where}: it is cut off before its place and description are complete; it is left out",
            call.line,
        )
        return None
    return FieldReader(values, where, diagnostics, call.line).read_region({})


def _parse_arguments(
    call: CanvasCall, names: tuple[str, ...], where: str, diagnostics: DiagnosticCollector
) -> dict[str, FieldValue] | None:
    """Returns a call's values by parameter name; None after a warning if it is unparsable."""
    for repair, line in call.repairs:
        diagnostics.note(f"{where}: repaired {repair}", line)
    if call.tree is None:
        diagnostics.warning(f"{where}: cannot be read: {call.problem}; it is left out", call.line)
        return None
    values: dict[str, FieldValue] = {}
    for position, value in enumerate(call.tree.args):
        if isinstance(value, ast.Starred) or position >= len(names):
            diagnostics.warning(f"{where}: argument {position + 1} is ignored", value.lineno)
        else:
            values[names[position]] = FieldValue(_literal_value(value), value.lineno)
    used_names = {keyword.arg for keyword in call.tree.keywords}
    for keyword in call.tree.keywords:
        line = keyword.value.lineno
        name = _match_parameter(keyword.arg, (*names, SYNTAX), used_names)
        if name is None:
            argument = f"{keyword.arg!r}" if keyword.arg else "a ** argument"
            diagnostics.warning(f"{where}: {argument} is not a known field; it is ignored", line)
            continue
        if name != keyword.arg:
            diagnostics.note(f"{where}: field {keyword.arg!r} is read as {name!r}", line)
        if name in values:
            diagnostics.warning(f"{where}: {name} is set twice; the last value is used", line)
        values[name] = FieldValue(_literal_value(keyword.value), line)
    if call.cut_off:
        missing = [name for name in names if name not in values]
        lost = "; its incomplete last item is left out" if call.lost_item else ""
        lost += f"; missing: {', '.join(missing)}" if missing else ""
        diagnostics.warning(
            f"{where}: the call is cut off before its closing bracket{lost}", call.line
        )
    return values


def _match_parameter(
    word: str | None, names: tuple[str, ...], used_names: set[str | None]
) -> str | None:
    """Returns the parameter that a possibly misspelt keyword means; None for an unknown one."""
    if word is None or word in names:
        return word
    lower = {name.lower(): name for name in names}
    name = lower.get(word.lower()) or _SYNONYMS.get(word.lower())
    if name is None and len(word) < 40:
        similar = difflib.get_close_matches(word.lower(), lower, 1, cutoff=0.85)
        name = lower[similar[0]] if similar else None
    return None if name in used_names else name


def _literal_value(node: ast.expr) -> object:
    """Returns the value of a literal, or UnreadableValue for a computed expression."""
    if isinstance(node, ast.Constant):
        return _constant_value(node.value)
    if isinstance(node, (ast.List, ast.Tuple, ast.Set)):
        return [_literal_value(item) for item in node.elts]
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.UAdd, ast.USub)):
        number = node.operand.value if isinstance(node.operand, ast.Constant) else None
        if isinstance(number, (int, float)):
            return _constant_value(-number if isinstance(node.op, ast.USub) else number)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return _joined_texts(node)
    return UnreadableValue()


def _constant_value(value: object) -> object:
    """Returns the value of a constant, or UnreadableValue for bytes and complex numbers."""
    if isinstance(value, int) and not isinstance(value, bool):
        return limit_integer(value)
    return UnreadableValue() if isinstance(value, (bytes, complex)) else value


def _joined_texts(node: ast.BinOp) -> object:
    """Joins the texts of `'a' + 'b' + ...`; iterative, because long sums nest deeply."""
    parts: list[object] = []
    left: ast.expr = node
    while isinstance(left, ast.BinOp) and isinstance(left.op, ast.Add):
        parts.append(_literal_value(left.right))
        left = left.left
    parts.append(_literal_value(left))
    texts = [part for part in reversed(parts) if isinstance(part, str)]
    return "".join(texts) if len(texts) == len(parts) else UnreadableValue()
