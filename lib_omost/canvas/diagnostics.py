"""Diagnostics: the notes, warnings and errors that reading a canvas text produces."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from lib_omost.canvas.model import Canvas

Severity = Literal["note", "warning", "error"]

MAX_DIAGNOSTICS = 100
"""Maximum number of diagnostics for one text; one last diagnostic counts the others."""


@dataclass(frozen=True)
class Diagnostic:
    """One sentence about the text that was read.

    Attributes:
        severity: "note" for a repair that loses nothing, "warning" for content that was lost or
            guessed, "error" if the text contains no readable canvas.
        message: The sentence, without the severity and the line.
        line: Line number from 1; None if the diagnostic belongs to no line.
    """

    severity: Severity
    message: str
    line: int | None = None

    def __str__(self) -> str:
        where = f"line {self.line}: " if self.line else ""
        return f"{self.severity}: {where}{self.message}"


@dataclass(frozen=True)
class Reading:
    """The result of reading a text: the canvas, None if it is unreadable, and the diagnostics."""

    canvas: Canvas | None
    diagnostics: tuple[Diagnostic, ...] = ()


def failed_reading(message: str) -> Reading:
    """Returns the reading of a text that contains no canvas, with the reason."""
    return Reading(None, (Diagnostic("error", message),))


class DiagnosticCollector:
    """Collects diagnostics while a text is read."""

    def __init__(self) -> None:
        self.items: list[Diagnostic] = []

    def note(self, message: str, line: int | None = None) -> None:
        """Reports a repair that loses nothing."""
        self.items.append(Diagnostic("note", message, line))

    def warning(self, message: str, line: int | None = None) -> None:
        """Reports content that was lost or guessed."""
        self.items.append(Diagnostic("warning", message, line))

    def error(self, message: str, line: int | None = None) -> None:
        """Reports why the text contains no readable canvas."""
        self.items.append(Diagnostic("error", message, line))

    def extend(self, part: DiagnosticCollector, lines_before: int) -> None:
        """Adds the diagnostics of a part of the text.

        Args:
            part: Diagnostics with line numbers that count from the beginning of the part.
            lines_before: Number of lines of the text before the part.
        """
        for item in part.items:
            line = item.line + lines_before if item.line else None
            self.items.append(Diagnostic(item.severity, item.message, line))

    def reading(self, canvas: Canvas | None) -> Reading:
        """Returns the canvas together with all diagnostics, sorted by line."""
        items = sorted(self.items, key=lambda item: item.line or 0)
        if len(items) > MAX_DIAGNOSTICS:
            hidden = len(items) - MAX_DIAGNOSTICS
            items[MAX_DIAGNOSTICS:] = [Diagnostic("warning", f"and {hidden} more messages")]
        return Reading(canvas, tuple(items))


def report_replaced_characters(text: str, diagnostics: DiagnosticCollector) -> None:
    """Warns if the text contains U+FFFD, the replacement for undecodable characters."""
    first = text.find("\ufffd")
    if first >= 0:
        line = text.count("\n", 0, first) + 1
        diagnostics.warning(
            "some characters could not be decoded; \ufffd takes the place of each", line
        )
