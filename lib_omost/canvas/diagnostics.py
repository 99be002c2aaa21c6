"""What a reader of canvases has to say about the text it read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from lib_omost.canvas.model import Canvas

Severity = Literal["note", "warning", "error"]

MOST_SHOWN = 100
"""Diagnostics of one reading; more are only counted."""


@dataclass(frozen=True)
class Diagnostic:
    """One plain sentence about the text that was read.

    note: repaired without loss of meaning; warning: something was lost or guessed; error: the
    text holds no readable canvas. `line` counts from 1, None where no line is to blame.
    """

    severity: Severity
    message: str
    line: int | None = None

    def __str__(self) -> str:
        where = f"line {self.line}: " if self.line else ""
        return f"{self.severity}: {where}{self.message}"


@dataclass(frozen=True)
class Reading:
    """A canvas that was read, or None, with what there is to say about it."""

    canvas: Canvas | None
    diagnostics: tuple[Diagnostic, ...] = ()


class Findings:
    """Collects diagnostics while a text is read."""

    def __init__(self) -> None:
        self.items: list[Diagnostic] = []

    def note(self, message: str, line: int | None = None) -> None:
        """Say what was repaired without loss of meaning."""
        self.items.append(Diagnostic("note", message, line))

    def warning(self, message: str, line: int | None = None) -> None:
        """Say what was lost or guessed."""
        self.items.append(Diagnostic("warning", message, line))

    def error(self, message: str, line: int | None = None) -> None:
        """Say why there is no canvas."""
        self.items.append(Diagnostic("error", message, line))

    def add(self, findings: Findings, lines_before: int) -> None:
        """Take over what was said about a part of the text that begins after so many lines."""
        for item in findings.items:
            line = item.line + lines_before if item.line else None
            self.items.append(Diagnostic(item.severity, item.message, line))

    def reading(self, canvas: Canvas | None) -> Reading:
        """The canvas with everything that was said, in the order of the lines."""
        items = sorted(self.items, key=lambda item: item.line or 0)
        if len(items) > MOST_SHOWN:
            left = len(items) - MOST_SHOWN
            items[MOST_SHOWN:] = [Diagnostic("warning", f"and {left} more things like these")]
        return Reading(canvas, tuple(items))


def report_lost_characters(text: str, findings: Findings) -> None:
    """Warn of U+FFFD, which stands where bytes or characters could not be read as text."""
    first = text.find("\ufffd")
    if first >= 0:
        line = text.count("\n", 0, first) + 1
        findings.warning("some characters could not be read; \ufffd stands for each", line)
