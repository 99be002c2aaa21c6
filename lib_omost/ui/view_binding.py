"""From a view, which says what is to change in a page, to what gradio does to its components.

A view is a dataclass whose fields are None where nothing changes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import fields
from typing import Any

import gradio as gr

Update = dict[str, Any]

Showing = tuple[tuple[str, ...], Callable[[Any], tuple[Update, ...]]]
"""The components that show a field, and what a value of it does to each of them."""


class ViewBinding:
    """How the fields of a panel's views are shown.

    states: what gradio keeps for a page instead of showing it. showing: the fields that are more
    than the value of the one component of their name.
    """

    def __init__(self, *, states: Sequence[str] = (), **showing: Showing) -> None:
        self._states = states
        self._showing = showing

    def names(self, view: type[Any]) -> list[str]:
        """Return the components that a view may change, each once."""
        found = (name for field in fields(view) for name in self._of(field.name)[0])
        return list(dict.fromkeys(found))

    def updates(self, view: Any) -> list[Any]:
        """Return what gradio is to do to each of them."""
        updates: dict[str, Update] = {name: {} for name in self.names(type(view))}
        for field in fields(view):
            value = getattr(view, field.name)
            if value is not None:
                names, shown = self._of(field.name)
                for name, update in zip(names, shown(value), strict=True):
                    updates[name] |= update
        return [
            update["value"] if name in self._states and update else gr.update(**update)
            for name, update in updates.items()
        ]

    def _of(self, field: str) -> Showing:
        return self._showing.get(field, ((field,), lambda value: ({"value": value},)))
