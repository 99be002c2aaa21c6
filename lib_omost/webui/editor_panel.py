"""The region editor in the page: the element that javascript/ fills, and its questions."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from html import escape
from typing import TYPE_CHECKING, Any

import gradio as gr

from lib_omost.webui.editor import Editor, facts
from lib_omost.webui.parts import QUIET, SCRIPT_ARGUMENT, SOURCE

if TYPE_CHECKING:
    from lib_omost.webui.accordion import Tab

DEPENDS_ON = "canvas_text", "method", "prompt_role"
"""The settings that change what there is to say about a canvas."""


class EditorPanel:
    """The editor of one tab, built into the page that is being built."""

    def __init__(self, tab: Tab, editor: Editor) -> None:
        self._tab = tab
        self._editor = editor
        gr.HTML(f'<div id="{tab.element("editor")}" data-facts="{escape(facts())}"></div>')
        with gr.Row(elem_classes=["omost-hidden"]):
            self._ask = self._hidden(gr.Button("ask", elem_id=tab.element("editor_ask")))
            self._asked, self._read, self._counted = (
                self._hidden(gr.Textbox(label=name, elem_id=tab.element(name)))
                for name in ("editor_asked", "editor_read", "editor_counted")
            )

    def wire(self, components: Mapping[str, Any]) -> None:
        """Connect it with the settings by name, which may follow it in the page."""
        self._script(components["canvas"].change, "changed")
        for name in DEPENDS_ON:
            self._script(components[name].change, "ask")
        read = self._serve(self._ask.click, self._editor.read, self._read)
        shown = self._script(read.then, "read", self._read)
        counted = self._serve(shown.then, self._editor.count, self._counted)
        self._script(counted.then, "counted", self._counted)

    def _serve(self, event: Callable[..., Any], handler: Callable[[str], str], reply: Any) -> Any:
        """Have the page's question answered by the server."""
        script = {SCRIPT_ARGUMENT: self._call("question")}
        return event(handler, inputs=[self._asked], outputs=[reply], queue=False, **QUIET, **script)

    def _script(self, event: Callable[..., Any], method: str, *inputs: Any) -> Any:
        """Have the editor's own script told of an event."""
        return event(None, inputs=list(inputs), outputs=[], **{SCRIPT_ARGUMENT: self._call(method)})

    def _call(self, method: str) -> str:
        return f"(...values) => omost.editors.{method}({json.dumps(self._tab.name)}, ...values)"

    def _hidden(self, component: Any) -> Any:
        component.custom_script_source = SOURCE
        component.do_not_save_to_config = True
        return component
