"""How a panel's components are made: with an id of the tab's, their texts, and kept by a name."""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING, Any, TypeVar

import gradio as gr

from lib_omost.compose.attended_stream import AttendedStream, BusyError
from lib_omost.ui.texts import CONTROLS, Control

if TYPE_CHECKING:
    from lib_omost.ui.tab import Tab

T = TypeVar("T")

GRADIO_3 = gr.__version__.startswith("3.")

SCRIPT_ARGUMENT = "_js" if GRADIO_3 else "js"
"""The name under which gradio takes the JavaScript that runs before a handler."""

UNLIMITED: dict[str, Any] = {} if GRADIO_3 else {"concurrency_limit": None}
"""Composing itself says who waits for whom; in gradio 4 others would wait without a word."""

QUIET = {"show_progress": "hidden"}

SOURCE = "omost.py"
"""Under which ui-config.json keeps our components apart from the host's of the same label."""


def attend(work: Generator[T, None, None]) -> AttendedStream[T]:
    """Run a handler that streams; it ends when its page asks for nothing more.

    Raises gr.Error, which the page shows, where too much is going on.
    """
    try:
        return AttendedStream(work)
    except BusyError as error:
        raise gr.Error(str(error)) from error


class PanelComponents:
    """The components of one panel by name, built into the page that is being built.

    prefix: what their ids begin with behind the tab's own, where other panels have such names.
    """

    def __init__(self, tab: Tab, prefix: str = "") -> None:
        self._tab = tab
        self._prefix = f"{prefix}_" if prefix else ""
        self._parts: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        return self._parts[name]

    def element(self, name: str) -> str:
        """Return the id in the page of the component of a name."""
        return self._tab.element(self._prefix + name)

    def take(self, **components: Any) -> None:
        """Keep components that were made elsewhere."""
        self._parts |= components

    def texts(self, name: str) -> Control:
        """Return what stands on a control that people see."""
        return CONTROLS[self._prefix + name]

    def add(
        self, name: str, component: Any, hint: str | None = None, *, default: bool = False
    ) -> Any:
        """Keep a component by its name; default: the host may save its value as the default."""
        component.custom_script_source = SOURCE
        component.do_not_save_to_config = not default
        component.webui_tooltip = hint
        self._parts[name] = component
        return component

    def control(
        self, name: str, kind: Any, *args: Any, default: bool = False, **options: Any
    ) -> None:
        """Add a component of a kind of gradio's under its label."""
        label, hint, _ = self.texts(name)
        component = kind(*args, label=label, elem_id=self.element(name), **options)
        self.add(name, component, hint, default=default)

    def button(self, name: str, **options: Any) -> None:
        """Add a button."""
        label, hint, _ = self.texts(name)
        self.add(name, gr.Button(label, elem_id=self.element(name), **options), hint)

    def text(self, name: str, **options: Any) -> None:
        """Add a box of text."""
        placeholder = self.texts(name).placeholder or None
        self.control(name, gr.Textbox, placeholder=placeholder, **options)

    def hidden(self, name: str, kind: Any = gr.Textbox) -> None:
        """Add a box or a button that nobody sees; gradio would drop what is invisible."""
        said = {"value": name} if kind is gr.Button else {"label": name}
        self.add(name, kind(**said, elem_id=self.element(name), elem_classes=["omost-hidden"]))

    def html(self, name: str, **options: Any) -> None:
        """Add a place for HTML."""
        self.add(name, gr.HTML(elem_id=self.element(name), **options))

    def row(self, name: str, *, visible: bool) -> Any:
        """Add a row of buttons, to be filled as a context."""
        element = self.element(name)
        return self.add(
            name, gr.Row(visible=visible, elem_id=element, elem_classes=["omost-buttons"])
        )
