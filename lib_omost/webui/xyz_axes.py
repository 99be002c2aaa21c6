"""Adds axes to the host's X/Y/Z plot: one for each setting and one for the library's canvases."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from lib_omost.presets.preset import LibraryError
from lib_omost.setting_fields import SettingField, SettingsError
from lib_omost.settings import FIELDS, Settings
from lib_omost.webui.services import get_library

AXES = "omost_axes"
"""The attribute of a cell's job with the values of its axes, by the names of the settings."""

LABEL = "[Omost] "

LEFT_OUT = frozenset({"canvas", "ignore_unsupported"})
"""Settings without an axis; a plot chooses canvases by their names in the library."""

IMPLIED: Mapping[str, Mapping[str, Any]] = {
    "canvas": {"canvas_source": "page"},
    "composition_seed": {"canvas_source": "prompt"},
    "color_denoising": {"start_from_colors": True},
}
"""Settings that an axis also needs; without them all its pictures would be the same."""


def register() -> None:
    """Adds the axes to the host's plot, if it has one."""
    from modules import scripts

    for script in scripts.scripts_data:
        if script.script_class.__module__ == "xyz_grid.py":
            add(script.module)
            return


def add(xyz_grid: Any) -> None:
    """Adds the axes to the module of the host's plot; safe to repeat."""
    options = xyz_grid.axis_options
    if not any(option.label.startswith(LABEL) for option in options):
        options.extend(axes(xyz_grid.AxisOption))


def axes(option: Callable[..., Any]) -> Iterable[Any]:
    """Builds the axes; option: the host's class AxisOption."""
    for name, field in FIELDS.items():
        if name not in LEFT_OUT:
            kind, choices = _kind(field)
            yield option(
                f"{LABEL}{field.label}",
                kind,
                partial(_apply, name),
                confirm=partial(_confirm, name),
                choices=choices,
            )
    yield option(
        f"{LABEL}Canvas of the library",
        str,
        _apply_canvas,
        confirm=_confirm_canvases,
        choices=lambda: get_library().names(),
        format_value=lambda p, option, name: str(name),
    )


def _kind(field: SettingField) -> tuple[type, Callable[[], list[str]] | None]:
    """Returns the type that the plot converts an axis's values to, and its choices."""
    if field.kind is bool:
        return str, lambda: ["True", "False"]
    if field.choices:
        return str, lambda: list(field.choices)
    return field.kind, None


def _value(name: str, entered: Any) -> Any:
    """Returns an entered value as the setting's type. Raises SettingsError."""
    flags = {"true": True, "false": False}
    is_flag = FIELDS[name].kind is bool
    value = flags.get(str(entered).strip().lower(), entered) if is_flag else entered
    Settings.from_mapping({name: value})
    return value


def _apply(name: str, p: Any, entered: Any, all_entered: Sequence[Any]) -> None:
    _set(p, name, _value(name, entered))


def _confirm(name: str, p: Any, all_entered: Sequence[Any]) -> None:
    """Raises RuntimeError for a wrong value before the first picture, as the host's axes do."""
    for entered in all_entered:
        try:
            _value(name, entered)
        except SettingsError as error:
            raise RuntimeError(f"{LABEL}{error}") from None


def _apply_canvas(p: Any, name: str, all_names: Sequence[str]) -> None:
    _set(p, "canvas", get_library().load(name).canvas)


def _confirm_canvases(p: Any, names: Sequence[str]) -> None:
    for name in names:
        try:
            get_library().load(name)
        except LibraryError as error:
            raise RuntimeError(f"{LABEL}{error}") from None


def _set(p: Any, name: str, value: Any) -> None:
    """Stores a value in the cell's job; values of chosen axes override implied ones."""
    setattr(p, AXES, {**IMPLIED.get(name, {}), **getattr(p, AXES, {}), name: value})
