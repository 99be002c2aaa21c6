"""The section "Omost" in the host's Settings."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Any

from lib_omost.compose.access_restriction import host_restricts
from lib_omost.hosts import callbacks
from lib_omost.settings import FIELDS

SECTION = ("omost", "Omost")


@dataclass(frozen=True)
class Option:
    """One line of the section.

    choices: of a drop-down list, else the default's type says all. in_page: the page shows it, so
    that it takes a new one to be seen. guarded: visitors of a WebUI that is open to the network
    neither see nor change it.
    """

    default: Any
    label: str
    info: str
    choices: tuple[str, ...] = ()
    in_page: bool = True
    guarded: bool = False


def _accordion(name: str) -> Option:
    """The value that a setting begins with in the accordion, and has over the API."""
    field = FIELDS[name]
    label = f"{field.metadata['label']} to begin with"
    return Option(field.default, label, "in the accordion", field.metadata["choices"])


OPTIONS: dict[str, Option] = {
    "omost_model": Option(
        "",
        "Language model",
        "chosen to begin with, and for jobs that name none, as over the API; a name of the list or "
        "of the hub, a folder, a GGUF file, or a server's address; empty: none",
    ),
    "omost_keep_loaded": Option(
        False,
        "Always keep the language model loaded while pictures are made",
        "without this, a picture unloads it only if there is not enough memory for both",
    ),
    "omost_library": Option(
        "",
        "Folder of the canvas library",
        "empty: omost/library in the WebUI's data folder",
        in_page=False,
        guarded=True,
    ),
    "omost_method": _accordion("method"),
    "omost_overlap": _accordion("overlap"),
    "omost_ignore_unsupported": _accordion("ignore_unsupported"),
}
"""By the names under which the host keeps them in config.json; they never change."""

WITHOUT_A_HOST = {"omost_model": "composer"}
"""What counts in the place of a default where there is no host, whose users want no shapes."""


def register() -> None:
    """Ask the host to add the section whenever it makes its Settings."""
    callbacks.add("ui_settings", add, __file__)


def add() -> None:
    """Add the section to the host's Settings."""
    import gradio as gr
    from modules import shared

    for name, option in OPTIONS.items():
        arguments: dict[str, Any] = {"choices": list(option.choices)} if option.choices else {}
        if option.guarded and host_restricts():
            # The host refuses to change what is hidden, whoever asks: page, API, settings of a job.
            arguments["visible"] = False
        info = shared.OptionInfo(
            option.default,
            option.label,
            gr.Dropdown if option.choices else None,
            arguments or None,
            section=SECTION,
        )
        info.info(option.info)
        shared.opts.add_option(name, info.needs_reload_ui() if option.in_page else info)


def value(name: str) -> Any:
    """What is chosen in the section; its default where there is no host, or none with a page."""
    shared = sys.modules.get("modules.shared")
    if shared is None and name in WITHOUT_A_HOST:
        return WITHOUT_A_HOST[name]
    return getattr(getattr(shared, "opts", None), name, OPTIONS[name].default)


def default(name: str) -> Any:
    """What a setting begins with in the accordion."""
    option = f"omost_{name}"
    return value(option) if option in OPTIONS else FIELDS[name].default
