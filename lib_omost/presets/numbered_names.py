"""Finds free names for imported presets: "X", "X (2)", "X (3)", ..."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from lib_omost.presets.preset import Preset
from lib_omost.presets.preset_file import SUFFIX, comparable_file_text, comparable_text
from lib_omost.presets.preset_names import name_key


class NumberedNames:
    """The names "X", "X (2)", "X (3)", ... in a folder.

    One import of many presets named X visits each existing file of the series once.

    Args:
        folder: The library's folder.
        existing: The names of existing files by `name_key`. The caller adds new files to it.
    """

    def __init__(self, folder: Path, existing: Mapping[str, str]) -> None:
        self._folder, self._existing = folder, existing
        self._number = 1
        self._names_by_text: dict[str, str] = {}

    def find_equal(self, name: str, preset: Preset) -> str | None:
        """Advances to the first free name.

        Returns:
            The name of an existing preset of the series that equals `preset`, None for none.
        """
        while (used := self._existing.get(name_key(self.free_name(name)))) is not None:
            text = comparable_file_text(self._folder / f"{used}{SUFFIX}")
            self._names_by_text.setdefault(text, used)
            self._number += 1
        return self._names_by_text.get(comparable_text(preset))

    def free_name(self, name: str) -> str:
        """Returns the first free name, spelled with the upper and lower case of `name`."""
        return name if self._number == 1 else f"{name} ({self._number})"
