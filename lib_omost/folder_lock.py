"""A lock on a folder that several programs share; it needs no file of its own."""

from __future__ import annotations

import errno
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

POLL = 0.01
"""Seconds between two tries to have a lock."""


@contextmanager
def locked(folder: Path, patience: float) -> Iterator[None]:
    """Keep other programs that ask for the same lock out of a folder.

    The operating system gives the lock back when this process ends, however it ends. Windows, and
    file systems without locks, are used without one.

    Args:
        folder: The folder, which must exist.
        patience: Seconds to wait for a program that has the lock.

    Raises:
        TimeoutError: Another program had it all the time.
        OSError: The folder cannot be read.
    """
    if sys.platform == "win32":  # which opens no folders
        yield
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        until = time.monotonic() + patience
        while not _is_ours(descriptor):
            if time.monotonic() >= until:
                raise TimeoutError(errno.ETIMEDOUT, "another program keeps it locked", str(folder))
            time.sleep(POLL)
        yield
    finally:
        os.close(descriptor)


def _is_ours(descriptor: int) -> bool:
    """Try to lock an open folder; return whether nobody else has the lock now."""
    import fcntl

    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    except OSError:
        return True  # no locks here
    return True
