"""Registers callbacks in a WebUI without the slow search for the calling file."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any


def register_callback(category: str, function: Callable[..., Any], file: str) -> None:
    """Registers a function as a callback of the host.

    The host's own `on_...` functions search the sources of all stack frames for the calling file.
    With as many modules as Forge has, that takes 0.1 s or more for each callback. Forge Classic's
    `add_callback` does so, too; it has no parameter for the file.

    Args:
        category: The host's name of the event, such as "cfg_denoiser".
        function: The callback.
        file: Path of the file that the callback belongs to.
    """
    from modules import script_callbacks

    callbacks = script_callbacks.callback_map[f"callbacks_{category}"]
    if "filename" in inspect.signature(script_callbacks.add_callback).parameters:
        script_callbacks.add_callback(callbacks, function, category=category, filename=file)
    else:
        callbacks.append(script_callbacks.ScriptCallback(file, function))
