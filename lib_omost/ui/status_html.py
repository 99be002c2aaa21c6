"""Status lines of the page as HTML, in the language of the page."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from lib_omost.compose.model_state import memory_use
from lib_omost.llm.engine import Progress
from lib_omost.llm.server.address import is_address
from lib_omost.ui import texts
from lib_omost.ui.localisation import say, say_message

if TYPE_CHECKING:
    from lib_omost.compose.request import ComposeRequest
    from lib_omost.compose.service import ComposeService

GB = 2**30

ENDS = tuple(".!?。！？")
"""The ends of a sentence."""


def status_html(text: str, **values: object) -> str:
    """Returns a translated text as a status line, "" for an empty text.

    Args:
        text: A text of `texts`.
        values: Values for the placeholders in braces.
    """
    return f'<p class="omost-status">{escape(say(text, **values))}</p>' if text else ""


def error_html(error: object, **values: object) -> str:
    """Returns a translated error message as a status line.

    Args:
        error: An exception or a text of `texts`. The function adds the capital letter and the
            full stop.
        values: Values for the placeholders in braces.
    """
    text = say(str(error), **values) if values else say_message(str(error))
    text = text[:1].upper() + text[1:]
    if not text.endswith(ENDS):
        text += "。" if text[-1:] >= "\u3000" else "."  # Chinese and Japanese have their own
    return f'<p class="omost-status omost-error" role="alert">{escape(text)}</p>'


def model_state_html(composing: ComposeService, model: str) -> str:
    """Returns a status line with a local model's state and the memory in use.

    Args:
        composing: The service that runs the models.
        model: The model's name. The line is "" for no model and for a server's address.
    """
    if is_address(model) or not model:
        return ""
    state, memory = composing.state(model), memory_use()
    percent = f" {state.fraction:.0%}" if state.fraction is not None else ""
    phase = say(state.phase) + percent
    if memory is None:
        return status_html(texts.MODEL, state=phase)
    return status_html(
        texts.MODEL_AND_MEMORY,
        state=phase,
        used=f"{memory.used / GB:.1f}",
        total=f"{memory.total / GB:.1f}",
        device=say(memory.device),
    )


def setup_html(composing: ComposeService, request: ComposeRequest) -> str:
    """Returns a status line with the download that a request's model needs, "" for none.

    Args:
        composing: The service that runs the models.
        request: The request; its conversation does not matter.
    """
    missing = composing.setup().missing(request)
    if missing is None:
        return ""
    environment = say(texts.SETUP_ENVIRONMENT, size=f"{missing.environment:,}")
    model = say(texts.SETUP_MODEL, size=f"{missing.files:,}", license=missing.license)
    parts = environment if missing.environment else model
    if missing.environment and missing.files:
        parts = say(texts.SETUP_BOTH, environment=environment, model=model)
    return status_html(
        texts.SETUP_PLAN,
        model=missing.model,
        parts=parts,
        folder=missing.folder,
        free=f"{missing.free:,}",
    )


def progress_text(event: Progress) -> str:
    """Returns a progress event's translated message with its percentage."""
    percent = f": {event.fraction:.0%}" if event.fraction is not None else ""
    return f"{say_message(event.message)}{percent}"
