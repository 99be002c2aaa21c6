"""What a job tells its user under the result and over the API."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lib_omost.canvas.diagnostics import Diagnostic

PREFIX = "Omost: "
"""How every comment of ours on a job begins."""

SHOWN = 3
"""Warnings about one canvas that are shown under a picture; the editor shows all."""


class Messages:
    """The messages of one job, each of them once.

    p: the host's job in every method.
    """

    def __init__(self) -> None:
        self._texts: list[str] = []

    def say(self, message: str) -> None:
        """Add a message."""
        if message not in self._texts:
            self._texts.append(message)

    def remark(self, which: str, diagnostics: Sequence[Diagnostic]) -> None:
        """Add what was found in a canvas as one short message: warnings first, else one note."""
        warnings = [item for item in diagnostics if item.severity != "note"]
        shown = warnings[:SHOWN] or diagnostics[:1]
        if shown:
            more = len(diagnostics) - len(shown)
            counted = [f"and {more} more"] if more else []
            self.say("; ".join([f"{which}: {shown[0]}", *map(str, shown[1:]), *counted]))

    def tell(self, p: Any) -> None:
        """Show the messages under the result; the host shows each of them once."""
        for message in self._texts:
            p.comment(f"{PREFIX}{message}")


def report(p: Any, processed: Any) -> None:
    """Put a finished job's messages into its parameters, the part of it that the API shows.

    The hooks may have added some to the job's comments while it was sampled. A new dict: pictures
    that are still to be made must not have them in their infotext.
    """
    messages = [text.removeprefix(PREFIX) for text in p.comments if text.startswith(PREFIX)]
    if messages:
        processed.extra_generation_params = {
            **processed.extra_generation_params,
            "Omost messages": messages,
        }
