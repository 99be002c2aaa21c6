"""Omost's options in a WebUI's Settings: their declarations and current values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from lib_omost.llm.model_catalog import DEFAULT_MODEL
from lib_omost.program.current import current
from lib_omost.setting_fields import SettingField
from lib_omost.settings import FIELDS


@dataclass(frozen=True)
class Option:
    """One line of the section "Omost" in Settings.

    Attributes:
        default: The value until the user changes it; its type chooses the component.
        label: The line's label.
        info: The explanation beside the label.
        choices: The entries of a drop-down list; empty for another component.
        in_page: The page shows the value, so a new value needs a UI reload.
        guarded: Visitors of a WebUI that is open to the network neither see nor change it.
    """

    default: Any
    label: str
    info: str
    choices: tuple[str, ...] = ()
    in_page: bool = True
    guarded: bool = False


def _initial(name: str) -> Option:
    """Returns the option for the initial value of a setting in the accordion and over the API."""
    field = FIELDS[name]
    label = f"{field.label} to begin with"
    return Option(field.default, label, "in the accordion", field.choices)


OPTIONS: dict[str, Option] = {
    "omost_model": Option(
        DEFAULT_MODEL,
        "Language model",
        "initial choice, also for API jobs that name no model; a name from the list or from the "
        "Hugging Face Hub, a folder, a GGUF file, or a server's address; empty: none",
    ),
    "omost_keep_loaded": Option(
        False,
        "Always keep the language model loaded while pictures are made",
        "if off, a picture unloads the model when there is not enough memory for both",
    ),
    "omost_library": Option(
        "",
        "Folder of the canvas library",
        "empty: omost/library in the WebUI's data folder",
        in_page=False,
        guarded=True,
    ),
    "omost_method": _initial("method"),
    "omost_overlap": _initial("overlap"),
    "omost_ignore_unsupported": _initial("ignore_unsupported"),
}
"""The options by their keys in config.json, which never change."""


def value(name: str) -> Any:
    """Returns an option's value in the current program, its default if there is none."""
    return current().option(name, OPTIONS[name].default)


def initial_value(setting: SettingField) -> Any:
    """Returns the initial value of a setting in the accordion."""
    option = f"omost_{setting.name}"
    return value(option) if option in OPTIONS else setting.default
