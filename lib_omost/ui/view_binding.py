"""Converts a view, which holds new values by name, to gradio's updates of components.

A view is a dataclass. A field that is None changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import fields
from typing import Any

import gradio as gr

Update = dict[str, Any]
"""Properties of one component, for gr.update()."""

FieldBinding = tuple[tuple[str, ...], Callable[[Any], tuple[Update, ...]]]
"""The components that show a field, and a function from its value to an update of each."""


class ViewBinding:
    """Connects the fields of a panel's views with components.

    Args:
        states: The names of gr.State components, which get a value instead of an update.
        bindings: A binding for each field that is not simply the value of the component of its
            name.
    """

    def __init__(self, *, states: Sequence[str] = (), **bindings: FieldBinding) -> None:
        self._states = states
        self._bindings = bindings

    def names(self, view: type[Any]) -> list[str]:
        """Returns the names of the components that a view may change, each once."""
        found = (name for field in fields(view) for name in self._binding(field.name)[0])
        return list(dict.fromkeys(found))

    def updates(self, view: Any) -> list[Any]:
        """Returns gradio's update of each of these components, in the same order."""
        updates: dict[str, Update] = {name: {} for name in self.names(type(view))}
        for field in fields(view):
            value = getattr(view, field.name)
            if value is not None:
                names, convert = self._binding(field.name)
                for name, update in zip(names, convert(value), strict=True):
                    updates[name] |= update
        return [
            update["value"] if name in self._states and update else gr.update(**update)
            for name, update in updates.items()
        ]

    def _binding(self, field: str) -> FieldBinding:
        return self._bindings.get(field, ((field,), lambda value: ({"value": value},)))
