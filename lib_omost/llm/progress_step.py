"""The callback for the progress of long work (loading, reading a prompt); it raises to cancel."""

from __future__ import annotations

from typing import Protocol


class ProgressStep(Protocol):
    """Reports the next step of loading; raises CancelledError if loading has to stop."""

    def __call__(self, message: str, fraction: float | None = None) -> None:
        """Reports a step.

        Args:
            message: The step, for people.
            fraction: The completed part of the step, 0 to 1, None if unknown.
        """
        ...
