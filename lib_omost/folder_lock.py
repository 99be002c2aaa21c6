"""Locks a folder between programs without a lock file."""

from __future__ import annotations

import errno
import os
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

POLL = 0.01
"""Seconds between two attempts to lock a folder."""

_thread_locks: dict[Path, threading.Lock] = {}


@contextmanager
def locked(folder: Path, patience: float) -> Iterator[None]:
    """Holds an exclusive lock on a folder while the context is open.

    The operating system releases the lock when the process ends, even after a crash. On Windows,
    the lock excludes the other threads of this program only, and on file systems without locks
    the context does nothing.

    Args:
        folder: The folder, which must exist.
        patience: Seconds to wait while another program or thread holds the lock.

    Raises:
        TimeoutError: Another program or thread held the lock all the time.
        OSError: The folder cannot be read.
    """
    if sys.platform == "win32":  # Windows cannot open folders
        thread_lock = _thread_locks.setdefault(folder.resolve(), threading.Lock())
        if not thread_lock.acquire(timeout=patience):
            raise _held_error(folder)
        try:
            yield
        finally:
            thread_lock.release()
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        until = time.monotonic() + patience
        while not _try_lock(descriptor):
            if time.monotonic() >= until:
                raise _held_error(folder)
            time.sleep(POLL)
        yield
    finally:
        os.close(descriptor)


def _held_error(folder: Path) -> TimeoutError:
    return TimeoutError(errno.ETIMEDOUT, "another program keeps it locked", str(folder))


def _try_lock(descriptor: int) -> bool:
    """Tries to lock an open folder; returns False if another program holds the lock."""
    import fcntl

    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    except OSError:
        return True  # the file system has no locks
    return True
