"""Files that appear whole or not at all, whatever happens meanwhile: the project's one writer."""

from __future__ import annotations

import errno
import os
import secrets
import time
from pathlib import Path

UNFINISHED = ".unfinished"

ABANDONED_AFTER = 600.0
"""Seconds after which a file that is not finished belongs to a program that has crashed."""

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
    """Write a file, in the place of one that is there.

    Args:
        path: The file; its folder must exist.
        data: All of its content.
        mode: Its permissions, less the process's umask; it has them from the beginning.

    Raises:
        OSError: The file cannot be written. What was there before stays.
    """
    unfinished = _write_unfinished(path.parent, data, mode, durable=True)
    try:
        unfinished.replace(path)
    except OSError:
        unfinished.unlink(missing_ok=True)
        raise


def create(path: Path, data: bytes, *, durable: bool = True) -> None:
    """Write a file that is not there yet: of many that try at once, one succeeds.

    Args:
        path: The file; its folder must exist.
        data: All of its content.
        durable: Wait until the disk has it, some milliseconds. Without this a power failure may
            leave an empty file.

    Raises:
        FileExistsError: The file is there already, and stays as it is.
        OSError: The file cannot be written.
    """
    unfinished = _write_unfinished(path.parent, data, 0o666, durable)
    try:
        move(unfinished, path)
    except OSError:
        unfinished.unlink(missing_ok=True)
        raise


def move(old: Path, new: Path) -> None:
    """Give a file another name in its file system.

    Raises:
        FileExistsError: The new name is taken; both files stay as they are.
    """
    try:
        os.link(old, new)
    except FileExistsError:
        raise
    except (OSError, NotImplementedError) as error:
        if isinstance(error, OSError) and error.errno not in _NO_LINKS:
            raise
        # Whoever makes the empty file may replace it.
        os.close(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL))
        try:
            old.replace(new)
        except OSError:
            new.unlink()
            raise
    else:
        old.unlink()


def clear_unfinished(folder: Path, older_than: float = ABANDONED_AFTER) -> None:
    """Delete what programs that crashed left of files that they were writing.

    Args:
        folder: The folder of those files.
        older_than: Seconds since their last change; 0 where no other program writes there.
    """
    for file in folder.glob(f".*{UNFINISHED}"):
        try:
            if time.time() - file.stat().st_mtime >= older_than:
                file.unlink()
        except FileNotFoundError:
            continue  # finished, or cleared by another program


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
