"""Checks and compares preset names, which must be file names on every system."""

from __future__ import annotations

import unicodedata

from lib_omost.presets.preset import LibraryError

MAX_NAME_BYTES = 200
"""Longest name in UTF-8. File systems allow 255 bytes, including the endings that are appended."""

_FORBIDDEN = '<>:"/\\|?*'
"""Characters that Windows forbids in file names."""

_WINDOWS_DEVICES = {"CON", "PRN", "AUX", "NUL"} | {
    f"{port}{n}" for port in ("COM", "LPT") for n in "123456789¹²³"
}


def checked_name(name: str) -> str:
    """Returns a preset's name as it is stored: stripped, with composed Unicode characters.

    Raises:
        LibraryError: The name cannot be a file name on every system.
    """
    name = unicodedata.normalize("NFC", name.strip())
    if not name:
        raise LibraryError("enter a name for the preset")
    if len(name.encode(errors="replace")) > MAX_NAME_BYTES:
        raise LibraryError(f"the name {name[:40]!r} is longer than {MAX_NAME_BYTES} bytes")
    if not name.isprintable() or any(letter in _FORBIDDEN for letter in name):
        raise LibraryError(
            f"the name {name!r:.80} contains an unprintable character or one of "
            f"{' '.join(_FORBIDDEN)}"
        )
    if name.startswith(".") or name.endswith("."):
        raise LibraryError(f"the name {name!r} begins or ends with a full stop")
    if name.split(".")[0].strip().upper() in _WINDOWS_DEVICES:
        raise LibraryError(f"{name!r} is a reserved file name on Windows: choose another name")
    return name


def is_valid_name(name: str) -> bool:
    """Returns whether `checked_name` accepts a name."""
    try:
        checked_name(name)
    except LibraryError:
        return False
    return True


def name_key(name: str) -> str:
    """Returns a key that is equal for two names that Windows or macOS treat as one file name."""
    return unicodedata.normalize("NFC", name).casefold()
