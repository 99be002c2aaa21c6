"""Reads canvas code from a chat answer or from bare code, without executing it."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import replace

from lib_omost.canvas.code_boxes import BOX_NAMES, join_box_sides, read_code_box
from lib_omost.canvas.code_resolver import ResolvedCall, resolve_calls
from lib_omost.canvas.code_statements import Statement, count_mentions, find_statements
from lib_omost.canvas.code_writer import write_code
from lib_omost.canvas.diagnostics import (
    Diagnostic,
    DiagnosticCollector,
    Reading,
    report_replaced_characters,
)
from lib_omost.canvas.expression_scanner import TOO_LONG
from lib_omost.canvas.fences import CodeBlock, fenced_blocks
from lib_omost.canvas.fields import (
    CANVAS_FIELDS,
    REGION_FIELDS,
    SYNTAX,
    FieldReader,
    FieldValue,
    match_field,
)
from lib_omost.canvas.limits import MAX_REGIONS, MAX_STATEMENTS, length_error
from lib_omost.canvas.model import Canvas, Region
from lib_omost.canvas.partial_answers import inherit_global, inherit_region

__all__ = ["read_code", "write_code"]

NO_CODE = (
    "no canvas code can be read here: expected canvas.set_global_description(...) and "
    "canvas.add_local_description(...)"
)
"""The error about a text without calls."""

_INVALID_IN_SOURCE = re.compile("[\0\ud800-\udfff]")
"""Characters that Python source code cannot contain."""

_LINE_MARK = re.compile(r"(?:>>>|\.\.\.|>|[ \t]{0,4}\d{1,4}(?:[:.)]|[ \t]*\||(?=[ \t]|$)))[ \t]?")
"""Marks of quotations and of Python's prompt, and line numbers."""

PROSE = "the answer describes a canvas in prose; ask for canvas code"
"""Error message of a text that contains the parts of a canvas, but no code."""

_PROSE_CANVAS = re.compile(r"^\W{0,6}(?:global|local)[ _]descriptions?\b[\s*_]*:", re.I | re.M)
_PLACE_FIELDS = ("location", "offset", "area")
_NAMES = ("name", "label", "title", "subject", "object")
"""Parameters of dialects that name the subject of a region."""

_BOX, _NAME = "bbox", "name"
"""The parameters of dialects that `_read_arguments` returns."""


def read_code(text: str, previous: Canvas | None = None) -> Reading:
    """Reads the canvas of a chat answer or of bare code. Executes nothing and never raises.

    The last code block with a readable canvas wins. A text without readable code blocks is read as
    code. If a block builds several canvases, the last one wins, as in Python.

    Args:
        text: A chat answer with Markdown code blocks, or canvas code.
        previous: The canvas whose fields replace missing ones; None for default values.

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
    for block in (*reversed(blocks), whole_text):
        block_diagnostics = DiagnosticCollector()
        canvas = _read_block(block, previous, block_diagnostics)
        if canvas is not None:
            diagnostics.items += block_diagnostics.items
            if block is not whole_text:
                diagnostics.items += map(_as_warning, failures)
                _report_blocks(blocks, block, diagnostics)
            return diagnostics.reading(canvas)
        failures = failures or block_diagnostics.items
    diagnostics.items += failures
    if not failures and _PROSE_CANVAS.search(text):
        diagnostics.error(PROSE)
    elif not any(item.severity == "error" for item in failures):
        diagnostics.error(NO_CODE)
    return diagnostics.reading(None)


def _clean_text(text: str, diagnostics: DiagnosticCollector) -> str:
    """Normalises line ends, removes a byte order mark and replaces invalid characters."""
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    text = _INVALID_IN_SOURCE.sub("\ufffd", text)
    report_replaced_characters(text, diagnostics)
    lines = text.split("\n")
    if all(_LINE_MARK.match(line) for line in lines if line.strip()):
        without_marks = [_LINE_MARK.sub("", line, count=1) for line in lines]
        if text.strip():
            diagnostics.note("the mark or number at the beginning of each line is left out")
        return "\n".join(without_marks)
    return text


def _as_warning(item: Diagnostic) -> Diagnostic:
    return replace(item, severity="warning") if item.severity == "error" else item


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
    block: CodeBlock, previous: Canvas | None, diagnostics: DiagnosticCollector
) -> Canvas | None:
    """Reads the last readable canvas of a block; returns None if there is none."""
    statements = list(itertools.islice(find_statements(block.code), MAX_STATEMENTS + 1))
    calls_of_canvases: list[list[ResolvedCall]] = [[]]
    for call in resolve_calls(statements):
        if call.kind == "canvas":
            calls_of_canvases.append([])
        else:
            calls_of_canvases[-1].append(call)
    candidates = [calls for calls in calls_of_canvases if calls]
    if len(candidates) > 1 and (limit := _exceeded_limit(statements)):
        diagnostics.error(f"{limit}; paste the last answer alone")
        return None
    failures: list[Diagnostic] = []  # of the last canvas
    for calls in reversed(candidates):
        canvas_diagnostics = DiagnosticCollector()
        canvas = _read_calls(calls, previous, canvas_diagnostics)
        if canvas is not None and not canvas.regions and len(candidates) == 1:
            unread = count_mentions(block.code) - sum(call.kind == "local" for call in calls)
            if unread > 0:
                canvas_diagnostics.error(
                    f"no region can be read, although the code seems to add {unread} of them: "
                    "expected canvas.add_local_description(...)"
                )
                canvas = None
        if canvas is not None:
            canvas_diagnostics.items += map(_as_warning, failures)
            diagnostics.extend(canvas_diagnostics, block.first_line - 1)
            if len(candidates) > 1:
                diagnostics.note("there are several canvases here; the last readable one is used")
            return canvas
        failures = failures or canvas_diagnostics.items
    canvas_diagnostics = DiagnosticCollector()
    canvas_diagnostics.items += failures
    diagnostics.extend(canvas_diagnostics, block.first_line - 1)
    return None


def _exceeded_limit(statements: Sequence[Statement]) -> str:
    """Returns which limit ended the reading before the end of the text; "" for none."""
    if len(statements) > MAX_STATEMENTS:
        return f"the text has more than {MAX_STATEMENTS:,} statements of canvas code"
    return TOO_LONG if statements and statements[-1].problem == TOO_LONG else ""


def _read_calls(
    calls: Sequence[ResolvedCall], previous: Canvas | None, diagnostics: DiagnosticCollector
) -> Canvas | None:
    description: Canvas | None = None
    regions: list[Region] = []
    number = 0
    lost_calls = 0  # that may have added a region
    for call in calls:
        line = call.statement.line
        if call.kind == "lost":
            diagnostics.warning(call.problem, line)
            lost_calls += 1
            continue
        if call.kind == "global":
            if description is not None:
                diagnostics.warning(
                    "the global description is set twice; the last one is used", line
                )
            description = _read_global(call, previous, diagnostics) or description
            continue
        number += 1
        if len(regions) == MAX_REGIONS:
            _report_surplus(calls, regions, line, diagnostics)
            break
        region = _read_region(call, f"region {number}", previous, diagnostics)
        if region is not None:
            regions.append(region)
        elif not call.statement.cut_off:
            lost_calls += 1
    if lost_calls and not regions:
        reason = next(item for item in diagnostics.items if item.severity == "warning")
        diagnostics.error(f"no region can be read: {reason.message}", reason.line)
        return None
    if description is None and not regions:
        return None
    if description is None and previous is not None:
        description = previous
    if description is None:
        diagnostics.warning("there is no global description; it is empty now")
        description = Canvas(description="")
    return replace(description, regions=tuple(regions))


def _report_surplus(
    calls: Sequence[ResolvedCall],
    regions: list[Region],
    line: int,
    diagnostics: DiagnosticCollector,
) -> None:
    """Reports the regions above the limit, and removes repeated ones from those below it."""
    count = sum(call.kind == "local" for call in calls)
    different = list(dict.fromkeys(regions))
    diagnostics.warning(
        f"the answer has {count} regions; only the first {MAX_REGIONS} regions are read", line
    )
    if len(different) < len(regions):
        diagnostics.warning(
            f"{len(regions) - len(different)} of these regions repeat others word for word; they "
            "are left out",
            line,
        )
        regions[:] = different


def _read_global(
    call: ResolvedCall, previous: Canvas | None, diagnostics: DiagnosticCollector
) -> Canvas | None:
    where = "the global description"
    values = _read_arguments(call, CANVAS_FIELDS, where, diagnostics)
    if values is None:
        return None
    if not values:
        diagnostics.warning(f"{where}: none of its fields can be read", call.statement.line)
        return None
    if previous is not None:
        values = inherit_global(values, previous)
    return FieldReader(values, where, diagnostics, call.statement.line).read_canvas({})


def _read_region(
    call: ResolvedCall, where: str, previous: Canvas | None, diagnostics: DiagnosticCollector
) -> Region | None:
    values = _read_arguments(call, (*REGION_FIELDS, _BOX, _NAME), where, diagnostics)
    if values is None:
        return None
    has_place = _BOX in values or all(name in values for name in _PLACE_FIELDS)
    if call.statement.cut_off and not (has_place and "description" in values):
        diagnostics.warning(
            f"{where}: it is cut off before its place and description are complete; it is left out",
            call.statement.line,
        )
        return None
    box = read_code_box(values[_BOX], where, diagnostics) if _BOX in values else None
    _use_name(values, where, diagnostics)
    if previous is not None:
        values, inherited_box = inherit_region(values, previous)
        box = box or inherited_box
    return FieldReader(values, where, diagnostics, call.statement.line).read_region({}, box)


def _use_name(values: dict[str, FieldValue], where: str, diagnostics: DiagnosticCollector) -> None:
    """Makes the name of a dialect's region its description, or one of its tags."""
    name = values.pop(_NAME, None)
    if name is None or not isinstance(name.value, str):
        return
    texts = [values[key].value for key in ("description", "tags") if key in values]
    words = set(re.findall(r"\w+", " ".join(map(str, texts)).lower()))
    if "description" not in values:
        values["description"] = name
        diagnostics.note(f"{where}: its name is read as its description", name.line)
    elif words.issuperset(re.findall(r"\w+", name.value.lower())):
        diagnostics.note(f"{where}: its name repeats its description; it is left out", name.line)
    else:
        tags = values.get("tags")
        text = f"{name.value}, {tags.value}" if tags and isinstance(tags.value, str) else name.value
        values["tags"] = FieldValue(text.rstrip(", "), tags.line if tags else name.line)
        diagnostics.note(f"{where}: its name is added to its tags", name.line)


def _read_arguments(
    call: ResolvedCall, names: tuple[str, ...], where: str, diagnostics: DiagnosticCollector
) -> dict[str, FieldValue] | None:
    """Returns a call's values by parameter name; None after a warning if it is unparsable."""
    statement = call.statement
    for repair, line in statement.repairs:
        diagnostics.note(f"{where}: repaired {repair}", line)
    if statement.tree is None and not (call.positional or call.keywords):
        diagnostics.warning(
            f"{where}: cannot be read: {statement.problem}; it is left out", statement.line
        )
        return None
    if call.known_as:
        diagnostics.note(
            f"{where}: {statement.name}(...) is read as {call.known_as}(...)", statement.line
        )
    values: dict[str, FieldValue] = {}
    for position, value in enumerate(call.positional):
        if position >= len(names) or names[position] in (_BOX, _NAME):
            diagnostics.warning(f"{where}: argument {position + 1} is ignored", value.line)
        else:
            values[names[position]] = value
    keywords = join_box_sides(call.keywords) if _BOX in names else call.keywords
    used_names = {name for name, _ in keywords}
    for word, value in keywords:
        name = _match_parameter(word, names, used_names)
        if name is None:
            argument = f"{word!r} is not a known field" if word else "a ** argument is computed"
            diagnostics.warning(f"{where}: {argument}; it is ignored", value.line)
            continue
        if name not in (word, _BOX, _NAME):
            diagnostics.note(f"{where}: field {word!r} is read as {name!r}", value.line)
        if name in values:
            diagnostics.warning(f"{where}: {name} is set twice; the last value is used", value.line)
        values[name] = value
    if statement.cut_off:
        missing = [name for name in names if name not in values and name not in (_BOX, _NAME)]
        lost = "; its incomplete last item is left out" if statement.lost_item else ""
        lost += f"; missing: {', '.join(missing)}" if missing else ""
        diagnostics.warning(
            f"{where}: the call is cut off before its closing bracket{lost}", statement.line
        )
    return values


def _match_parameter(
    word: str | None, names: tuple[str, ...], used_names: set[str | None]
) -> str | None:
    lower = (word or "").lower()
    if lower in BOX_NAMES and _BOX in names:
        return _BOX
    if lower in _NAMES and _NAME in names:
        return _NAME
    return match_field(word, (*names, SYNTAX), used_names)
