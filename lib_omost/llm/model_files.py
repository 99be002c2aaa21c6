"""Resolves the path of a language model and detects replaced model files."""

from __future__ import annotations

import os
import stat
from collections.abc import Hashable
from pathlib import Path

from lib_omost.llm.failures import UnusableError

MAX_FILES = 1000
"""Maximum number of files of a folder that are compared; a model has some dozens."""


def resolve_path(name: str) -> tuple[Path, int]:
    """Returns the path for a model's name and the type of the file at that path.

    Args:
        name: A path, perhaps with `~`.

    Returns:
        The path without `~`, and `stat.S_IFDIR`, `stat.S_IFREG`, another type, or 0 for a missing
        file.

    Raises:
        UnusableError: The name is an invalid path, or the path is not readable.
    """
    try:
        path = Path(name).expanduser()
        return path, stat.S_IFMT(path.stat().st_mode)
    except (FileNotFoundError, NotADirectoryError):
        return path, 0
    except RuntimeError as error:  # expanduser
        raise UnusableError(
            f"There is no such user here: {name!r:.80}; use a full path."
        ) from error
    except PermissionError as error:
        raise UnusableError(f"{name!r:.80} is not readable: change its permissions.") from error
    except (OSError, ValueError) as error:
        # The name is too long, has a NUL byte or a lone surrogate, or the links form a circle.
        raise UnusableError(f"{name!r:.80} is not a valid path: correct it.") from error


def files_identity(name: str) -> Hashable:
    """Returns a value that changes when the files of a model are replaced, None without files.

    Args:
        name: The path of a folder or a GGUF file.
    """
    try:
        path, kind = resolve_path(name.strip())
        if kind == stat.S_IFDIR:
            with os.scandir(path) as entries:
                files = sorted(entry.path for entry in entries)[:MAX_FILES]
        else:
            files = [str(path)] if kind else []
        return tuple(_file_identity(file) for file in files) or None
    except (UnusableError, OSError):
        return None  # loading the model reports the reason


def _file_identity(file: str) -> Hashable:
    status = os.stat(file)
    return file, status.st_size, status.st_mtime_ns, status.st_ino
