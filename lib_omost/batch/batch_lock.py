"""Locks the folder of a batch, because two batches in it would make every line twice."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

LOCK_FILE = ".omost-batch.lock"

NO_LOCKS = (
    "note: the file system of {folder} has no locks ({reason}); start no second batch in it "
    "while this one works"
)

_LOCKED_BYTE = 1 << 20
"""Position of the locked byte on Windows.

It is behind the file's content, because Windows lets no other process read a locked byte.
"""


class BusyFolderError(Exception):
    """Explains that another batch works in the folder, and which process it is."""


@contextmanager
def lock_folder(folder: Path, report: Callable[[str], None]) -> Iterator[None]:
    """Locks a folder against other batches; creates the folder if it is missing.

    The operating system releases the lock when this process ends, also after a crash.

    Args:
        folder: The folder.
        report: Prints a sentence for the user if the file system has no locks.

    Raises:
        BusyFolderError: Another batch works in the folder.
        OSError: The folder cannot be created or written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(folder / LOCK_FILE, os.O_RDWR | os.O_CREAT)
    with open(descriptor, "r+b") as file:
        try:
            _lock(file.fileno())
        except (BlockingIOError, PermissionError) as error:
            holder = file.read(200).decode("utf-8", "replace").strip()
            raise BusyFolderError(
                f"another batch works in {folder} ({holder or 'its process is unknown'}): wait "
                "until it has ended, or choose another folder with --out"
            ) from error
        except OSError as error:
            report(NO_LOCKS.format(folder=folder, reason=error.strerror))
        file.truncate(0)
        file.write(f"process {os.getpid()} on {platform.node()}\n".encode())
        file.flush()
        yield


def _lock(descriptor: int) -> None:
    """Locks an open file. Raises BlockingIOError or PermissionError if another process has it."""
    if sys.platform == "win32":
        import msvcrt

        os.lseek(descriptor, _LOCKED_BYTE, os.SEEK_SET)
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        finally:
            os.lseek(descriptor, 0, os.SEEK_SET)
    else:
        import fcntl

        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
