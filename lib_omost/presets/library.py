"""The canvas library: lists, loads, saves, renames, deletes, exports and imports presets."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from lib_omost import atomic_files
from lib_omost.folder_lock import locked
from lib_omost.presets.library_export import LibraryExport, export_text, parse_export
from lib_omost.presets.numbered_names import NumberedNames
from lib_omost.presets.preset import LibraryError, Preset, PresetNotFoundError
from lib_omost.presets.preset_file import (
    SUFFIX,
    check_preset_file,
    encode_preset,
    existing_file_error,
    is_preset_file,
    load_preset,
)
from lib_omost.presets.preset_names import checked_name, is_valid_name, name_key

LOCK_SECONDS = 10.0
"""Longest wait for another program that creates or renames presets in the same folder."""


class Library:
    """The presets in a folder.

    Each preset is a JSON file with the key `omost_preset`. All other files belong to other
    programs; the library neither lists nor changes them. Upper and lower case letters are equal
    in names, as on Windows. Every write replaces a file completely or not at all.

    All methods raise LibraryError with a sentence for the user, and OSError if the folder cannot
    be read or written.

    Args:
        folder: The folder, which the first write creates.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._unfinished_cleared = False

    def names(self) -> list[str]:
        """Returns the names of all presets in alphabetical order."""
        names = (stem for stem in self._file_stems() if is_preset_file(self._path(stem)))
        return sorted(names, key=lambda name: (name_key(name), name))

    def load(self, name: str) -> Preset:
        """Returns a preset without the settings that this version does not know.

        Raises:
            PresetNotFoundError: No preset has the name.
            DamagedPresetError: The file was damaged and has been moved aside.
        """
        with self._lock:
            return load_preset(self._existing_file(name))

    def save(self, name: str, preset: Preset, *, replace: bool = False) -> None:
        """Saves a preset.

        Args:
            name: The preset's name.
            preset: Its canvas and settings.
            replace: Replaces an existing preset of the same name.

        Raises:
            PresetExistsError: A preset has the name, and `replace` is False.
            ForeignFileError: A file of another program has the name.
        """
        preset.check()
        checked_name(name)
        with self._locked_folder():
            file = self._file_of(name)
            if replace and file.exists():
                check_preset_file(file)
                atomic_files.write(file, encode_preset(preset))
                return
            if file.exists():
                raise existing_file_error(file)
            try:
                atomic_files.create(file, encode_preset(preset))
            except FileExistsError as error:
                raise existing_file_error(file) from error

    def rename(self, name: str, new_name: str) -> None:
        """Renames a preset.

        Raises:
            PresetNotFoundError: No preset has the name.
            PresetExistsError: Another preset has the new name.
            ForeignFileError: A file of another program has the new name.
        """
        self._existing_file(name)
        with self._locked_folder():
            old, new = self._existing_file(name), self._file_of(new_name)
            target = self._path(checked_name(new_name))
            if new == old:  # only the case of letters changes, and both names may be one file
                old.rename(target)
                return
            try:
                if new.exists():
                    raise FileExistsError
                atomic_files.move(old, target)
            except FileExistsError as error:
                raise existing_file_error(new) from error

    def delete(self, name: str) -> None:
        """Deletes a preset.

        Raises:
            PresetNotFoundError: No preset has the name.
        """
        with self._lock:
            self._existing_file(name).unlink()

    def export(self, names: Iterable[str] | None = None) -> LibraryExport:
        """Exports presets as one JSON text, which `import_text` reads.

        Args:
            names: The presets to export, which must all be readable; None for all readable ones.
        """
        presets, left_out = {}, []
        for name in self.names() if names is None else names:
            try:
                presets[name] = self.load(name)
            except LibraryError as error:
                if names is not None:
                    raise
                left_out.append(f"{name}: {error}")
        return LibraryExport(export_text(presets), tuple(left_out))

    def import_text(self, text: str, name: str = "Imported") -> list[str]:
        """Saves all presets of a file, or none if one of them fails.

        Existing presets stay. A new preset with the name of a different one gets a number, such
        as "Harbour (2)". A preset that is already in the library is not saved again.

        Args:
            text: The exported library, the file of a single preset, or a canvas in any form; for a
                picture with a canvas its data URL.
            name: Name for a single preset.

        Returns:
            The names of the presets in the library.
        """
        parsed = parse_export(text, name)
        presets = [(checked_name(each), preset) for each, preset in parsed.items()]
        with self._locked_folder():
            created: list[Path] = []
            try:
                return list(self._add_all(presets, created))
            except BaseException:
                for file in created:
                    file.unlink(missing_ok=True)
                raise

    def _add_all(self, presets: Iterable[tuple[str, Preset]], created: list[Path]) -> Iterator[str]:
        """Saves presets under free names, appends new files to `created` and yields the names."""
        existing = self._existing_names()
        numbered: dict[str, NumberedNames] = {}
        for name, preset in presets:
            candidates = numbered.setdefault(name_key(name), NumberedNames(self._folder, existing))
            found = candidates.find_equal(name, preset)
            while found is None:
                free = candidates.free_name(name)
                try:
                    # The user has another copy of imported presets, and thousands may be imported.
                    atomic_files.create(self._path(free), encode_preset(preset), durable=False)
                except FileExistsError:  # another program was faster
                    existing[name_key(free)] = free
                    found = candidates.find_equal(name, preset)
                else:
                    created.append(self._path(free))
                    existing[name_key(free)] = found = free
            yield found

    def _existing_names(self) -> dict[str, str]:
        """Returns the names of all files that could be presets, by `name_key`."""
        return {name_key(stem): stem for stem in self._file_stems()}

    def _file_stems(self) -> list[str]:
        """Returns the names of all files that could be presets."""
        try:
            files = os.listdir(self._folder)
        except FileNotFoundError:
            return []
        stems = (file.removesuffix(SUFFIX) for file in files if file.endswith(SUFFIX))
        return [stem for stem in stems if is_valid_name(stem)]

    def _path(self, name: str) -> Path:
        return self._folder / f"{name}{SUFFIX}"

    def _file_of(self, name: str) -> Path:
        """Returns the file for a name; an existing file may differ in the case of letters."""
        name = checked_name(name)
        exact = self._path(name)
        if exact.exists():
            return exact
        return self._path(self._existing_names().get(name_key(name), name))

    def _existing_file(self, name: str) -> Path:
        """Returns the file of an existing preset.

        Raises:
            PresetNotFoundError: No preset has the name.
        """
        file = self._file_of(name)
        if not is_preset_file(file):
            raise PresetNotFoundError(f"no preset is named {name!r:.80}")
        return file

    @contextmanager
    def _locked_folder(self) -> Iterator[None]:
        """Creates the folder and locks it against other threads and programs.

        Without the lock, two programs could create "A" and "a" on a case-sensitive file system.
        """
        with self._lock:
            self._folder.mkdir(parents=True, exist_ok=True)
            if not self._unfinished_cleared:
                atomic_files.clear_unfinished(self._folder)
                self._unfinished_cleared = True
            with locked(self._folder, LOCK_SECONDS):
                yield
