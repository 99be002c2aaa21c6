"""The canvas library: named presets on disk, one JSON file for each."""

from __future__ import annotations

import functools
import json
import os
import threading
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lib_omost.canvas.limits import too_long
from lib_omost.settings import FIELDS, Settings, SettingsError
from lib_omost.webui import options

VERSION = 1
"""Of a preset's file, under the key `omost_preset`, and of an export, under `omost_library`."""

MAX_IMPORT = 20_000_000
"""Characters of an exported library."""

MAX_NAME = 200
"""Bytes of a name in UTF-8; file systems take 255 with what is appended."""

SUFFIX = ".json"

SETTINGS = frozenset(FIELDS) - {"enabled", "canvas"}
"""What the settings of a preset may name."""

_FORBIDDEN = '<>:"/\\|?*'
_DEVICES = {"CON", "PRN", "AUX", "NUL"} | {
    f"{port}{n}" for port in ("COM", "LPT") for n in "123456789¹²³"
}


class LibraryError(ValueError):
    """What the library cannot do; the message says why and what would do."""


class NoPresetError(LibraryError):
    """No preset has that name."""


class TakenError(LibraryError):
    """A preset has that name already."""


class DamagedError(LibraryError):
    """A preset's file cannot be read and was put aside."""


@dataclass(frozen=True)
class Preset:
    """A canvas as text, in any form that `canvas.files.read` takes, and the settings that it sets.

    settings: by the names of settings.FIELDS without `enabled` and `canvas`; empty for a canvas
    alone.
    """

    canvas: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)

    def check(self) -> None:
        """Raise LibraryError for what cannot be kept."""
        if too_long(self.canvas):
            raise LibraryError(too_long(self.canvas))
        if not _is_text(self.canvas):
            raise LibraryError("the canvas holds half a character: type the last one anew")
        for name in self.settings:
            if name not in SETTINGS:
                raise LibraryError(
                    f"a preset cannot set {name!r:.80}; it sets {', '.join(sorted(SETTINGS))}"
                )
        try:
            Settings.from_mapping(self.settings)
        except SettingsError as error:
            raise LibraryError(str(error)) from error


class Library:
    """The presets in a folder, which is made when something is saved.

    Names are told apart as Windows does, whatever the case of their letters. A file is replaced as
    a whole or not at all. Raises LibraryError, in a sentence for the user, and OSError where the
    folder cannot be read or written.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()

    def names(self) -> list[str]:
        """Return the names of all presets in alphabetical order."""
        files = self._folder.glob(f"*{SUFFIX}")
        return sorted((file.stem for file in files if _is_name(file.stem)), key=_key)

    def load(self, name: str) -> Preset:
        """Return a preset, without the settings that this version does not know.

        Raises NoPresetError, and DamagedError once the file is put aside.
        """
        with self._lock:
            file = self._existing(name)
            try:
                return _read_preset(json.loads(file.read_text("utf-8")))
            except _NewerError:
                raise
            except (ValueError, RecursionError) as error:
                aside = _put_aside(file)
                raise DamagedError(
                    f"the preset {name!r} is damaged ({error}); its file is kept as "
                    f"{aside.name!r} in the library's folder"
                ) from error

    def save(self, name: str, preset: Preset, *, replace: bool = False) -> None:
        """Keep a preset; replace: also where its name is taken. Raises TakenError."""
        preset.check()
        with self._lock:
            file = self._file(name)
            if file.exists() and not replace:
                raise TakenError(f"a preset named {file.stem!r} is there already")
            self._write(file, {"omost_preset": VERSION, **_data(preset)})

    def rename(self, name: str, new_name: str) -> None:
        """Give a preset another name. Raises NoPresetError, TakenError."""
        with self._lock:
            old, new = self._existing(name), self._file(new_name)
            if new != old and new.exists():
                raise TakenError(f"a preset named {new.stem!r} is there already")
            old.rename(self._folder / f"{checked_name(new_name)}{SUFFIX}")

    def delete(self, name: str) -> None:
        """Delete a preset. Raises NoPresetError."""
        with self._lock:
            self._existing(name).unlink()

    def export_text(self, names: Iterable[str] | None = None) -> str:
        """Write presets, None for all, as one JSON text, which `import_text` reads."""
        presets = {
            name: _data(self.load(name)) for name in (self.names() if names is None else names)
        }
        return json.dumps({"omost_library": VERSION, "presets": presets}, indent=1)

    def import_text(self, text: str, name: str = "Imported") -> list[str]:
        """Save what `export_text` wrote, or a preset's own file, and return the presets' names.

        name: of the preset in a file of its own. What is there already stays: another preset of
        the same name gets a number behind it. All is saved, or nothing where anything is wrong.
        """
        presets = _read_export(text, name)
        for each in presets:
            checked_name(each)
        return [self._add(each, preset) for each, preset in presets.items()]

    def _add(self, name: str, preset: Preset) -> str:
        """Save a preset under a name that is free, or find it there."""
        number = 1
        while True:
            free = name if number == 1 else f"{name} ({number})"
            try:
                self.save(free, preset)
            except TakenError:
                if self.load(free) == preset:
                    return free
                number += 1
            else:
                return free

    def _file(self, name: str) -> Path:
        """The file for a name, which may spell the name's letters in another case."""
        name = checked_name(name)
        exact = self._folder / f"{name}{SUFFIX}"
        if exact.exists():
            return exact
        alike = (known for known in self.names() if _key(known) == _key(name))
        return self._folder / f"{next(alike, name)}{SUFFIX}"

    def _existing(self, name: str) -> Path:
        file = self._file(name)
        if not file.exists():
            raise NoPresetError(f"no preset is named {name!r:.80}")
        return file

    def _write(self, file: Path, data: Mapping[str, Any]) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        unfinished = self._folder / f"{os.getpid()}.unfinished"
        with open(unfinished, "w", encoding="utf-8") as stream:
            json.dump(data, stream, ensure_ascii=False, indent=1)
            stream.flush()
            os.fsync(stream.fileno())
        unfinished.replace(file)


def get_library() -> Library:
    """Return the host's one Library, of the folder that its Settings name."""
    from modules.paths_internal import data_path

    chosen = options.value("omost_library").strip()
    return _library(Path(chosen).expanduser() if chosen else Path(data_path) / "omost" / "library")


@functools.cache
def _library(folder: Path) -> Library:
    return Library(folder)


class _NewerError(LibraryError):
    """Written by a version that may say what this one cannot read."""


def checked_name(name: str) -> str:
    """Return a preset's name as it is kept, or raise LibraryError for what is no file name."""
    name = unicodedata.normalize("NFC", name.strip())
    if not name:
        raise LibraryError("the preset has no name: give it one")
    if len(name.encode(errors="replace")) > MAX_NAME:
        raise LibraryError(f"the name {name[:40]!r} is too long: {MAX_NAME} letters are the most")
    if not name.isprintable() or any(letter in _FORBIDDEN for letter in name):
        raise LibraryError(f"a name is one line without {' '.join(_FORBIDDEN)}, not {name!r:.80}")
    if name.startswith(".") or name.endswith("."):
        raise LibraryError(f"a name neither begins nor ends with a full stop, as {name!r} does")
    if name.split(".")[0].strip().upper() in _DEVICES:
        raise LibraryError(f"{name!r} is a device's name on Windows: choose another")
    return name


def _put_aside(file: Path) -> Path:
    number = 1
    while (aside := file.with_suffix(f".damaged{number}")).exists():
        number += 1
    return file.rename(aside)


def _is_name(name: str) -> bool:
    try:
        return checked_name(name) != ""
    except LibraryError:
        return False


def _key(name: str) -> str:
    """What two names have in common that are one."""
    return unicodedata.normalize("NFC", name).casefold()


def _is_text(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _data(preset: Preset) -> dict[str, Any]:
    return {"canvas": preset.canvas, "settings": dict(preset.settings)}


def _read_preset(data: object) -> Preset:
    """Read a preset's JSON, or raise LibraryError."""
    if not isinstance(data, dict) or not isinstance(data.get("canvas"), str):
        raise LibraryError("it holds no canvas")
    _check_version(data.get("omost_preset", VERSION))
    settings = data.get("settings", {})
    if not isinstance(settings, dict):
        raise LibraryError("its settings are no object")
    preset = Preset(
        data["canvas"], {name: value for name, value in settings.items() if _usable(name, value)}
    )
    preset.check()
    return preset


def _usable(name: str, value: Any) -> bool:
    """Whether this version knows a setting and its value."""
    if name not in SETTINGS:
        return False
    try:
        Settings.from_mapping({name: value})
    except SettingsError:
        return False
    return True


def _check_version(version: object) -> None:
    if version != VERSION:
        raise _NewerError(
            f"it is of version {version!r:.20}, and this program reads version {VERSION}: update it"
        )


def _read_export(text: str, name: str) -> dict[str, Preset]:
    """Read an exported library, or the file of one preset, which gets the name."""
    if len(text) > MAX_IMPORT:
        raise LibraryError(f"the file has more than {MAX_IMPORT:,} characters: import it in parts")
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise LibraryError(f"this is no exported library: {error}") from error
    if isinstance(data, dict) and "omost_preset" in data:
        return {name: _read_preset(data)}
    if not isinstance(data, dict) or not isinstance(data.get("presets"), dict):
        raise LibraryError("this is no exported library: it holds no presets")
    _check_version(data.get("omost_library"))
    return {each: _read_preset(preset) for each, preset in data["presets"].items()}
