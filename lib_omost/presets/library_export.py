"""Writes and reads an exported library: many presets in one JSON text."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from lib_omost.presets.preset import LibraryError, Preset
from lib_omost.presets.preset_file import VERSION, check_version, parse_preset, preset_data

MAX_IMPORT = 20_000_000
"""Most characters of an exported library."""


@dataclass(frozen=True)
class LibraryExport:
    """An exported library as text, with one sentence for each preset that could not be read."""

    text: str
    left_out: tuple[str, ...] = ()


def export_text(presets: Mapping[str, Preset]) -> str:
    """Returns presets by name as the JSON text that `parse_export` reads."""
    data = {name: preset_data(preset) for name, preset in presets.items()}
    return json.dumps({"omost_library": VERSION, "presets": data}, indent=1)


def parse_export(text: str, name: str) -> dict[str, Preset]:
    """Parses an exported library or the file of a single preset.

    Args:
        text: The JSON text, at most MAX_IMPORT characters.
        name: Name of a single preset, as its file does not contain the name.

    Returns:
        The presets by name. The names are not checked.

    Raises:
        LibraryError: The text is neither an exported library nor a preset.
    """
    if len(text) > MAX_IMPORT:
        raise LibraryError(
            f"the file has more than {MAX_IMPORT:,} characters: split it and import the parts"
        )
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise LibraryError(f"this is no exported library: {error}") from error
    if isinstance(data, dict) and "omost_preset" in data:
        return {name: parse_preset(data)}
    if not isinstance(data, dict) or not isinstance(data.get("presets"), dict):
        raise LibraryError('this is no exported library: the key "presets" is missing or no object')
    check_version(data.get("omost_library"))
    return {each: parse_preset(preset) for each, preset in data["presets"].items()}
