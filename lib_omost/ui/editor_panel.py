"""The region editor of one tab: the element that the scripts fill, and their requests."""

from __future__ import annotations

import json
from collections.abc import Callable
from html import escape
from typing import TYPE_CHECKING, Any

import gradio as gr

from lib_omost import regeneration
from lib_omost.ui.components import QUIET, SCRIPT_ARGUMENT, PanelComponents
from lib_omost.ui.editor_answers import EditorAnswers
from lib_omost.ui.script_data import script_data

if TYPE_CHECKING:
    from lib_omost.ui.tab import Tab


class EditorPanel:
    """The editor's components, built into the page that gradio is building."""

    def __init__(self, tab: Tab, editor: EditorAnswers) -> None:
        self._tab = tab
        self._editor = editor
        self._components = PanelComponents(tab, "editor")
        gr.HTML(f'<div id="{tab.element("editor")}" data-server="{escape(script_data())}"></div>')
        self._components.hidden("ask", gr.Button)
        for name in ("question", "read", "counted", regeneration.NAME):
            self._components.hidden(name)

    @property
    def regenerate(self) -> Any:
        """The box with the request to regenerate regions, "" for none; Generate sends it along."""
        return self._components[regeneration.NAME]

    def wire(self, canvas: Any) -> None:
        """Connects the editor with the canvas box, which gradio may build later."""
        self._run_script(canvas.change, "handleChange")
        ask = self._components["ask"].click
        read = self._answer(ask, self._editor.read, "read", "showReading")
        # After the handler, not after its script: gradio 3 sends no event when a script ends.
        self._answer(read.then, self._editor.count, "counted", "showTokenCounts")

    def _answer(
        self, event: Callable[..., Any], handler: Callable[[str], str], reply: str, function: str
    ) -> Any:
        """Answers the editor's question on an event.

        Args:
            event: The event of gradio.
            handler: Returns the reply to the question, both as JSON.
            reply: The name of the component that gets the reply.
            function: The function of omostEditors that shows the reply.
        """
        question, answer = self._components["question"], self._components[reply]
        script = {SCRIPT_ARGUMENT: self._call("question")}
        answered = event(handler, [question], [answer], queue=False, **QUIET, **script)
        self._run_script(answered.then, function, answer)
        return answered

    def _run_script(self, event: Callable[..., Any], function: str, *inputs: Any) -> None:
        """Calls a function of omostEditors on an event."""
        event(None, inputs=list(inputs), outputs=[], **{SCRIPT_ARGUMENT: self._call(function)})

    def _call(self, function: str) -> str:
        return f"(...values) => omostEditors.{function}({json.dumps(self._tab.name)}, ...values)"
