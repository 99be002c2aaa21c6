"""The files of a language model: where a name leads, and how a replaced file is noticed."""

from __future__ import annotations

import os
import stat
from collections.abc import Hashable
from pathlib import Path

from lib_omost.llm.failures import UnusableError

MOST_FILES = 1000
"""Files of a folder that are looked at; a model has some dozens."""


def path_of(name: str) -> tuple[Path, int]:
    """Return the path that a model's name may be, and the kind of file that is there.

    Returns:
        The path without `~`, and `stat.S_IFDIR`, `stat.S_IFREG`, another kind, or 0 for nothing.

    Raises:
        UnusableError: The name cannot be a path, or we may not look there.
    """
    try:
        path = Path(name).expanduser()
        return path, stat.S_IFMT(path.stat().st_mode)
    except (FileNotFoundError, NotADirectoryError):
        return path, 0
    except RuntimeError as error:  # expanduser
        raise UnusableError(f"There is no such user here: {name!r:.80}; write the path.") from error
    except PermissionError as error:
        raise UnusableError(f"{name!r:.80} may not be read: change its permissions.") from error
    except (OSError, ValueError) as error:
        # Too long, a NUL byte, half of a character, or links in a circle.
        raise UnusableError(f"{name!r:.80} is no path that can be read: correct it.") from error


def files_identity(name: str) -> Hashable:
    """Return what changes when the files of a model are replaced, None where a name has none."""
    try:
        path, kind = path_of(name.strip())
        if kind == stat.S_IFDIR:
            with os.scandir(path) as entries:
                files = sorted(entry.path for entry in entries)[:MOST_FILES]
        else:
            files = [str(path)] if kind else []
        return tuple(_file_identity(file) for file in files) or None
    except (UnusableError, OSError):
        return None  # whoever loads the model says why it cannot be used


def _file_identity(file: str) -> Hashable:
    status = os.stat(file)
    return file, status.st_size, status.st_mtime_ns, status.st_ino
