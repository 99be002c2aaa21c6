"""Reads and writes the JSON of one preset, and recognises the files of presets."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from lib_omost import atomic_files
from lib_omost.presets.preset import (
    DamagedPresetError,
    ForeignFileError,
    LibraryError,
    NewerVersionError,
    Preset,
    PresetExistsError,
    can_be_set,
)

VERSION = 1
"""Format version of a preset's file (key `omost_preset`) and of an export (`omost_library`)."""

MAX_FILE_BYTES = 4_000_000
"""Largest file of a preset; larger files belong to other programs."""

SUFFIX = ".json"

_PRESET_START = re.compile(rb'\s*\{\s*"omost_preset"')
"""Beginning of a preset's file, which identifies the file even if the rest is damaged."""


def load_preset(file: Path) -> Preset:
    """Reads a preset's file and moves a damaged file aside.

    Raises:
        DamagedPresetError: The file was damaged and has been moved.
        NewerVersionError: A newer version wrote the file, which stays.
        OSError: The file cannot be read.
    """
    try:
        return parse_preset(json.loads(file.read_text("utf-8")))
    except NewerVersionError:
        raise
    except (ValueError, RecursionError) as error:
        moved = _move_aside(file)
        raise DamagedPresetError(
            f"the preset {file.stem!r} is damaged ({error}); its file is kept as "
            f"{moved.name!r} in the library's folder"
        ) from error


def encode_preset(preset: Preset) -> bytes:
    """Returns the content of a preset's file, which begins with the key that identifies it."""
    data = {"omost_preset": VERSION, **preset_data(preset)}
    return json.dumps(data, ensure_ascii=False, indent=1).encode()


def preset_data(preset: Preset) -> dict[str, Any]:
    """Returns a preset as a JSON object without a version."""
    return {"canvas": preset.canvas, "settings": dict(preset.settings)}


def parse_preset(data: object) -> Preset:
    """Parses a preset's JSON object and drops the settings that this version does not know.

    Raises:
        NewerVersionError: A newer version wrote the preset.
        LibraryError: The JSON is no preset.
    """
    if isinstance(data, dict):
        check_version(data.get("omost_preset", VERSION))
    if not isinstance(data, dict) or not isinstance(data.get("canvas"), str):
        raise LibraryError("the preset has no canvas")
    settings = data.get("settings", {})
    if not isinstance(settings, dict):
        raise LibraryError("the preset's settings are no JSON object")
    known = {name: value for name, value in settings.items() if can_be_set(name, value)}
    preset = Preset(data["canvas"], known)
    preset.check()
    return preset


def check_version(version: object) -> None:
    """Checks the format version of a preset or an export.

    Raises:
        NewerVersionError: This program does not read the version.
    """
    if version != VERSION:
        raise NewerVersionError(
            f"the file has format version {version!r:.20}, but this program only reads version "
            f"{VERSION}: update this extension"
        )


def is_preset_file(file: Path) -> bool:
    """Returns whether a file is a preset, damaged or not, and belongs to no other program."""
    try:
        if not file.is_file() or file.stat().st_size > MAX_FILE_BYTES:
            return False
        if _PRESET_START.match(read_start(file, 100)):
            return True
        content = read_start(file, MAX_FILE_BYTES)
        data = json.loads(content) if b'"omost_preset"' in content else None
    except (OSError, ValueError, RecursionError):
        return False
    return isinstance(data, dict) and "omost_preset" in data


def check_preset_file(file: Path) -> None:
    """Checks that an existing file is a preset.

    Raises:
        ForeignFileError: The file belongs to another program.
    """
    if not is_preset_file(file):
        raise ForeignFileError(
            f"the file {file.name!r} in the library's folder is no preset and stays unchanged: "
            "choose another name"
        )


def existing_file_error(file: Path) -> LibraryError:
    """Returns the error to raise if an existing file occupies a preset's name."""
    try:
        check_preset_file(file)
    except ForeignFileError as error:
        return error
    return PresetExistsError(f"a preset named {file.stem!r} exists already")


def comparable_text(preset: Preset) -> str:
    """Returns a text that is the same for equal presets."""
    return json.dumps(preset_data(preset), sort_keys=True)


def comparable_file_text(file: Path) -> str:
    """Returns `comparable_text` of the preset in a file, "" for an unreadable file."""
    try:
        return comparable_text(parse_preset(json.loads(read_start(file, MAX_FILE_BYTES))))
    except (ValueError, RecursionError, OSError):
        return ""


def read_start(file: Path, size: int) -> bytes:
    """Returns the first bytes of a file, at most `size`."""
    with file.open("rb") as stream:
        return stream.read(size)


def _move_aside(file: Path) -> Path:
    """Renames a damaged file to the first free name "X.damaged1", "X.damaged2", ..."""
    number = 1
    while True:
        target = file.with_suffix(f".damaged{number}")
        try:
            atomic_files.move(file, target)
        except FileExistsError:
            number += 1
        else:
            return target
