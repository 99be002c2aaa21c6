"""The gradio components of a panel by name, with their ids, labels and tooltips."""

from __future__ import annotations

import json
from collections.abc import Generator, Iterable
from typing import TYPE_CHECKING, Any, TypeVar

import gradio as gr

from lib_omost.compose.attended_stream import AttendedStream, BusyError
from lib_omost.ui.texts import CONTROLS, Control

if TYPE_CHECKING:
    from lib_omost.ui.tab import Tab

T = TypeVar("T")

GRADIO_3 = gr.__version__.startswith("3.")

SCRIPT_ARGUMENT = "_js" if GRADIO_3 else "js"
"""Argument of gradio's events for the JavaScript that runs before the handler."""

UNLIMITED: dict[str, Any] = {} if GRADIO_3 else {"concurrency_limit": None}
"""Lets gradio 4 start any number of handlers; the queue of composing decides who waits."""

QUIET = {"show_progress": "hidden"}

ADVANCED = "omost-advanced"
"""Class of the elements that the page hides unless the visitor chose Advanced."""

SOURCE = "omost.py"
"""The script name under which ui-config.json stores the values of our components."""


def attend(work: Generator[T, None, None]) -> AttendedStream[T]:
    """Runs a streaming handler that ends as soon as its page stops reading.

    Raises gr.Error, which the page shows, if too many handlers are running.
    """
    try:
        return AttendedStream(work)
    except BusyError as error:
        raise gr.Error(str(error)) from error


def replace_inputs(names: Iterable[str], change: str) -> str:
    """Returns the JavaScript of an event that replaces some of its handler's inputs.

    Args:
        names: The names of all inputs, in order.
        change: A JavaScript function of javascript/. It gets the inputs as an object by name and
            returns an object with the new values.
    """
    return f"(...values) => omostReplaceInputs({json.dumps(list(names))}, values, {change})"


class PanelComponents:
    """The components of one panel by name, built into the page that gradio is building.

    Args:
        tab: The tab that the panel belongs to.
        prefix: Begins the ids of the panel's components after the tab's own prefix.
    """

    def __init__(self, tab: Tab, prefix: str = "") -> None:
        self._tab = tab
        self._prefix = f"{prefix}_" if prefix else ""
        self._components: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        return self._components[name]

    def element(self, name: str) -> str:
        """Returns the id of a component in the page."""
        return self._tab.element(self._prefix + name)

    def register(self, **components: Any) -> None:
        """Stores components that were built elsewhere."""
        self._components |= components

    def texts(self, name: str) -> Control:
        """Returns the label, tooltip and placeholder of a visible control."""
        return CONTROLS[self._prefix + name]

    def add(
        self, name: str, component: Any, hint: str | None = None, *, default: bool = False
    ) -> Any:
        """Stores a component and returns it.

        Args:
            name: The name of the component within the panel.
            component: Any component of gradio.
            hint: The tooltip.
            default: The host may save the component's value as its default in ui-config.json.
        """
        component.custom_script_source = SOURCE
        component.do_not_save_to_config = not default
        component.webui_tooltip = hint
        self._components[name] = component
        return component

    def control(
        self, name: str, kind: Any, *args: Any, default: bool = False, **options: Any
    ) -> None:
        """Adds a component of one of gradio's classes with its label and tooltip."""
        label, hint, _ = self.texts(name)
        component = kind(*args, label=label, elem_id=self.element(name), **options)
        self.add(name, component, hint, default=default)

    def button(self, name: str, **options: Any) -> None:
        """Adds a button."""
        label, hint, _ = self.texts(name)
        self.add(name, gr.Button(label, elem_id=self.element(name), **options), hint)

    def text(self, name: str, **options: Any) -> None:
        """Adds a text box."""
        placeholder = self.texts(name).placeholder or None
        self.control(name, gr.Textbox, placeholder=placeholder, **options)

    def hidden(self, name: str, kind: Any = gr.Textbox) -> None:
        """Adds a text box or a button for scripts only.

        A style hides it; gradio would leave an invisible component out of the page.
        """
        label = {"value": name} if kind is gr.Button else {"label": name}
        self.add(name, kind(**label, elem_id=self.element(name), elem_classes=["omost-hidden"]))

    def html(self, name: str, **options: Any) -> None:
        """Adds an HTML component."""
        self.add(name, gr.HTML(elem_id=self.element(name), **options))

    def row(self, name: str, *, visible: bool) -> Any:
        """Adds a row of buttons; the buttons are built inside `with`."""
        element = self.element(name)
        return self.add(
            name, gr.Row(visible=visible, elem_id=element, elem_classes=["omost-buttons"])
        )
