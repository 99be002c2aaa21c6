"""One batch at a time in a folder: two would compose and paint every line twice."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

NAME = ".omost-batch.lock"

NO_LOCKS = (
    "note: the file system of {folder} has no locks ({reason}); start no second batch in it "
    "while this one works"
)

_FAR = 1 << 20
"""The byte that Windows locks: it lets nobody read a byte that is locked."""


class BusyFolderError(Exception):
    """Another batch works in the folder; the message says which."""


@contextmanager
def only_batch(folder: Path, say: Callable[[str], None]) -> Iterator[None]:
    """Keep other batches out of a folder, which is made where it is not there.

    The operating system gives the lock back when this process ends, however it ends, so a batch
    that was killed keeps nobody out.

    Args:
        folder: The folder.
        say: Tells the user where the folder's file system has no locks.

    Raises:
        BusyFolderError: Another batch works there.
        OSError: The folder cannot be made or written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(folder / NAME, os.O_RDWR | os.O_CREAT)
    with open(descriptor, "r+b") as file:
        try:
            _lock(file.fileno())
        except (BlockingIOError, PermissionError) as error:
            holder = file.read(200).decode("utf-8", "replace").strip()
            raise BusyFolderError(
                f"another batch works in {folder} ({holder or 'it does not say which'}): wait "
                "until it has ended, or choose another folder with --out"
            ) from error
        except OSError as error:
            say(NO_LOCKS.format(folder=folder, reason=error.strerror))
        file.truncate(0)
        file.write(f"process {os.getpid()} on {platform.node()}\n".encode())
        file.flush()
        yield


def _lock(descriptor: int) -> None:
    """Lock an open file; raise BlockingIOError or PermissionError where another process has it."""
    if sys.platform == "win32":
        import msvcrt

        os.lseek(descriptor, _FAR, os.SEEK_SET)
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        finally:
            os.lseek(descriptor, 0, os.SEEK_SET)
    else:
        import fcntl

        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
