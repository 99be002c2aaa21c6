"""The panel "About" of one tab: the report for a bug report, with a button that copies it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING

import gradio as gr

from lib_omost.ui import texts
from lib_omost.ui.components import SCRIPT_ARGUMENT, PanelComponents
from lib_omost.ui.status_html import error_html, status_html

if TYPE_CHECKING:
    from lib_omost.ui.tab import Tab

COPY = "async (report) => await omostClipboard.copy(report) ? %s : %s"
"""JavaScript that copies the report and returns a status line."""


def build_about(tab: Tab, report: Callable[[], str]) -> None:
    """Builds the panel into the page that gradio is building.

    Args:
        tab: The tab that the panel belongs to.
        report: Returns the report. It is called when the panel opens, not while the page is built.
    """
    parts = PanelComponents(tab, "about")
    with gr.Accordion(texts.PANELS["about"], open=False, elem_id=tab.element("about")):
        parts.text("report", lines=8, max_lines=30, interactive=False)
        parts.button("copy", size="sm")
        parts.html("said")
        with gr.Column(elem_classes=["omost-hidden"]):
            parts.hidden("refresh", gr.Button)
    outputs = [parts["report"], parts["said"]]
    parts["refresh"].click(lambda: (report(), ""), [], outputs, queue=False)
    copied = status_html(texts.REPORT_COPIED), error_html(texts.REPORT_NOT_COPIED)
    script = {SCRIPT_ARGUMENT: COPY % tuple(map(json.dumps, copied))}
    parts["copy"].click(None, [parts["report"]], [parts["said"]], **script)
