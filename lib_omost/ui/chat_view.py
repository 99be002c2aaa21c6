"""The page of the panel "Compose": what is entered in it, and what is to change there."""

from __future__ import annotations

import random
import threading
from dataclasses import dataclass, field, fields
from functools import partial
from html import escape
from typing import TYPE_CHECKING, Any, Literal, TypeGuard

from lib_omost.compose.conversation import Conversation, from_json
from lib_omost.compose.model_state import memory_use
from lib_omost.compose.request import ComposeRequest
from lib_omost.compose.settings import COMPOSE_FIELDS, DEMO_MODEL, ComposeSettings
from lib_omost.llm.engine import Progress
from lib_omost.llm.server.address import is_address
from lib_omost.ui import texts
from lib_omost.ui.chat_rows import ChatRow
from lib_omost.ui.compose_values import read_compose_values
from lib_omost.ui.localisation import say

if TYPE_CHECKING:
    from lib_omost.compose.service import ComposeService

RANDOM = -1
"""The seed that stands for any."""

SEEDS = 2**31

GB = 2**30


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
    """Values of the page's components when a button is pressed.

    Attributes:
        imported: Content of an imported file, or a step of the page's undo history.
        chat: The conversation as JSON, "" for an empty one.
        request: Content of the request box.
        canvas: The canvas as text.
        editing: The message that is being edited.
        running: The answer that is being written for this page.
        making: The set-up of language models that this page started.
        seed: Seed of the next answer. RANDOM and None choose one.
        key: API key of a server.
        settings: Settings of composing.
    """

    imported: str = ""
    chat: str = ""
    request: str = ""
    canvas: str = ""
    editing: EditedMessage | None = None
    running: RunningTask | None = None
    making: RunningTask | None = None
    seed: float | None = RANDOM
    key: str = field(default="", repr=False)
    settings: ComposeSettings = field(default_factory=partial(ComposeSettings, model=""))

    @classmethod
    def from_page(cls, **values: Any) -> ChatInputs:
        """Builds the inputs from the values of components by name.

        None and absent values stand for defaults.

        Raises:
            SettingsError: A setting of composing cannot be used.
        """
        present = {name: value for name, value in values.items() if value is not None}
        inputs = {name: value for name, value in present.items() if name not in COMPOSE_FIELDS}
        return cls(**inputs, settings=read_compose_values({"model": "", **present}))

    @property
    def model(self) -> str:
        """Name of the language model, "" for none."""
        return self.settings.model

    @property
    def conversation(self) -> Conversation:
        """The conversation.

        Raises:
            ConversationError: It cannot be read.
        """
        return read_chat(self.chat)

    @property
    def asked(self) -> Conversation:
        """The conversation with the request about the canvas on the page as its last turn.

        Raises:
            ConversationError: The conversation or the canvas cannot be read, or the request is
                empty.
        """
        if self.editing is not None:
            return self.conversation.edit(self.editing.number, self.request)
        seed = int(self.seed if self.seed is not None else RANDOM)
        seed = random.randrange(SEEDS) if seed == RANDOM else seed
        return self.conversation.ask(self.request, seed, self.canvas)

    def compose_request(self, conversation: Conversation) -> ComposeRequest:
        """Returns the request to answer a conversation with the settings on the page."""
        return ComposeRequest(conversation, self.settings)


INPUT_NAMES: tuple[str, ...] = (
    *(field.name for field in fields(ChatInputs) if field.name != "settings"),
    *COMPOSE_FIELDS,
)
"""Names of the components that `ChatInputs.from_page` reads, in the order of a handler's inputs."""


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
    return texts.DEMO_EXAMPLES if model.strip() == DEMO_MODEL else texts.EXAMPLES


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
