"""Builds the components of the chat in the panel "Compose", hidden ones included."""

from __future__ import annotations

import gradio as gr

from lib_omost import options
from lib_omost.ui.chat_view import examples
from lib_omost.ui.components import ADVANCED, PanelComponents
from lib_omost.ui.model_components import build_setup
from lib_omost.ui.model_names import model_choices, model_label
from lib_omost.ui.status_html import status_html
from lib_omost.ui.texts import EXAMPLE_HINT, FULL

EXAMPLE_BUTTONS = "example_0", "example_1", "example_2"

STATES = "editing", "running", "making", "unanswered"
"""Values that gradio stores on the server for each open page."""

BUTTONS = "retry", "undo", "new"

FILE_BUTTONS = "export", "import"


def build_chat(parts: PanelComponents) -> None:
    """Builds the model menu, the messages, the examples, the set-up and the buttons.

    Args:
        parts: Collects the components of the panel.
    """
    parts.control(
        "model",
        gr.Dropdown,
        model_choices(),
        value=model_label(options.value("omost_model")),
        allow_custom_value=True,
        default=True,
    )
    with gr.Row(elem_classes=["omost-line"]):
        parts.html("note")
        parts.html("state")
    parts.control(
        "messages",
        gr.Chatbot,
        show_label=False,
        visible=False,
        height=340,
        latex_delimiters=[],
        elem_classes=["omost-messages"],
    )
    with parts.row("editing_row", visible=False):
        parts.html("editing_note")
        parts.button("leave", size="sm")
    with parts.row("examples_row", visible=True):
        for number, example in enumerate(examples(options.value("omost_model"))):
            name = EXAMPLE_BUTTONS[number]
            button = gr.Button(example, size="sm", elem_id=parts.element(name))
            parts.add(name, button, EXAMPLE_HINT)
    build_setup(parts)
    with parts.row("full_row", visible=False):
        parts.add("full_note", gr.HTML(status_html(FULL)))
        parts.button("condense", size="sm")
    with parts.row("unanswered_row", visible=False):
        parts.button("think_off", size="sm")
        parts.button("think_longer", size="sm")
    with parts.row("chat_row", visible=True):
        for name in BUTTONS:
            parts.button(name, size="sm")
        for name in FILE_BUTTONS:
            parts.button(name, size="sm", elem_classes=[ADVANCED])


def build_request(parts: PanelComponents) -> None:
    """Builds the request box, the buttons Compose and Generate, and the status lines.

    Args:
        parts: Collects the components of the panel.
    """
    with gr.Row(elem_classes=["omost-request"]):
        parts.text("request", lines=1, max_lines=8, show_label=False, container=False)
        with parts.row("idle_row", visible=True):
            # Disabled until the browser's chat is restored, because restoring overwrites an answer.
            parts.button("compose_button", variant="primary", interactive=False)
        with parts.row("busy_row", visible=False):
            parts.button("stop", variant="stop")
        parts.button("paint", variant="primary")
        parts.button("paint_stop", variant="stop")
    with gr.Row(elem_classes=["omost-line"]):
        parts.html("status")
        parts.html("budget")


def build_hidden(parts: PanelComponents) -> None:
    """Builds hidden components, through which scripts and handlers exchange values.

    Args:
        parts: Collects the components of the panel.
    """
    for name in ("imported", "chat", "past"):
        parts.hidden(name)
    for name in STATES:
        parts.register(**{name: gr.State(None)})
    for name in ("restore", "count", "look", "compose_prompt", "travel"):
        parts.hidden(name, gr.Button)
