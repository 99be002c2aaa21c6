"""Callbacks of A1111 and Forge, registered without the hosts' search for who asks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def add(category: str, function: Callable[..., Any], file: str) -> None:
    """Have the host call a function; category: the host's name for when; file: what owns it.

    The host's own `on_...` functions find the file in the sources of all frames of the stack, which
    takes 0.1 s and more a time where as many modules are loaded as in Forge.
    """
    from modules import script_callbacks

    callbacks = script_callbacks.callback_map[f"callbacks_{category}"]
    script_callbacks.add_callback(callbacks, function, category=category, filename=file)
