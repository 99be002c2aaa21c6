"""The accordion "Omost" of one tab, built from the settings."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gradio as gr

from lib_omost import options
from lib_omost.compose.service import ComposeService
from lib_omost.presets.library import Library
from lib_omost.setting_fields import SettingField
from lib_omost.settings import FIELDS
from lib_omost.ui.chat_panel import ChatPanel
from lib_omost.ui.editor_answers import EditorAnswers
from lib_omost.ui.editor_panel import EditorPanel
from lib_omost.ui.preset_panel import build_presets
from lib_omost.ui.tab import Tab
from lib_omost.ui.texts import CANVAS_PLACEHOLDER, PANELS, TITLE

BESIDE = 400
"""Pixels that the chat and the canvas each need to stand side by side."""

Components = dict[str, Any]
"""The components by the name of what they set, in the order of arguments.NAMES."""


def build(
    tab: Tab,
    input_accordion: Callable[..., Any],
    composing: Callable[[], ComposeService],
    library: Callable[[], Library],
    editor: EditorAnswers | None = None,
) -> Components:
    """Build the accordion in the page that is being built; nothing else changes by it.

    input_accordion: the host's InputAccordion. composing: what the panel "Compose" composes with.
    library: where presets are kept. editor: what answers the region editor.
    """
    components: Components = {}
    with input_accordion(False, label=TITLE, elem_id=tab.element()) as enabled:
        enabled.webui_tooltip = FIELDS["enabled"].help
        components["enabled"] = enabled
        with gr.Row(elem_classes=["omost-beside"]):
            with gr.Column(min_width=BESIDE):
                panel = ChatPanel(tab, composing)
            with gr.Column(min_width=BESIDE):
                regions = EditorPanel(tab, editor or EditorAnswers())
                with gr.Accordion(PANELS["code"], open=True, elem_id=tab.element("code")):
                    components["canvas"] = _component(tab, FIELDS["canvas"])
        panel.wire(components["canvas"])
        regions.wire(components["canvas"])
        with gr.Row(elem_classes=["omost-settings"]):
            for name, field in FIELDS.items():
                if name not in components:
                    components[name] = _component(tab, field)
        build_presets(tab, components, library)
    return {**components, **panel.composer}


def _component(tab: Tab, field: SettingField) -> Any:
    """The component for a setting: a checkbox, a choice, a slider or a text."""
    common = {"label": field.label, "elem_id": tab.element(field.name)}
    value = options.initial_value(field)
    if field.kind is bool:
        component = gr.Checkbox(value=value, **common)
    elif field.choices:
        component = gr.Radio(choices=list(field.choices), value=value, **common)
    elif field.kind is int:
        component = gr.Number(value=field.default, precision=0, **common)
    elif field.kind is float:
        component = gr.Slider(field.low, field.high, value=field.default, step=0.05, **common)
    else:
        component = gr.Textbox(
            value=field.default, lines=8, max_lines=16, placeholder=CANVAS_PLACEHOLDER, **common
        )
    # Both hosts show this as the element's title; gradio itself does not know of it.
    component.webui_tooltip = field.help
    return component
