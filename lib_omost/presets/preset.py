"""A preset, a canvas with settings, and the errors of the canvas library."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lib_omost.canvas.limits import length_error
from lib_omost.setting_fields import SettingsError
from lib_omost.settings import FIELDS, Settings

PRESET_SETTINGS = frozenset(FIELDS) - {"enabled", "canvas"}
"""Names of the settings that a preset can store."""


class LibraryError(ValueError):
    """The library refuses an operation; the message tells the user why."""


class PresetNotFoundError(LibraryError):
    """No preset has the name."""


class PresetExistsError(LibraryError):
    """Another preset has the name already."""


class DamagedPresetError(LibraryError):
    """A preset's file cannot be read and was moved aside."""


class ForeignFileError(LibraryError):
    """A file of another program occupies the preset's name and stays as it is."""


class NewerVersionError(LibraryError):
    """A newer version of this program wrote the preset or the export."""


@dataclass(frozen=True)
class Preset:
    """A canvas and the settings that the preset changes when it is loaded.

    Attributes:
        canvas: The canvas as text, in any form that `canvas.formats.read` reads.
        settings: Values by names of PRESET_SETTINGS; empty for a preset of a canvas alone.
    """

    canvas: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)

    def check(self) -> None:
        """Checks that the preset can be stored.

        Raises:
            LibraryError: The canvas or a setting cannot be stored.
        """
        if length_error(self.canvas):
            raise LibraryError(length_error(self.canvas))
        if not _is_encodable(self.canvas):
            raise LibraryError(
                "the canvas contains half a Unicode character: type the last character again"
            )
        for name in self.settings:
            if name not in PRESET_SETTINGS:
                known = ", ".join(sorted(PRESET_SETTINGS))
                raise LibraryError(f"a preset cannot set {name!r:.80}; it can set {known}")
        try:
            Settings.from_mapping(self.settings)
        except SettingsError as error:
            raise LibraryError(str(error)) from error


def can_be_set(name: str, value: Any) -> bool:
    """Returns whether this version knows a preset's setting and accepts its value."""
    if name not in PRESET_SETTINGS:
        return False
    try:
        Settings.from_mapping({name: value})
    except SettingsError:
        return False
    return True


def _is_encodable(text: str) -> bool:
    """Returns whether a text has no lone surrogates, which UTF-8 cannot encode."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
