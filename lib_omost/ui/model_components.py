"""The components of "Language model settings", and of the set-up of the models' environment."""

from __future__ import annotations

from typing import Any

import gradio as gr

from lib_omost import options
from lib_omost.ui.chat_view import AUTOMATIC, CANVAS_ONLY, RANDOM
from lib_omost.ui.components import PanelComponents

TEMPERATURES = (AUTOMATIC, "0", "0.2", "0.4", "0.6", "0.8", "1.0", "1.2")


def build_settings(parts: PanelComponents) -> None:
    """Build the settings below the chat: of the model, and of servers."""
    with gr.Row(elem_classes=["omost-settings"]):
        _build_writing(parts)
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
    """Build the set-up of the models' environment, of which nothing is seen until it is needed."""
    with parts.row("setup_row", visible=False):
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


def _build_writing(parts: PanelComponents) -> None:
    """Build Entered's settings."""

    def setting(name: str, kind: Any, *args: Any, **more: Any) -> None:
        parts.control(name, kind, *args, default=True, **more)

    setting("server_model", gr.Dropdown, [], value="", allow_custom_value=True)
    setting("dialect", gr.Dropdown, ["openai", "llama.cpp", "vllm"], value="openai")
    setting("temperature", gr.Dropdown, list(TEMPERATURES), value=AUTOMATIC)
    setting("top_p", gr.Slider, 0.05, 1, value=0.9, step=0.05)
    setting("max_new_tokens", gr.Slider, 256, 8192, value=4096, step=256)
    setting("seed", gr.Number, RANDOM, precision=0)
    setting("canvas_only", gr.Dropdown, list(CANVAS_ONLY), value=AUTOMATIC)
    setting("keep_loaded", gr.Checkbox, options.value("omost_keep_loaded"))
    setting("own_process", gr.Checkbox, False)
