"""Writes files atomically: a file appears complete or not at all, even after a crash."""

from __future__ import annotations

import errno
import os
import secrets
import time
from pathlib import Path

UNFINISHED = ".unfinished"

ABANDONED_AFTER = 600.0
"""Age in seconds at which an unfinished file counts as the remains of a crashed program."""

_NO_LINKS = {
    errno.EPERM,
    errno.EACCES,
    errno.ENOSYS,
    errno.EOPNOTSUPP,
    errno.ENOTSUP,
    errno.EINVAL,
}
"""Error numbers of file systems that have no hard links."""


def write(path: Path, data: bytes, *, mode: int = 0o666) -> None:
    """Writes a file and replaces an existing one.

    Args:
        path: The file; its folder must exist.
        data: The complete content.
        mode: The permissions before the process's umask, in effect from the first byte on.

    Raises:
        OSError: The file cannot be written. An existing file is unchanged.
    """
    unfinished = _write_unfinished(path.parent, data, mode, durable=True)
    try:
        unfinished.replace(path)
    except OSError:
        unfinished.unlink(missing_ok=True)
        raise


def create(path: Path, data: bytes, *, durable: bool = True) -> None:
    """Creates a new file; of several concurrent attempts, exactly one succeeds.

    Args:
        path: The file; its folder must exist.
        data: The complete content.
        durable: Whether to wait some milliseconds until the disk has stored the file. Otherwise a
            power failure may leave an empty file.

    Raises:
        FileExistsError: The file exists already and is unchanged.
        OSError: The file cannot be written.
    """
    unfinished = _write_unfinished(path.parent, data, 0o666, durable)
    try:
        move(unfinished, path)
    except OSError:
        unfinished.unlink(missing_ok=True)
        raise


def move(old: Path, new: Path) -> None:
    """Renames a file within its file system without replacing an existing file.

    Args:
        old: The file.
        new: The new path.

    Raises:
        FileExistsError: A file with the new path exists; both files are unchanged.
    """
    try:
        os.link(old, new)
    except FileExistsError:
        raise
    except (OSError, NotImplementedError) as error:
        if isinstance(error, OSError) and error.errno not in _NO_LINKS:
            raise
        # Without hard links, the program that creates the empty file wins and replaces it.
        os.close(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL))
        try:
            old.replace(new)
        except OSError:
            new.unlink()
            raise
    else:
        old.unlink()


def clear_unfinished(folder: Path, older_than: float = ABANDONED_AFTER) -> None:
    """Deletes the unfinished files of crashed programs.

    Args:
        folder: The folder that contains the files.
        older_than: Minimum age in seconds; 0 if no other program writes to the folder.
    """
    for file in folder.glob(f".*{UNFINISHED}"):
        try:
            if time.time() - file.stat().st_mtime >= older_than:
                file.unlink()
        except FileNotFoundError:
            continue  # finished, or deleted by another program


def _write_unfinished(folder: Path, data: bytes, mode: int, durable: bool) -> Path:
    unfinished = folder / f".{secrets.token_hex(8)}{UNFINISHED}"
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _BINARY, mode)
    try:
        with open(descriptor, "wb") as file:
            file.write(data)
            if durable:
                file.flush()
                os.fsync(file.fileno())
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise
    return unfinished


_BINARY = getattr(os, "O_BINARY", 0)  # Windows would translate the ends of lines
