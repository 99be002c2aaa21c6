"""What "Language model settings" consists of: how a model writes, its server, its environment."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import gradio as gr

from lib_omost.webui import options
from lib_omost.webui.chat_page import AUTOMATIC, CANVAS_ONLY, RANDOM
from lib_omost.webui.parts import Parts

TEMPERATURES = (AUTOMATIC, "0", "0.2", "0.4", "0.6", "0.8", "1.0", "1.2")


def build_settings(parts: Parts) -> None:
    """Build what is below the chat: settings of the model, of servers, and its environment."""
    with gr.Row(elem_classes=["omost-settings"]):
        for name, component, hint in _settings():
            component.elem_id = parts.element(name)
            parts.add(name, component, hint, default=True)
    parts.html("said")
    with gr.Row(elem_classes=["omost-buttons"]):
        text = "List the server's models"
        parts.button("list_models", text, "Ask the server for them.", size="sm")
    with parts.add("allowed_group", gr.Column(visible=False)):
        with gr.Row(elem_classes=["omost-buttons"]):
            hint = "Sent to the server alone; kept in a file of its own on this machine."
            parts.text("key", "Key of the server", hint, type="password", max_lines=1)
            parts.button("save_key", "Save key", "An empty one deletes it.", size="sm")
        with gr.Row(elem_classes=["omost-buttons"]):
            text = "Set up language models"
            hint = "First says what is downloaded, and asks."
            parts.button("plan_button", text, hint, size="sm")
        with parts.row("plan_row", visible=False):
            parts.html("plan")
            parts.button(
                "confirm", "Confirm", "Download and install.", variant="primary", size="sm"
            )
            parts.button("refuse", "Not now", "Download nothing.", size="sm")
        with parts.row("building_row", visible=False):
            parts.button("stop_building", "Stop", "A later try goes on.", variant="stop", size="sm")
        parts.text("log", "What pip says", lines=8, max_lines=8, interactive=False)
        parts["log"].visible = False


def _settings() -> Iterable[tuple[str, Any, str]]:
    """The components of Entered's settings, with what they do."""
    yield (
        "server_model",
        gr.Dropdown([], value="", allow_custom_value=True, label="Model on the server"),
        "Its name there; empty takes the first that the server has.",
    )
    yield (
        "dialect",
        gr.Dropdown(["openai", "llama.cpp", "vllm"], value="openai", label="Dialect"),
        "How the server is held to a canvas; openai is understood by most.",
    )
    yield (
        "temperature",
        gr.Dropdown(list(TEMPERATURES), value=AUTOMATIC, label="Temperature"),
        "0 takes the likeliest words. Automatic: 0 for the composer, else 0.6.",
    )
    yield (
        "top_p",
        gr.Slider(0.05, 1, value=0.9, step=0.05, label="Top p"),
        "The share of the likely words that one is drawn from.",
    )
    yield (
        "max_new_tokens",
        gr.Slider(256, 8192, value=4096, step=256, label="Most tokens of an answer"),
        "An answer that is longer is cut.",
    )
    yield (
        "seed",
        gr.Number(RANDOM, precision=0, label="Seed of the answer"),
        "The same seed, model and chat write the same. -1: another one each time.",
    )
    yield (
        "canvas_only",
        gr.Dropdown(list(CANVAS_ONLY), value=AUTOMATIC, label="Only a canvas"),
        "Hold the model to canvas code. Automatic: all models but Omost's.",
    )
    yield (
        "keep_loaded",
        gr.Checkbox(options.value("omost_keep_loaded"), label="Keep the model loaded"),
        "Leave it in memory while pictures are made. It is faster, and needs the memory.",
    )
    yield (
        "own_process",
        gr.Checkbox(False, label="Own process"),
        "Run the model outside of the WebUI, in what “Set up language models” made.",
    )
