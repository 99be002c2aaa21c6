"""Reads the script's arguments: the settings of one generation and the compose settings."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from lib_omost import options, regeneration
from lib_omost.compose.settings import COMPOSE_FIELDS, ComposeSettings
from lib_omost.setting_fields import check_names
from lib_omost.settings import FIELDS, Settings
from lib_omost.ui.compose_values import read_compose_values

NAMES = (*FIELDS, *COMPOSE_FIELDS, regeneration.NAME)
"""Names of the script's arguments, in their order."""


def read_values(args: Sequence[Any], replaced: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the script's arguments by name.

    Args:
        args: One value for each of NAMES, as the page sends them. An API client sends a dict as
            the first argument instead. The dict turns Omost on unless it sets `enabled`. Its
            values replace the other arguments, which hold defaults or values of an infotext. Its
            canvas, or an item of a list of canvases, may be a JSON object instead of a text.
        replaced: Values that replace all others.
    """
    values = dict(zip(NAMES, args, strict=False))
    named = values.get("enabled")
    if isinstance(named, Mapping):
        values |= {"enabled": True, **named}
        values["canvas"] = _canvas_texts(values.get("canvas", FIELDS["canvas"].default))
    return {**values, **replaced}


def _canvas_texts(canvas: Any) -> Any:
    """Returns canvases with each JSON object as text; other values stay as they are."""
    if isinstance(canvas, Mapping):
        return json.dumps(canvas)
    return [_canvas_texts(item) for item in canvas] if isinstance(canvas, list) else canvas


def switched_on(values: Mapping[str, Any]) -> bool:
    """Returns whether Omost is on. A value that is no flag counts as on and is refused later."""
    enabled = values.get("enabled")
    return enabled is not None and enabled is not False


def read_settings(values: Mapping[str, Any]) -> Settings:
    """Reads the settings of the generation among the values.

    Raises:
        SettingsError: A value cannot be used, or a name is unknown.
    """
    check_names(values, NAMES)
    return Settings.from_mapping({name: value for name, value in values.items() if name in FIELDS})


def read_compose_settings(values: Mapping[str, Any]) -> ComposeSettings:
    """Reads the compose settings among the values.

    A missing model is replaced by the one chosen in the WebUI's Settings.

    Raises:
        SettingsError: A value cannot be used.
    """
    settings = read_compose_values({"model": "", **values})
    model = settings.model or options.value("omost_model")
    return replace(settings, model=model)
