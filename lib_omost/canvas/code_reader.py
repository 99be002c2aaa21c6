"""Read canvas code out of whatever text it comes in; `write_code` is its inverse."""

from __future__ import annotations

import ast
import difflib
import itertools
import re
from collections.abc import Iterable
from dataclasses import replace

from lib_omost.canvas.call_scanner import CanvasCall, find_calls
from lib_omost.canvas.code_writer import write_code
from lib_omost.canvas.diagnostics import Diagnostic, Findings, Reading, report_lost_characters
from lib_omost.canvas.fences import CodeBlock, fenced_blocks
from lib_omost.canvas.fields import (
    CANVAS_FIELDS,
    REGION_FIELDS,
    SYNTAX,
    FieldReader,
    NamedValues,
    UnreadableValue,
)
from lib_omost.canvas.limits import MAX_CALLS, MAX_REGIONS, bounded, too_long
from lib_omost.canvas.model import Canvas, Region

__all__ = ["read_code", "write_code"]

_NO_SOURCE = re.compile("[\0\ud800-\udfff]")
"""Characters that Python's source cannot hold."""

PLACE = ("location", "offset", "area")
_OTHER_NAMES = {"color": "HTML_web_color_name", "colour": "HTML_web_color_name"}


def read_code(text: str) -> Reading:
    """Read the canvas that a chat answer, or bare code, describes. Never raises; runs nothing.

    Of several code blocks the last with a readable call wins; without one the whole text is read
    as code. Of several canvases in a block the last wins, as it would in Python.
    """
    findings = Findings()
    if too_long(text):
        findings.error(too_long(text))
        return findings.reading(None)
    text = _tidy(text, findings)
    blocks = fenced_blocks(text)
    whole = CodeBlock(text, 1)
    unread: list[Diagnostic] = []
    left = MAX_CALLS
    for block in (*reversed(blocks), whole):
        found = Findings()
        calls = list(itertools.islice(find_calls(block.code), left + 1))
        left -= len(calls)
        if left < 0:
            break
        canvas = _read_calls_of(block, calls, found)
        if canvas is not None:
            findings.items += found.items
            if block is not whole:
                findings.items += unread
                _report_blocks(blocks, block, findings)
            return findings.reading(canvas)
        unread = unread or found.items  # of the last block that has calls
    findings.items += unread
    if left < 0:
        findings.error(
            f"the text has more than {MAX_CALLS} calls of canvas code; paste the last answer alone"
        )
        return findings.reading(None)
    findings.error(
        "no canvas code can be read here: expected canvas.set_global_description(...) and "
        "canvas.add_local_description(...)"
    )
    return findings.reading(None)


def _tidy(text: str, findings: Findings) -> str:
    """Unify line ends, drop a byte order mark, replace characters that no source can hold."""
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    text = _NO_SOURCE.sub("\ufffd", text)
    report_lost_characters(text, findings)
    return text


def _report_blocks(blocks: list[CodeBlock], block: CodeBlock, findings: Findings) -> None:
    if len(blocks) > 1:
        number = blocks.index(block) + 1
        findings.note(
            f"code block {number} of {len(blocks)} is the last one with a readable canvas; "
            "it is used",
            block.first_line,
        )
    if not block.closed:
        last = block.first_line + block.code.rstrip().count("\n")
        findings.warning("the text ends before its code block does; it may have been cut", last)


def _read_calls_of(
    block: CodeBlock, calls: Iterable[CanvasCall], findings: Findings
) -> Canvas | None:
    """Read the last readable canvas of a block's calls; None where it has none."""
    canvases: list[list[CanvasCall]] = [[]]
    for call in calls:
        if call.kind == "canvas":
            canvases.append([])
        else:
            canvases[-1].append(call)
    written = [calls for calls in canvases if calls]
    found = Findings()
    for calls in reversed(written):
        found = Findings()
        canvas = _read_calls(calls, found)
        if canvas is not None:
            findings.add(found, block.first_line - 1)
            if len(written) > 1:
                findings.note("there are several canvases here; the last readable one is used")
            return canvas
    findings.add(found, block.first_line - 1)
    return None


def _read_calls(calls: Iterable[CanvasCall], findings: Findings) -> Canvas | None:
    description: Canvas | None = None
    regions: list[Region] = []
    number = 0
    for call in calls:
        if call.kind == "global":
            if description is not None:
                findings.warning("the global description is set twice; the last counts", call.line)
            description = _read_global(call, findings) or description
            continue
        number += 1
        if len(regions) == MAX_REGIONS:
            findings.warning(f"only the first {MAX_REGIONS} regions are read", call.line)
            break
        region = _read_region(call, f"region {number}", findings)
        if region is not None:
            regions.append(region)
    if description is None and not regions:
        return None
    if description is None:
        findings.warning("there is no global description; it is empty now")
        description = Canvas(description="")
    return replace(description, regions=tuple(regions))


def _read_global(call: CanvasCall, findings: Findings) -> Canvas | None:
    where = "the global description"
    given = _arguments(call, CANVAS_FIELDS, where, findings)
    if given is None:
        return None
    if not given:
        findings.warning(f"{where}: no field of it can be read", call.line)
        return None
    return FieldReader(given, where, findings, call.line).canvas({})


def _read_region(call: CanvasCall, where: str, findings: Findings) -> Region | None:
    given = _arguments(call, REGION_FIELDS, where, findings)
    if given is None:
        return None
    if call.cut and not all(name in given for name in (*PLACE, "description")):
        findings.warning(
            f"{where}: it is cut before its place and description are finished; it is left out",
            call.line,
        )
        return None
    return FieldReader(given, where, findings, call.line).region({})


def _arguments(
    call: CanvasCall, names: tuple[str, ...], where: str, findings: Findings
) -> dict[str, NamedValues] | None:
    """The values of a call by parameter name; None, and a warning, where it cannot be parsed."""
    for what, line in call.repairs:
        findings.note(f"{where}: repaired {what}", line)
    if call.tree is None:
        findings.warning(f"{where}: cannot be read, {call.problem}; it is left out", call.line)
        return None
    given: dict[str, NamedValues] = {}
    for position, value in enumerate(call.tree.args):
        if isinstance(value, ast.Starred) or position >= len(names):
            findings.warning(f"{where}: argument {position + 1} is ignored", value.lineno)
        else:
            given[names[position]] = NamedValues(_literal(value), value.lineno)
    written = {keyword.arg for keyword in call.tree.keywords}
    for keyword in call.tree.keywords:
        line = keyword.value.lineno
        name = _parameter(keyword.arg, (*names, SYNTAX), written)
        if name is None:
            what = f"{keyword.arg!r}" if keyword.arg else "a ** argument"
            findings.warning(f"{where}: {what} is not a known field; it is ignored", line)
            continue
        if name != keyword.arg:
            findings.note(f"{where}: field {keyword.arg!r} is read as {name!r}", line)
        if name in given:
            findings.warning(f"{where}: {name} is given twice; the last counts", line)
        given[name] = NamedValues(_literal(keyword.value), line)
    if call.cut:
        missing = [name for name in names if name not in given]
        lost = "; its last item is unfinished and left out" if call.unfinished else ""
        lost += f"; missing: {', '.join(missing)}" if missing else ""
        findings.warning(f"{where}: the call is cut off before it closes{lost}", call.line)
    return given


def _parameter(word: str | None, names: tuple[str, ...], written: set[str | None]) -> str | None:
    """The parameter that a keyword names, misspelt perhaps; None where it is none of ours."""
    if word is None or word in names:
        return word
    lower = {name.lower(): name for name in names}
    name = lower.get(word.lower()) or _OTHER_NAMES.get(word.lower())
    if name is None and len(word) < 40:
        similar = difflib.get_close_matches(word.lower(), lower, 1, cutoff=0.85)
        name = lower[similar[0]] if similar else None
    return None if name in written else name


def _literal(node: ast.expr) -> object:
    """The value of a literal, Unreadable for anything that would have to be run."""
    if isinstance(node, ast.Constant):
        return _constant(node.value)
    if isinstance(node, (ast.List, ast.Tuple, ast.Set)):
        return [_literal(item) for item in node.elts]
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.UAdd, ast.USub)):
        number = node.operand.value if isinstance(node.operand, ast.Constant) else None
        if isinstance(number, (int, float)):
            return _constant(-number if isinstance(node.op, ast.USub) else number)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return _sum(node)
    return UnreadableValue()


def _constant(value: object) -> object:
    """The value of a constant; Unreadable where no field takes its type."""
    if isinstance(value, int) and not isinstance(value, bool):
        return bounded(value)
    return UnreadableValue() if isinstance(value, (bytes, complex)) else value


def _sum(node: ast.BinOp) -> object:
    """The texts of `'a' + 'b' + ...` joined; the sum leans to the left, however long it is."""
    parts: list[object] = []
    left: ast.expr = node
    while isinstance(left, ast.BinOp) and isinstance(left.op, ast.Add):
        parts.append(_literal(left.right))
        left = left.left
    parts.append(_literal(left))
    texts = [part for part in reversed(parts) if isinstance(part, str)]
    return "".join(texts) if len(texts) == len(parts) else UnreadableValue()
