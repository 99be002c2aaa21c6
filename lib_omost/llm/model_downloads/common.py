"""Shared by both download sources: ending of unfinished files, progress reports, DownloadError."""

from __future__ import annotations

from collections.abc import Callable

PARTIAL = ".partial"
"""End of the name of an unfinished file."""

Report = Callable[[int, int], None]
"""Gets the bytes of a file that are here and the bytes of the whole file, 0 if unknown."""


class DownloadError(Exception):
    """A place does not give a file; the message is the reason, for the middle of a sentence."""
