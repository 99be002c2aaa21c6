"""Connects the fields of the panel "Compose"'s views with its components."""

from __future__ import annotations

from typing import Literal

from lib_omost.compose.conversation import Conversation
from lib_omost.ui.chat_components import EXAMPLE_BUTTONS, STATES
from lib_omost.ui.chat_view import EditedMessage
from lib_omost.ui.localisation import say
from lib_omost.ui.model_names import model_label
from lib_omost.ui.status_html import status_html
from lib_omost.ui.texts import EDITING, KEY_SAVED
from lib_omost.ui.view_binding import Update, ViewBinding


def _editing(editing: EditedMessage | Literal[False]) -> tuple[Update, ...]:
    if not editing:
        return {"value": None}, {"visible": False}, {}
    note = status_html(EDITING, number=editing.number + 1)
    return {"value": editing}, {"visible": True}, {"value": note}


def _unanswered(conversation: Conversation | Literal[False]) -> tuple[Update, ...]:
    return {"value": conversation or None}, {"visible": bool(conversation)}


BINDING = ViewBinding(
    states=STATES,
    model=(("model",), lambda name: ({"value": model_label(name)},)),
    models=(("model",), lambda choices: ({"choices": choices},)),
    examples=(EXAMPLE_BUTTONS, lambda texts: tuple({"value": say(text)} for text in texts)),
    messages=(
        ("messages", "examples_row"),
        lambda messages: (
            {"value": messages, "visible": bool(messages)},
            {"visible": not messages},
        ),
    ),
    full=(("full_row",), lambda full: ({"visible": full},)),
    editing=(("editing", "editing_row", "editing_note"), _editing),
    unanswered=(("unanswered", "unanswered_row"), _unanswered),
    busy=(
        ("idle_row", "chat_row", "busy_row", "request", "compose_button"),
        lambda busy: (
            {"visible": not busy},
            {"visible": not busy},
            {"visible": busy},
            {"interactive": not busy},
            {"interactive": not busy},
        ),
    ),
    allowed=(("allowed_group",), lambda allowed: ({"visible": allowed},)),
    server_models=(("server_model",), lambda names: ({"choices": names},)),
    has_key=(
        ("key",),
        lambda has_key: ({"placeholder": say(KEY_SAVED) if has_key else ""},),
    ),
    message=(("said",), lambda html: ({"value": html},)),
    setup=(
        ("setup_plan", "setup_row"),
        lambda html: ({"value": html}, {"visible": bool(html)}),
    ),
    plan=(
        ("plan", "plan_row"),
        lambda plan: ({"value": plan}, {"visible": bool(plan)}),
    ),
    log=(("log",), lambda log: ({"value": log, "visible": bool(log)},)),
    building=(
        ("building_row", "plan_button"),
        lambda building: ({"visible": building}, {"interactive": not building}),
    ),
)
"""Bindings for ChatView and ModelSettingsView."""
