"""Converts the compose settings between the page's components and their values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lib_omost.compose.settings import COMPOSE_FIELDS, ComposeSettings
from lib_omost.setting_fields import SettingField, SettingsError
from lib_omost.ui.model_names import model_name

AUTOMATIC = "automatic"
"""Choice that stands for None."""

FLAGS = {AUTOMATIC: None, "always": True, "never": False}
"""Choices of an optional flag and their values."""


def choices_of(field: SettingField) -> list[str]:
    """Returns the page's choices for a setting, [] if any value can be entered."""
    if not field.optional:
        return list(field.choices)
    if field.kind is bool:
        return list(FLAGS)
    low, high, step = field.slider or (field.low, field.high, 1)
    count = round((high - low) / step) + 1
    return [AUTOMATIC, *(_number_text(low + i * step) for i in range(count))]


def read_compose_values(values: Mapping[str, Any]) -> ComposeSettings:
    """Reads the compose settings from the values of components.

    Args:
        values: Values by the names of their settings. None and missing ones stand for defaults.

    Raises:
        SettingsError: A value cannot be used.
    """
    settings = {
        name: _setting_value(field, values[name])
        for name, field in COMPOSE_FIELDS.items()
        if values.get(name) is not None
    }
    return ComposeSettings(**settings)


def _setting_value(field: SettingField, value: Any) -> Any:
    if field.name == "model":
        return model_name(field.check(value))
    if not field.optional:
        return value
    if value == AUTOMATIC:
        return None
    return _flag(field, value) if field.kind is bool else _number(field, value)


def _flag(field: SettingField, value: Any) -> bool | None:
    if not isinstance(value, str) or value not in FLAGS:
        raise SettingsError(f"{field.name} must be one of {', '.join(FLAGS)}, not {value!r:.80}")
    return FLAGS[value]


def _number(field: SettingField, value: Any) -> Any:
    """Converts the page's text to a number; the API sends numbers already."""
    if not isinstance(value, str):
        return value
    try:
        return float(value)
    except ValueError:
        meaning = f'a number or "{AUTOMATIC}"'
        raise SettingsError(f"{field.name} must be {meaning}, not {value!r:.80}") from None


def _number_text(number: float) -> str:
    return f"{number:.1f}" if number else "0"
