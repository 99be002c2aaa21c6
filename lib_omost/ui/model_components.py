"""The components of "Language model settings" and of the set-up of language models."""

from __future__ import annotations

import gradio as gr

from lib_omost import options
from lib_omost.compose.settings import COMPOSE_FIELDS
from lib_omost.setting_fields import SettingField
from lib_omost.ui.chat_view import RANDOM_SEED
from lib_omost.ui.components import PanelComponents
from lib_omost.ui.compose_values import AUTOMATIC, choices_of


def build_settings(parts: PanelComponents) -> None:
    """Builds the settings of the model and of servers."""
    with gr.Row(elem_classes=["omost-settings"]):
        _build_compose_settings(parts)
    parts.html("said")
    with gr.Row(elem_classes=["omost-buttons"]):
        parts.button("list_models", size="sm")
    with parts.add("allowed_group", gr.Column(visible=False)):
        with gr.Row(elem_classes=["omost-buttons"]):
            parts.text("key", type="password", max_lines=1)
            parts.button("save_key", size="sm")
        with gr.Row(elem_classes=["omost-buttons"]):
            parts.button("plan_button", size="sm")


def build_setup(parts: PanelComponents) -> None:
    """Builds the components of the set-up, which are invisible at first."""
    with parts.row("setup_row", visible=False):
        parts.html("setup_plan")
        parts.button("setup_button", variant="primary", size="sm")
    with parts.row("plan_row", visible=False):
        parts.html("plan")
        parts.button("confirm", variant="primary", size="sm")
        parts.button("refuse", size="sm")
    parts.html("setup_status")
    with parts.row("building_row", visible=False):
        parts.button("stop_building", variant="stop", size="sm")
    parts.text("log", lines=8, max_lines=8, interactive=False)
    parts["log"].visible = False


def _build_compose_settings(parts: PanelComponents) -> None:
    """Builds the compose settings and the seed, check boxes last."""
    fields = [field for name, field in COMPOSE_FIELDS.items() if name != "model"]
    for field in fields:
        if not _is_check_box(field):
            _build_setting(parts, field)
    parts.control("seed", gr.Number, RANDOM_SEED, precision=0, default=True)
    for field in filter(_is_check_box, fields):
        parts.control(field.name, gr.Checkbox, options.initial_value(field), default=True)


def _is_check_box(field: SettingField) -> bool:
    return field.kind is bool and not field.optional


def _build_setting(parts: PanelComponents, field: SettingField) -> None:
    choices = choices_of(field)
    if choices:
        value = AUTOMATIC if field.optional else field.default
        parts.control(field.name, gr.Dropdown, choices, value=value, default=True)
    elif field.slider:
        low, high, step = field.slider
        parts.control(
            field.name, gr.Slider, low, high, value=field.default, step=step, default=True
        )
    else:  # the button "list_models" fills the list
        parts.control(
            field.name, gr.Dropdown, [], value=field.default, allow_custom_value=True, default=True
        )
