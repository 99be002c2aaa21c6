"""Finds the scripts of a job: the one that the user selected, and those that are always on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


def selected_script(p: Any) -> Any:
    """Returns the script that the user selected for the host's job p, None without one."""
    number = next(iter(getattr(p, "script_args", None) or ()), 0)
    scripts = getattr(getattr(p, "scripts", None), "selectable_scripts", ())
    is_selected = isinstance(number, int) and 1 <= number <= len(scripts)
    return scripts[number - 1] if is_selected else None


def always_on_scripts(p: Any) -> Sequence[Any]:
    """Returns the scripts of extensions and of the host that take part in the host's job p."""
    return getattr(getattr(p, "scripts", None), "alwayson_scripts", ())
