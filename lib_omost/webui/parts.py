"""How a panel's components are made: with an id of the tab's, a tooltip, and kept by a name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import gradio as gr

if TYPE_CHECKING:
    from lib_omost.webui.accordion import Tab

GRADIO_3 = gr.__version__.startswith("3.")

SCRIPT_ARGUMENT = "_js" if GRADIO_3 else "js"
"""The name under which gradio takes the JavaScript that runs before a handler."""

UNLIMITED: dict[str, Any] = {} if GRADIO_3 else {"concurrency_limit": None}
"""Composing itself says who waits for whom; in gradio 4 others would wait without a word."""

QUIET = {"show_progress": "hidden"}

SOURCE = "omost.py"
"""Under which ui-config.json keeps our components apart from the host's of the same label."""


class Parts:
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

    def add(self, name: str, component: Any, hint: str = "", *, default: bool = False) -> Any:
        """Keep a component by its name; default: the host may save its value as the default."""
        component.custom_script_source = SOURCE
        component.do_not_save_to_config = not default
        component.webui_tooltip = hint or None
        self._parts[name] = component
        return component

    def button(self, name: str, text: str, hint: str, **options: Any) -> None:
        """Add a button; hint: its tooltip."""
        self.add(name, gr.Button(text, elem_id=self.element(name), **options), hint)

    def text(self, name: str, label: str, hint: str = "", **options: Any) -> None:
        """Add a box of text."""
        self.add(name, gr.Textbox(label=label, elem_id=self.element(name), **options), hint)

    def hidden(self, name: str) -> None:
        """Add a box that nobody sees; gradio would drop what is invisible from the page."""
        self.text(name, name, elem_classes=["omost-hidden"])

    def html(self, name: str, **options: Any) -> None:
        """Add a place for HTML."""
        self.add(name, gr.HTML(elem_id=self.element(name), **options))

    def row(self, name: str, *, visible: bool) -> Any:
        """Add a row of buttons, to be filled as a context."""
        element = self.element(name)
        return self.add(
            name, gr.Row(visible=visible, elem_id=element, elem_classes=["omost-buttons"])
        )
