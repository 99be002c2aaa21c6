"""Collects the messages of a job and shows them under the result and in the API's answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lib_omost.canvas.diagnostics import Diagnostic

PREFIX = "Omost: "
"""The beginning of each of Omost's comments on a job."""

MAX_WARNINGS = 3
"""The most warnings about one canvas under a picture; the region editor shows all of them."""


class Messages:
    """Collects the messages of one job, each message once."""

    def __init__(self) -> None:
        self._texts: list[str] = []

    def add(self, message: str) -> None:
        """Adds a message."""
        if message not in self._texts:
            self._texts.append(message)

    def add_diagnostics(self, source: str, diagnostics: Sequence[Diagnostic]) -> None:
        """Adds one short message with the first warnings, or else the first note.

        Args:
            source: The text that the diagnostics are about: "the canvas", "canvas 2".
            diagnostics: The repairs and problems that were found in it.
        """
        warnings = [item for item in diagnostics if item.severity != "note"]
        shown = warnings[:MAX_WARNINGS] or diagnostics[:1]
        if shown:
            more = len(diagnostics) - len(shown)
            rest = [f"and {more} more"] if more else []
            self.add("; ".join([f"{source}: {shown[0]}", *map(str, shown[1:]), *rest]))

    def show(self, p: Any) -> None:
        """Shows the messages under the result of the host's job p; safe to repeat."""
        for message in self._texts:
            p.comment(f"{PREFIX}{message}")


def add_to_result(p: Any, processed: Any) -> None:
    """Adds a job's messages to the parameters of its result, which the API returns.

    Args:
        p: The host's job. Its comments include those that the attention hooks added.
        processed: The host's result. It gets a new dict of parameters, because pictures that the
            host saves later must not have the messages in their infotext.
    """
    messages = [text.removeprefix(PREFIX) for text in p.comments if text.startswith(PREFIX)]
    if messages:
        processed.extra_generation_params = {
            **processed.extra_generation_params,
            "Omost messages": messages,
        }
