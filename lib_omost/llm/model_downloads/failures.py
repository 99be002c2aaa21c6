"""The failure of a download from one place, after which another place may be tried."""

from __future__ import annotations

from collections.abc import Callable

Report = Callable[[int, int], None]
"""Gets the bytes of a file that are here and the bytes of the whole file, 0 if unknown."""


class DownloadError(Exception):
    """A place does not give a file; the message is the reason, for the middle of a sentence."""
