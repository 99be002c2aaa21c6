"""Compares a downloaded file with its checksum: a SHA-256, or the id of a git blob."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

BLOCK = 1 << 22
"""Bytes that are read at once."""

SHA256_DIGITS, GIT_DIGITS = 64, 40
"""Length of a checksum: SHA-256 for large files, git's for small ones."""


def matches(path: Path, checksum: str, report: Callable[[int], None]) -> bool:
    """Tells whether a file has a checksum.

    Args:
        path: The file.
        checksum: SHA-256, or the id of a git blob, in hexadecimal.
        report: Gets the number of bytes that were read so far, and may raise to stop.
    """
    size = path.stat().st_size
    if len(checksum) == GIT_DIGITS:
        digest = hashlib.sha1(b"blob %d\0" % size, usedforsecurity=False)
    else:
        digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            digest.update(block)
            report(file.tell())
    return digest.hexdigest() == checksum.lower()
