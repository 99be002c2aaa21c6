"""Applies an answer that describes only changes to the previous canvas, or explains why not.

There are two kinds: a diff, and an answer that leaves out what has not changed.
"""

from __future__ import annotations

from lib_omost.canvas.code_reader import read_code
from lib_omost.canvas.code_writer import CanvasWriteError, write_code
from lib_omost.canvas.diagnostics import DiagnosticCollector, Reading
from lib_omost.canvas.diff_answers import Change, DiffError, apply_diff, find_diff
from lib_omost.canvas.model import Canvas
from lib_omost.canvas.partial_answers import find_placeholder, merge_partial, says_unchanged
from lib_omost.canvas.region_matching import match_regions

_REMEDY = "ask for the whole canvas"


def complete_answer(text: str, reading: Reading, previous: Canvas | None) -> Reading:
    """Applies an answer that describes only changes to the canvas before it.

    Args:
        text: The answer.
        reading: The answer, read as a whole canvas.
        previous: The canvas before the answer; None for none.

    Returns:
        The changed canvas; no canvas and the reason if the changes cannot be applied; the same
        reading for an answer with a whole canvas or without any.
    """
    changes = find_diff(text) if reading.canvas is None else []
    if changes:
        return _read_diff(changes, previous)
    reason = _left_out_parts(text, reading.canvas, previous)
    if not reason:
        return reading
    diagnostics = DiagnosticCollector()
    if previous is None:
        diagnostics.error(
            f"the answer leaves out unchanged parts: {reason}. There is no canvas before it that "
            f"contains them; {_REMEDY}"
        )
        return diagnostics.reading(None)
    partial = read_code(text, previous)
    if partial.canvas is None:
        partial = reading
    diagnostics.items += partial.diagnostics
    if partial.canvas is None:
        return diagnostics.reading(None)
    diagnostics.warning(
        f"the answer leaves out unchanged parts: {reason}. They come from the canvas before it"
    )
    return diagnostics.reading(merge_partial(previous, partial.canvas))


def _left_out_parts(text: str, canvas: Canvas | None, previous: Canvas | None) -> str:
    """Returns how an answer says that it leaves parts out; "" for an answer that does not."""
    placeholder = find_placeholder(text)
    if placeholder is not None:
        regions = canvas.regions if canvas is not None else ()
        is_remark = previous is None or match_regions(previous.regions, regions)
        if placeholder.certain or not is_remark:
            return repr(placeholder.text)
    if canvas is None or canvas.description:
        return ""
    if says_unchanged(text):
        return "it has no global description and says that other parts have not changed"
    return "it has no global description" if previous is not None else ""


def _read_diff(changes: list[Change], previous: Canvas | None) -> Reading:
    diagnostics = DiagnosticCollector()
    if previous is None:
        diagnostics.error(f"the answer is a diff, and there is no canvas before it; {_REMEDY}")
        return diagnostics.reading(None)
    try:
        code = apply_diff(changes, write_code(previous))
    except (DiffError, CanvasWriteError) as error:
        diagnostics.error(f"the answer is a diff that cannot be applied: {error}; {_REMEDY}")
        return diagnostics.reading(None)
    reading = read_code(code)
    for item in reading.diagnostics:
        diagnostics.warning(f"in the canvas that the diff changed: {item.message}")
    if reading.canvas is None:
        diagnostics.error(f"the answer is a diff that damages the canvas; {_REMEDY}")
    else:
        diagnostics.note("the answer is a diff; it is applied to the canvas before it")
    return diagnostics.reading(reading.canvas)
