"""The page of the panel "Compose": what is entered in it, and what is to change there."""

from __future__ import annotations

import random
import threading
from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING, Literal, TypeGuard

from lib_omost.compose.conversation import Conversation, from_json
from lib_omost.compose.model_state import memory_use
from lib_omost.compose.request import COMPOSER, ComposeRequest
from lib_omost.llm.engine import Progress
from lib_omost.llm.server.address import is_address
from lib_omost.ui import texts
from lib_omost.ui.chat_rows import ChatRow
from lib_omost.ui.localisation import say
from lib_omost.ui.model_names import real_name

if TYPE_CHECKING:
    from lib_omost.compose.service import ComposeService
    from lib_omost.llm.server.request import Dialect

RANDOM = -1
"""The seed that stands for any."""

SEEDS = 2**31

GB = 2**30

CANVAS_ONLY = {"automatic": None, "always": True, "never": False}
"""Whether the model is held to canvas code: `automatic` leaves it to the engine."""

AUTOMATIC = "automatic"


class RunningTask:
    """Something that goes on for one visitor: how it is stopped, and whether it is over."""

    def __init__(self) -> None:
        self.cancel = threading.Event()
        self.over = threading.Event()

    def end(self) -> None:
        """Stop it, if it is not over yet."""
        self.cancel.set()
        self.over.set()


def goes_on(running: RunningTask | None) -> TypeGuard[RunningTask]:
    """Whether something goes on."""
    return running is not None and not running.over.is_set()


@dataclass(frozen=True)
class EditedMessage:
    """A message that is being edited, from 0, and what stood in the request box before."""

    number: int
    draft: str


@dataclass(frozen=True)
class ChatInputs:
    """What stands in the page when a button is pressed.

    imported: a file that was chosen, or what the page's history did. chat: the
    conversation as JSON, "" for an empty one.
    """

    imported: str = ""
    chat: str = ""
    request: str = ""
    model: str = ""
    server_model: str = ""
    canvas: str = ""
    editing: EditedMessage | None = None
    running: RunningTask | None = None
    making: RunningTask | None = None
    dialect: Dialect = "openai"
    own_process: bool = False
    temperature: str = AUTOMATIC
    top_p: float = 0.9
    max_new_tokens: float = 4096
    seed: float | None = RANDOM
    canvas_only: str = AUTOMATIC
    keep_loaded: bool = False
    key: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        """Take what the page shows for what it means."""
        object.__setattr__(self, "model", real_name(self.model or ""))

    @property
    def conversation(self) -> Conversation:
        """The chat. Raises ConversationError."""
        return read_chat(self.chat)

    @property
    def asked(self) -> Conversation:
        """The chat with what is in the request box, about the canvas on the page.

        Raises ConversationError.
        """
        if self.editing is not None:
            return self.conversation.edit(self.editing.number, self.request)
        seed = int(self.seed if self.seed is not None else RANDOM)
        seed = random.randrange(SEEDS) if seed == RANDOM else seed
        return self.conversation.ask(self.request, seed, self.canvas)

    def order(self, conversation: Conversation) -> ComposeRequest:
        """What is to be composed by these settings."""
        return ComposeRequest(
            conversation,
            model=self.model or "",
            server_model=self.server_model or "",
            dialect=self.dialect,
            own_process=self.own_process,
            temperature=None if self.temperature == AUTOMATIC else float(self.temperature),
            top_p=self.top_p,
            max_new_tokens=int(self.max_new_tokens),
            canvas_only=CANVAS_ONLY[self.canvas_only],
            keep_loaded=self.keep_loaded,
        )


@dataclass(frozen=True)
class ChatView:
    """What is to change in the page; None leaves a part of it as it is.

    chat, request, canvas, model, server_model: as in Entered. past: what Undo goes back to in a
    page that was just loaded, as JSON. messages: the chat as it is shown. status, budget: HTML.
    editing: the message, or False for none. full: the chat is to be continued from its canvas
    alone. state: the model's, as HTML. allowed: the visitor may choose what runs on this machine.
    setup: offer to set up language models.
    """

    chat: str | None = None
    messages: list[ChatRow] | None = None
    request: str | None = None
    model: str | None = None
    server_model: str | None = None
    canvas: str | None = None
    past: str | None = None
    status: str | None = None
    budget: str | None = None
    full: bool | None = None
    state: str | None = None
    editing: EditedMessage | Literal[False] | None = None
    running: RunningTask | None = None
    busy: bool | None = None
    allowed: bool | None = None
    setup: bool | None = None


def examples(model: str) -> tuple[str, ...]:
    """Return requests to begin with that suit a model."""
    return texts.DEMO_EXAMPLES if model.strip() == COMPOSER else texts.EXAMPLES


def said(text: str, **values: object) -> str:
    """Write a line for the visitor as HTML, in the visitors' language (localisation.say)."""
    return f'<p class="omost-status">{escape(say(text, **values))}</p>' if text else ""


def failed(what: object, **values: object) -> str:
    """Write what went wrong as HTML: one sentence, whose beginning may be an error's."""
    text = say(str(what), **values)
    text = text[:1].upper() + text[1:] + ("" if text.endswith((".", "!", "?")) else ".")
    return f'<p class="omost-status omost-error" role="alert">{escape(text)}</p>'


def shown_state(composing: ComposeService, model: str) -> str:
    """Write what a model does and the memory that is in use as HTML; nothing for a server's."""
    if is_address(model) or not model:
        return ""
    state, memory = composing.state(model), memory_use()
    done = f" {state.fraction:.0%}" if state.fraction is not None else ""
    shown = say(state.phase) + done
    if memory is None:
        return said(texts.MODEL, state=shown)
    return said(
        texts.MODEL_AND_MEMORY,
        state=shown,
        used=f"{memory.used / GB:.1f}",
        total=f"{memory.total / GB:.1f}",
        device=say(memory.device),
    )


def progress(event: Progress) -> str:
    """Say what goes on, and how much of it is done."""
    done = f": {event.fraction:.0%}" if event.fraction is not None else ""
    return f"{say(event.message)}{done}"


def read_chat(text: str) -> Conversation:
    """Read a chat as the page holds it. Raises ConversationError."""
    return from_json(text) if text.strip() else Conversation()
