"""Writes an exported library, many presets in one JSON text, and reads the files to import."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from lib_omost.canvas import formats
from lib_omost.canvas.picture_metadata import PictureMetadataError, find_canvas_text, parse_data_url
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
    """Parses a file to import: an exported library, a preset, or a canvas in any form.

    The preset of a canvas in another program's form keeps that form, so that the editor reports
    again what it does not show.

    Args:
        text: The text of the file, at most MAX_IMPORT characters; for a picture its data URL.
        name: Name of a single preset, as its file does not contain the name.

    Returns:
        The presets by name. The names are not checked.

    Raises:
        LibraryError: The file contains neither presets nor a canvas.
    """
    if len(text) > MAX_IMPORT:
        raise LibraryError(
            f"the file has more than {MAX_IMPORT:,} characters: split it and import the parts"
        )
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        data = None
    if isinstance(data, dict) and "omost_preset" in data:
        return {name: parse_preset(data)}
    if isinstance(data, dict) and isinstance(data.get("presets"), dict):
        check_version(data.get("omost_library"))
        return {each: parse_preset(preset) for each, preset in data["presets"].items()}
    return {name: _parse_canvas(text)}


def _parse_canvas(text: str) -> Preset:
    """Returns the preset of a canvas in a text or in the metadata of a picture."""
    picture = parse_data_url(text)
    try:
        found = text if picture is None else find_canvas_text(picture)
    except PictureMetadataError as error:
        raise LibraryError(str(error)) from error
    reading = formats.read(found)
    if reading.canvas is None:
        reasons = [item.message for item in reading.diagnostics if item.severity == "error"]
        raise LibraryError(f"the file contains neither presets nor a canvas: {reasons[0]}")
    preset = Preset(found)
    preset.check()
    return preset
