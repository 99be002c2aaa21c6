"""Adds the section "Omost" to the host's Settings."""

from __future__ import annotations

from typing import Any

from lib_omost.options import OPTIONS
from lib_omost.program.port import JobProgram

SECTION = ("omost", "Omost")


def register(program: JobProgram) -> None:
    """Asks the host to call `add_section` whenever it builds its Settings."""
    program.add_callback("ui_settings", lambda: add_section(program), __file__)


def add_section(program: JobProgram) -> None:
    """Adds all options to the host's Settings."""
    import gradio as gr
    from modules import shared

    for name, option in OPTIONS.items():
        arguments: dict[str, Any] = {"choices": list(option.choices)} if option.choices else {}
        if option.guarded and program.restricts_visitors():
            # The host refuses to change a hidden option: from the page, the API and a job.
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
