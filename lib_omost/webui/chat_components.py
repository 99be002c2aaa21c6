"""What the panel "Compose" consists of: the chat, and what nobody sees of it."""

from __future__ import annotations

import gradio as gr

from lib_omost.llm.models import LISTED
from lib_omost.webui import options
from lib_omost.webui.chat_page import said
from lib_omost.webui.parts import Parts

STATES = "editing", "running", "making"
"""What gradio keeps for each page."""

FULL = said("The chat fills what the model can read; the next answer would be cut.")

EXAMPLES = (
    "a yellow fish above a red circle on a teal background",
    "a red boat in a quiet harbour at dawn",
    "an old sailor, and a lighthouse behind him",
)
"""Requests to begin with; the first is of the shapes that the composer which ships knows."""

BUTTONS = {
    "retry": ("Retry", "Have the last request answered anew, with the next seed."),
    "undo": ("Undo", "Take back what was done last."),
    "new": ("New chat", "Undo brings this one back."),
    "export": ("Export", "Download the chat as a file."),
    "import": ("Import", "Go on with an exported chat."),
}


def build_chat(parts: Parts) -> None:
    """Build the model's name, the messages, the request and the buttons."""
    model = gr.Dropdown(
        [model.name for model in LISTED],
        value=options.value("omost_model"),
        allow_custom_value=True,
        label="Language model",
        elem_id=parts.element("model"),
    )
    hint = "A name of the list or of the hub, a folder, a GGUF file, or a server's address."
    parts.add("model", model, hint, default=True)
    with gr.Row(elem_classes=["omost-line"]):
        parts.html("note")
        parts.html("state")
    messages = gr.Chatbot(
        label="Chat",
        show_label=False,
        visible=False,
        height=340,
        latex_delimiters=[],
        elem_id=parts.element("messages"),
        elem_classes=["omost-messages"],
    )
    parts.add("messages", messages)
    with parts.row("editing_row", visible=False):
        parts.html("editing_note")
        parts.button("leave", "Do not edit", "Leave this message as it is.", size="sm")
    parts.text(
        "request",
        "Request",
        "Enter sends it, Shift and Enter begin a new line.",
        placeholder="What the picture is to show, or what is to change in it",
        lines=1,
        max_lines=8,
    )
    with parts.row("examples_row", visible=True):
        for number, example in enumerate(EXAMPLES):
            hint = "Put this into the request box, if it is empty."
            parts.button(f"example_{number}", example, hint, size="sm")
    with gr.Row(elem_classes=["omost-line"]):
        parts.html("status")
        parts.html("budget")
    with parts.row("full_row", visible=False):
        parts.add("full_note", gr.HTML(FULL))
        text = "Continue from the current canvas alone"
        parts.button("condense", text, "Undo brings the rest of the chat back.", size="sm")
    with parts.row("idle_row", visible=True):
        parts.button("compose_button", "Compose", "Have it answered.", variant="primary")
        for name, (text, hint) in BUTTONS.items():
            parts.button(name, text, hint, size="sm")
    with parts.row("busy_row", visible=False):
        parts.button("stop", "Stop", "What is written is kept.", variant="stop")
    with parts.row("former_row", visible=False):
        text = "Restore the former canvas"
        parts.button("swap", text, "Exchange the canvas for the one before it.", size="sm")


def build_hidden(parts: Parts) -> None:
    """Build what browser and handlers need and nobody sees."""
    for name in ("imported", "chat", "former", "former_chat"):
        parts.hidden(name)
    for name in STATES:
        parts.take(**{name: gr.State(None)})
    for name in ("restore", "count"):
        parts.button(name, name, "", elem_classes=["omost-hidden"])
