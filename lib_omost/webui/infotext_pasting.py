"""What the host reads in a picture's metadata."""

from __future__ import annotations

from typing import Any

from lib_omost.hosts import callbacks
from lib_omost.infotext import Pasted, restore_prompt


def register() -> None:
    """Ask the host to call `on_pasted` whenever it pastes an infotext into its page."""
    callbacks.add("infotext_pasted", on_pasted, __file__)


def on_pasted(infotext: str, parameters: dict[str, Any]) -> None:
    """Change the parameters that the host has read in an infotext, before it pastes them."""
    restore_prompt(parameters)


def infotext_of(picture: Any) -> Pasted:
    """Return the parameters in a picture's infotext; empty where there is none."""
    from modules.images import read_info_from_image
    from modules.infotext_utils import parse_generation_parameters

    text, _ = read_info_from_image(picture)
    return parse_generation_parameters(text or "", [])  # type: ignore[no-any-return]
