"""Values and changes of the components in the panel "Compose"."""

from __future__ import annotations

import random
from dataclasses import dataclass, field, fields, replace
from functools import partial
from typing import Any, Literal

from lib_omost.compose.conversation import Conversation
from lib_omost.compose.conversation_json import from_json
from lib_omost.compose.request import ComposeRequest
from lib_omost.compose.settings import COMPOSE_FIELDS, DEMO_MODEL, ComposeSettings
from lib_omost.llm.model_catalog import DEFAULT_MODEL
from lib_omost.ui import texts
from lib_omost.ui.chat_rows import ChatRow
from lib_omost.ui.compose_values import read_compose_values
from lib_omost.ui.running_task import RunningTask

RANDOM_SEED = -1
"""Seed that stands for a random one."""

SEED_COUNT = 2**31
"""Random seeds are 0 to SEED_COUNT - 1."""


@dataclass(frozen=True)
class EditedMessage:
    """The index of an edited message and the previous content of the request box."""

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
        unanswered: The conversation whose last answer had no tokens left after the thinking.
        seed: Seed of the next answer. RANDOM_SEED and None choose one.
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
    unanswered: Conversation | None = None
    seed: float | None = RANDOM_SEED
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
        return parse_chat(self.chat)

    @property
    def with_request(self) -> Conversation:
        """The conversation with the page's request and canvas as its last turn.

        Raises:
            ConversationError: The conversation or the canvas cannot be read, or the request is
                empty.
        """
        if self.editing is not None:
            return self.conversation.edit(self.editing.number, self.request)
        seed = int(self.seed if self.seed is not None else RANDOM_SEED)
        seed = random.randrange(SEED_COUNT) if seed == RANDOM_SEED else seed
        return self.conversation.add_request(self.request, seed, self.canvas)

    def compose_request(self, conversation: Conversation) -> ComposeRequest:
        """Returns the request to answer a conversation with the settings on the page."""
        return ComposeRequest(conversation, self.settings)

    @property
    def setup_request(self) -> ComposeRequest:
        """The request to set up the chosen model, or the default one if none is chosen."""
        settings = replace(self.settings, model=self.model.strip() or DEFAULT_MODEL)
        return ComposeRequest(Conversation(), settings)


INPUT_NAMES: tuple[str, ...] = (
    *(field.name for field in fields(ChatInputs) if field.name != "settings"),
    *COMPOSE_FIELDS,
)
"""Names of the components that `ChatInputs.from_page` reads, in the order of a handler's inputs."""


@dataclass(frozen=True)
class ChatView:
    """Changes of the page; None leaves a part of the page unchanged.

    Attributes:
        chat: The conversation as JSON.
        messages: Rows of the chat.
        request: Content of the request box.
        model: Name of the language model.
        server_model: Name of the server's model.
        canvas: The canvas as text.
        past: States for Undo in a page that was just loaded, as JSON.
        status: Status lines as HTML.
        budget: Used part of the model's context as HTML.
        full: Offer to shorten the chat to its canvas.
        state: State of the model as HTML.
        editing: The message that is being edited, False for none.
        running: The answer that is being written.
        busy: Show the button Stop instead of the other buttons.
        allowed: The visitor may change what runs on this machine.
        setup: What the model lacks, as HTML, which offers its set-up; "" for nothing.
        unanswered: Offer to answer this conversation with less thinking or more tokens; False for
            no offer.
        thinking: How much the model thinks.
        max_new_tokens: Most tokens of an answer.
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
    setup: str | None = None
    unanswered: Conversation | Literal[False] | None = None
    thinking: str | None = None
    max_new_tokens: int | None = None


def examples(model: str) -> tuple[str, ...]:
    """Returns example requests that suit a model."""
    return texts.DEMO_EXAMPLES if model.strip() == DEMO_MODEL else texts.EXAMPLES


def parse_chat(text: str) -> Conversation:
    """Parses a chat as the page stores it: JSON, "" for an empty one.

    Raises:
        ConversationError: The JSON is no conversation.
    """
    return from_json(text) if text.strip() else Conversation()
