"""The canvas library: named presets on disk, one JSON file for each."""

from __future__ import annotations

import functools
import json
import os
import re
import threading
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lib_omost import atomic_files
from lib_omost.canvas.limits import too_long
from lib_omost.folder_lock import locked
from lib_omost.settings import FIELDS, Settings, SettingsError
from lib_omost.webui import options

VERSION = 1
"""Of a preset's file, under the key `omost_preset`, and of an export, under `omost_library`."""

MAX_IMPORT = 20_000_000
"""Characters of an exported library."""

MAX_NAME = 200
"""Bytes of a name in UTF-8; file systems take 255 with what is appended."""

MAX_FILE = 4_000_000
"""Bytes of a preset's file; a larger one is no preset."""

SUFFIX = ".json"

PATIENCE = 10.0
"""Seconds to wait for another program that gives a name in the same folder."""

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


class ForeignError(LibraryError):
    """A file of another program has the preset's name; it is left alone."""


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


@dataclass(frozen=True)
class Export:
    """A library as text, and a sentence for each preset that could not be read."""

    text: str
    left_out: tuple[str, ...] = ()


class Library:
    """The presets in a folder, which is made when something is saved.

    A preset is a file that names itself one (`omost_preset`). All other files belong to other
    programs: they are neither listed nor changed. Names are told apart as Windows does, whatever
    the case of their letters. A file is replaced as a whole or not at all. Raises LibraryError, in
    a sentence for the user, and OSError where the folder cannot be read or written.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._tidy = False

    def names(self) -> list[str]:
        """Return the names of all presets in alphabetical order."""
        ours = (name for name in self._stems() if _is_ours(self._path(name)))
        return sorted(ours, key=lambda name: (_key(name), name))

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
                    f"the preset {file.stem!r} is damaged ({error}); its file is kept as "
                    f"{aside.name!r} in the library's folder"
                ) from error

    def save(self, name: str, preset: Preset, *, replace: bool = False) -> None:
        """Keep a preset; replace: also where its name is taken. Raises TakenError, ForeignError."""
        preset.check()
        checked_name(name)
        with self._naming():
            file = self._file(name)
            if replace and file.exists():
                _check_ours(file)
                atomic_files.write(file, _content(preset))
                return
            if file.exists():
                raise _taken(file)
            try:
                atomic_files.create(file, _content(preset))
            except FileExistsError as error:
                raise _taken(file) from error

    def rename(self, name: str, new_name: str) -> None:
        """Give a preset another name. Raises NoPresetError, TakenError, ForeignError."""
        self._existing(name)
        with self._naming():
            old, new = self._existing(name), self._file(new_name)
            target = self._path(checked_name(new_name))
            if new == old:  # the same letters in another case: it may be one file
                old.rename(target)
                return
            try:
                if new.exists():
                    raise FileExistsError
                atomic_files.move(old, target)
            except FileExistsError as error:
                raise _taken(new) from error

    def delete(self, name: str) -> None:
        """Delete a preset. Raises NoPresetError."""
        with self._lock:
            self._existing(name).unlink()

    def export(self, names: Iterable[str] | None = None) -> Export:
        """Write presets as one JSON text, which `import_text` reads.

        Args:
            names: Of the presets, each of which must be readable; None for all that are.
        """
        presets, left_out = {}, []
        for name in self.names() if names is None else names:
            try:
                presets[name] = _data(self.load(name))
            except LibraryError as error:
                if names is not None:
                    raise
                left_out.append(f"{name}: {error}")
        text = json.dumps({"omost_library": VERSION, "presets": presets}, indent=1)
        return Export(text, tuple(left_out))

    def import_text(self, text: str, name: str = "Imported") -> list[str]:
        """Save what `export` wrote, or a preset's own file, and return the presets' names.

        name: of the preset in a file of its own. What is there already stays: another preset of
        the same name gets a number behind it. All is saved, or nothing where anything goes wrong.
        """
        presets = [(checked_name(each), given) for each, given in _read_export(text, name).items()]
        with self._naming():
            created: list[Path] = []
            try:
                return list(self._add_all(presets, created))
            except BaseException:
                for file in created:
                    file.unlink(missing_ok=True)
                raise

    def _add_all(self, presets: Iterable[tuple[str, Preset]], created: list[Path]) -> Iterator[str]:
        """Save presets under names that are free, or find them there, and note the new files."""
        taken = self._taken()
        series: dict[str, _Series] = {}
        for name, preset in presets:
            alike = series.setdefault(_key(name), _Series(self._folder, taken))
            found = alike.find(name, preset)
            while found is None:
                free = alike.free_name(name)
                try:
                    # Whoever imports has the presets elsewhere; thousands may come at once.
                    atomic_files.create(self._path(free), _content(preset), durable=False)
                except FileExistsError:  # another program was faster
                    taken[_key(free)] = free
                    found = alike.find(name, preset)
                else:
                    created.append(self._path(free))
                    taken[_key(free)] = found = free
            yield found

    def _taken(self) -> dict[str, str]:
        """List the names of all files that could be presets, by what tells them apart."""
        return {_key(stem): stem for stem in self._stems()}

    def _stems(self) -> list[str]:
        """List the names of all files that could be presets."""
        try:
            files = os.listdir(self._folder)
        except FileNotFoundError:
            return []
        stems = (file.removesuffix(SUFFIX) for file in files if file.endswith(SUFFIX))
        return [stem for stem in stems if _is_name(stem)]

    def _path(self, name: str) -> Path:
        return self._folder / f"{name}{SUFFIX}"

    def _file(self, name: str) -> Path:
        """The file for a name, which may spell the name's letters in another case."""
        name = checked_name(name)
        exact = self._path(name)
        return exact if exact.exists() else self._path(self._taken().get(_key(name), name))

    def _existing(self, name: str) -> Path:
        file = self._file(name)
        if not _is_ours(file):
            raise NoPresetError(f"no preset is named {name!r:.80}")
        return file

    @contextmanager
    def _naming(self) -> Iterator[None]:
        """Keep others from giving names in the folder, which is made where it is not there.

        A file system that tells "A" from "a" would let two programs create both.
        """
        with self._lock:
            self._folder.mkdir(parents=True, exist_ok=True)
            if not self._tidy:
                atomic_files.clear_unfinished(self._folder)
                self._tidy = True
            with locked(self._folder, PATIENCE):
                yield


class _Series:
    """The names "X", "X (2)", "X (3)", ... in a folder, walked once for all that want one."""

    def __init__(self, folder: Path, taken: Mapping[str, str]) -> None:
        self._folder, self._taken = folder, taken
        self._number = 1
        self._known: dict[str, str] = {}

    def find(self, name: str, preset: Preset) -> str | None:
        """Walk on to the first free name; return the name of an equal preset, if there is one."""
        while (known := self._taken.get(_key(self.free_name(name)))) is not None:
            self._known.setdefault(self._text(known), known)
            self._number += 1
        return self._known.get(_text(preset))

    def free_name(self, name: str) -> str:
        """Return the next name of the series, in the letters of this one."""
        return name if self._number == 1 else f"{name} ({self._number})"

    def _text(self, name: str) -> str:
        """Return what is in a preset that is there; "" for what cannot be read."""
        try:
            return _text(
                _read_preset(json.loads(_head(self._folder / f"{name}{SUFFIX}", MAX_FILE)))
            )
        except (ValueError, RecursionError, OSError):
            return ""


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
    while True:
        aside = file.with_suffix(f".damaged{number}")
        try:
            atomic_files.move(file, aside)
        except FileExistsError:
            number += 1
        else:
            return aside


_OURS = re.compile(rb'\s*\{\s*"omost_preset"')
"""How our files begin, whatever became of the rest."""


def _is_ours(file: Path) -> bool:
    """Tell whether a file is a preset, perhaps a damaged one, and no other program's."""
    try:
        if not file.is_file() or file.stat().st_size > MAX_FILE:
            return False
        if _OURS.match(_head(file, 100)):
            return True
        content = _head(file, MAX_FILE)
        data = json.loads(content) if b'"omost_preset"' in content else None
    except (OSError, ValueError, RecursionError):
        return False
    return isinstance(data, dict) and "omost_preset" in data


def _head(file: Path, size: int) -> bytes:
    with file.open("rb") as stream:
        return stream.read(size)


def _check_ours(file: Path) -> None:
    """Raise ForeignError for a file that is no preset."""
    if not _is_ours(file):
        raise ForeignError(
            f"{file.name!r} in the library's folder is no preset and is left alone: choose "
            "another name"
        )


def _taken(file: Path) -> LibraryError:
    """Say who has the name of a file that is there."""
    try:
        _check_ours(file)
    except ForeignError as error:
        return error
    return TakenError(f"a preset named {file.stem!r} is there already")


def _text(preset: Preset) -> str:
    """Return what two presets have in common that are equal."""
    return json.dumps(_data(preset), sort_keys=True)


def _content(preset: Preset) -> bytes:
    """Return the file of a preset; it begins with what tells it from other programs' files."""
    data = {"omost_preset": VERSION, **_data(preset)}
    return json.dumps(data, ensure_ascii=False, indent=1).encode()


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
    if isinstance(data, dict):
        _check_version(data.get("omost_preset", VERSION))
    if not isinstance(data, dict) or not isinstance(data.get("canvas"), str):
        raise LibraryError("it holds no canvas")
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
