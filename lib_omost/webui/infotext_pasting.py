"""Restores the prompt box when the host pastes an infotext into its page."""

from __future__ import annotations

from typing import Any

from lib_omost.infotext import restore_prompt
from lib_omost.program.port import JobProgram


def register(program: JobProgram) -> None:
    """Asks the host to call `on_pasted` before it pastes an infotext into its page."""
    program.add_callback("infotext_pasted", on_pasted, __file__)


def on_pasted(infotext: str, parameters: dict[str, Any]) -> None:
    """Changes the parameters of an infotext before the host pastes them."""
    restore_prompt(parameters)
