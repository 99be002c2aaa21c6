"""Builds the accordion "Omost" of one tab: the panels and a component for each setting."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gradio as gr

from lib_omost import options, regeneration
from lib_omost.compose.service import ComposeService
from lib_omost.presets.library import Library
from lib_omost.setting_fields import SettingField
from lib_omost.settings import FIELDS
from lib_omost.ui.about_panel import build_about
from lib_omost.ui.chat_panel import ChatPanel
from lib_omost.ui.components import ADVANCED
from lib_omost.ui.editor_answers import EditorAnswers
from lib_omost.ui.editor_panel import EditorPanel
from lib_omost.ui.preset_panel import build_presets
from lib_omost.ui.tab import Tab
from lib_omost.ui.texts import CANVAS_PLACEHOLDER, INTRODUCTION, PANELS, TITLE, TOUCH_HINT

Components = dict[str, Any]
"""Components by the name of their setting, in the order of script_arguments.NAMES."""


def build(
    tab: Tab,
    input_accordion: Callable[..., Any],
    composing: Callable[[], ComposeService],
    library: Callable[[], Library],
    report: Callable[[], str],
    editor: EditorAnswers | None = None,
) -> Components:
    """Builds the accordion into the page that gradio is building.

    Args:
        tab: The tab of the page.
        input_accordion: The host's class InputAccordion.
        composing: Returns the service that composes canvases. Handlers call it.
        library: Returns the canvas library. Handlers call it.
        report: Returns the report of the panel About. Handlers call it.
        editor: Answers the questions of the region editor.

    Returns:
        The components of all settings.
    """
    components: Components = {}
    with input_accordion(False, label=TITLE, elem_id=tab.element()) as enabled:
        enabled.webui_tooltip = FIELDS["enabled"].help
        components["enabled"] = enabled
        gr.HTML(f'<p class="omost-intro">{INTRODUCTION}</p><p class="omost-touch">{TOUCH_HINT}</p>')
        with gr.Row(elem_id=tab.element("workplace"), elem_classes=["omost-workplace"]):
            with gr.Column(elem_classes=["omost-chat"]):
                panel = ChatPanel(tab, composing)
            with gr.Column(elem_classes=["omost-canvas"]):
                panel.build_request()
                regions = EditorPanel(tab, editor or EditorAnswers())
        with gr.Accordion(
            PANELS["code"], open=True, elem_id=tab.element("code"), elem_classes=[ADVANCED]
        ):
            components["canvas"] = _component(tab, FIELDS["canvas"])
        panel.wire(components["canvas"])
        regions.wire(components["canvas"])
        with gr.Row(elem_classes=["omost-settings", ADVANCED]):
            for name, field in FIELDS.items():
                if name not in components:
                    components[name] = _component(tab, field)
        build_presets(tab, components, library)
        build_about(tab, report)
    return {**components, **panel.composer, regeneration.NAME: regions.regenerate}


def _component(tab: Tab, field: SettingField) -> Any:
    """Builds the component for a setting: a check box, a choice, a slider or a text box."""
    shared = {"label": field.label, "elem_id": tab.element(field.name)}
    value = options.initial_value(field)
    if field.kind is bool:
        component = gr.Checkbox(value=value, **shared)
    elif field.choices:
        component = gr.Radio(choices=list(field.choices), value=value, **shared)
    elif field.kind is int:
        component = gr.Number(value=field.default, precision=0, **shared)
    elif field.kind is float:
        component = gr.Slider(field.low, field.high, value=field.default, step=0.05, **shared)
    else:
        component = gr.Textbox(
            value=field.default, lines=8, max_lines=16, placeholder=CANVAS_PLACEHOLDER, **shared
        )
    # Both hosts show this attribute as a tooltip; gradio ignores it.
    component.webui_tooltip = field.help
    return component
