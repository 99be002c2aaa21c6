"""The region editor in the page: the element that javascript/ fills, and its questions."""

from __future__ import annotations

import json
from collections.abc import Callable
from html import escape
from typing import TYPE_CHECKING, Any

import gradio as gr

from lib_omost.ui.components import QUIET, SCRIPT_ARGUMENT, PanelComponents
from lib_omost.ui.editor_answers import EditorAnswers, facts

if TYPE_CHECKING:
    from lib_omost.ui.tab import Tab


class EditorPanel:
    """The editor of one tab, built into the page that is being built."""

    def __init__(self, tab: Tab, editor: EditorAnswers) -> None:
        self._tab = tab
        self._editor = editor
        self._parts = PanelComponents(tab, "editor")
        gr.HTML(f'<div id="{tab.element("editor")}" data-facts="{escape(facts())}"></div>')
        self._parts.hidden("ask", gr.Button)
        for name in ("question", "read", "counted"):
            self._parts.hidden(name)

    def wire(self, canvas: Any) -> None:
        """Connect it with the canvas box, which may follow it in the page."""
        self._script(canvas.change, "changed")
        read = self._serve(self._parts["ask"].click, self._editor.read, "read")
        # Not after the script "read": gradio 3 tells nobody that one is done.
        self._serve(read.then, self._editor.count, "counted")

    def _serve(self, event: Callable[..., Any], handler: Callable[[str], str], reply: str) -> Any:
        """Have the page's question answered by the server, and the script named `reply` told."""
        question, answer = self._parts["question"], self._parts[reply]
        script = {SCRIPT_ARGUMENT: self._call("question")}
        served = event(handler, [question], [answer], queue=False, **QUIET, **script)
        self._script(served.then, reply, answer)
        return served

    def _script(self, event: Callable[..., Any], method: str, *inputs: Any) -> None:
        """Have the editor's own script told of an event."""
        event(None, inputs=list(inputs), outputs=[], **{SCRIPT_ARGUMENT: self._call(method)})

    def _call(self, method: str) -> str:
        return f"(...values) => omost.editors.{method}({json.dumps(self._tab.name)}, ...values)"
