"""What a reader of canvases has to say about the text it read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from lib_omost.canvas.model import Canvas

Severity = Literal["note", "warning", "error"]


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
