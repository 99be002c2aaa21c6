"""The handlers of the chat in the panel "Compose", independent of gradio.

Each handler gets the values of the page and returns its changes. A handler stores nothing.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Generator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from lib_omost.compose.conversation import Conversation, ConversationError, read
from lib_omost.compose.conversation_json import from_json
from lib_omost.compose.prompt_requests import request_from_prompt
from lib_omost.compose.settings import COMPOSE_FIELDS, ComposeSettings
from lib_omost.text.prompt_syntax import PromptSyntaxError
from lib_omost.ui import texts
from lib_omost.ui.answer_views import AnswerViews, canvas_changes, conversation_changes
from lib_omost.ui.chat_history import earlier_states, turns_after
from lib_omost.ui.chat_rows import chat_rows, turn_of_row
from lib_omost.ui.chat_view import ChatInputs, ChatView, EditedMessage, parse_chat
from lib_omost.ui.context_budget import budget_html, is_full
from lib_omost.ui.localisation import counted
from lib_omost.ui.running_task import is_running
from lib_omost.ui.status_html import error_html, setup_html, status_html

if TYPE_CHECKING:
    from lib_omost.compose.service import ComposeService


class ChatActions:
    """The handlers of the chat.

    Args:
        composing: Returns the service that composes. The first handler that needs it calls it.
    """

    def __init__(self, composing: Callable[[], ComposeService]) -> None:
        self._composing = composing

    def compose(self, inputs: ChatInputs) -> Generator[ChatView, None, None]:
        """Answers the request, or the message that is being edited."""
        if is_running(inputs.running):
            return
        try:
            conversation = inputs.with_request
        except ConversationError as error:
            yield ChatView(status=error_html(error))
            return
        on_success = ChatView(request="", editing=False)
        yield from AnswerViews(self._composing(), inputs, conversation, on_success).stream()

    def compose_after_setup(self, inputs: ChatInputs) -> Generator[ChatView, None, None]:
        """Answers the request after a set-up, unless the set-up failed or there is no request."""
        yield ChatView()  # gradio 3 never ends an event without a view
        if inputs.request.strip() and not setup_html(self._composing(), inputs.setup_request):
            yield from self.compose(inputs)

    def compose_from_prompt(self, inputs: ChatInputs) -> Generator[ChatView, None, None]:
        """Composes a canvas from the WebUI's prompt, which is in `imported`.

        The text in the request box stays.
        """
        if is_running(inputs.running):
            return
        try:
            request = request_from_prompt(inputs.imported)
            conversation = replace(inputs, request=request, editing=None).with_request
        except (ConversationError, PromptSyntaxError) as error:
            yield ChatView(status=error_html(error))
            return
        yield from AnswerViews(self._composing(), inputs, conversation, ChatView()).stream()

    def retry(self, inputs: ChatInputs) -> Generator[ChatView, None, None]:
        """Answers the last request again with the next seed."""
        if is_running(inputs.running):
            return
        try:
            conversation = inputs.conversation.retry()
        except ConversationError:
            yield ChatView(status=error_html(texts.NO_ANSWER))
            return
        yield from AnswerViews(self._composing(), inputs, conversation, ChatView()).stream()

    def answer_without_thinking(self, inputs: ChatInputs) -> Generator[ChatView, None, None]:
        """Turns thinking off and answers the request whose tokens the thinking used up."""
        settings = replace(inputs.settings, thinking="off")
        yield from self._answer_again(inputs, settings, ChatView(thinking="off"))

    def answer_with_more_tokens(self, inputs: ChatInputs) -> Generator[ChatView, None, None]:
        """Doubles the most tokens and answers the request whose tokens the thinking used up."""
        most = int(COMPOSE_FIELDS["max_new_tokens"].high)
        tokens = min(2 * inputs.settings.max_new_tokens, most)
        settings = replace(inputs.settings, max_new_tokens=tokens)
        yield from self._answer_again(inputs, settings, ChatView(max_new_tokens=tokens))

    def _answer_again(
        self, inputs: ChatInputs, settings: ComposeSettings, changed: ChatView
    ) -> Generator[ChatView, None, None]:
        """Answers the request that got no answer with other settings.

        Args:
            inputs: Values of the page.
            settings: The settings.
            changed: The page with the changed setting.
        """
        conversation = inputs.unanswered
        if is_running(inputs.running) or conversation is None:
            return
        yield changed
        inputs = replace(inputs, settings=settings)
        is_in_box = inputs.request.strip() == conversation.turns[-1].request.strip()
        on_success = ChatView(request="", editing=False) if is_in_box else ChatView()
        yield from AnswerViews(self._composing(), inputs, conversation, on_success).stream()

    def stop(self, inputs: ChatInputs) -> ChatView:
        """Stops the answer, or enables the buttons if a lost connection left them disabled."""
        if is_running(inputs.running):
            inputs.running.cancel.set()
            return ChatView()
        return ChatView(busy=False)

    def show_history_step(self, inputs: ChatInputs) -> ChatView:
        """Shows the chat after Undo or Redo in the page's history.

        Args:
            inputs: Values of the page. `imported` is a JSON object of `direction` ("undo" or
                "redo") and `left_chat`, the chat before the step.
        """
        step = json.loads(inputs.imported)
        direction = step["direction"]
        try:
            chat, left_chat = inputs.conversation, parse_chat(step["left_chat"])
        except ConversationError as error:
            return ChatView(status=error_html(error))
        removed, restored = turns_after(left_chat, chat), turns_after(chat, left_chat)
        request = None
        if direction == "undo" and removed and not inputs.request.strip():
            request = removed[0].request
        elif direction == "redo" and restored and inputs.request == restored[0].request:
            request = ""
        status = status_html(texts.MADE_AGAIN if direction == "redo" else texts.TAKEN_BACK)
        return ChatView(
            messages=chat_rows(chat.turns), request=request, editing=False, status=status
        )

    def new(self, inputs: ChatInputs) -> ChatView:
        """Starts an empty chat and canvas; the page's history contains the previous ones."""
        has_content = inputs.chat or inputs.canvas.strip()
        return ChatView(
            **conversation_changes(Conversation()),
            canvas="",
            editing=False,
            status=status_html(texts.NEW_CHAT if has_content else ""),
        )

    def import_chat(self, inputs: ChatInputs) -> ChatView:
        """Loads an exported chat; the page's history contains the previous one."""
        try:
            chat = from_json(inputs.imported)
        except ConversationError as error:
            return ChatView(status=error_html(error))
        return ChatView(
            **conversation_changes(chat),
            **canvas_changes(chat.canvas),
            editing=False,
            status=status_html(texts.CHAT_IMPORTED, requests=counted(len(chat.turns), "request")),
        )

    def edit(self, inputs: ChatInputs, row: int) -> ChatView:
        """Puts the request of a row of the chat into the request box for editing.

        Args:
            inputs: Values of the page.
            row: Index of the row among `chat_rows`.
        """
        turns = inputs.conversation.turns
        number = turn_of_row(turns, row)
        if is_running(inputs.running) or number < 0:
            return ChatView()
        draft = inputs.editing.draft if inputs.editing else inputs.request
        return ChatView(request=turns[number].request, editing=EditedMessage(number, draft))

    def cancel_editing(self, inputs: ChatInputs) -> ChatView:
        """Stops editing a message and restores the previous text of the request box."""
        draft = inputs.editing.draft if inputs.editing else None
        return ChatView(request=draft, editing=False)

    def condense(self, inputs: ChatInputs) -> ChatView:
        """Shortens the chat to its canvas, which leaves the model more of its context."""
        try:
            canvas = inputs.conversation.canvas
        except ConversationError as error:
            return ChatView(status=error_html(error))
        page_has_canvas = read(inputs.canvas) is not None
        if canvas is None and not page_has_canvas:
            return ChatView(status=error_html(texts.NOTHING_TO_GO_ON))
        return ChatView(
            **conversation_changes(Conversation()),
            **({} if page_has_canvas else canvas_changes(canvas)),
            editing=False,
            status=status_html(texts.CONDENSED),
        )

    def count(self, inputs: ChatInputs) -> ChatView:
        """Shows how many tokens of the model's context the chat and the request fill."""
        try:
            chat = inputs.with_request if inputs.request.strip() else inputs.conversation
        except ConversationError:
            return ChatView(budget="", full=False)
        if not chat.turns:
            return ChatView(budget="", full=False)
        tokens, context = self._composing().count(inputs.compose_request(chat))
        return ChatView(budget=budget_html(tokens, context), full=is_full(chat, tokens, context))

    def restore(self, inputs: ChatInputs) -> ChatView:
        """Shows the chat that the browser has stored, in a page that was just loaded.

        The browser restores the request box itself, because the user may already type in it.
        """
        allowed = not self._composing().restricted()
        models: dict[str, Any] = {
            "model": inputs.model,
            "server_model": inputs.settings.server_model,
        }
        try:
            chat = inputs.conversation
        except ConversationError as error:
            status = error_html(texts.CHAT_UNREADABLE, reason=error)
            return ChatView(**models, chat="", status=status, allowed=allowed, busy=False)
        canvas = {} if inputs.canvas.strip() else canvas_changes(chat.canvas)
        states = earlier_states(chat, canvas.get("canvas", inputs.canvas))
        past = json.dumps([{"turns": count, "canvas": text} for count, text in states])
        return ChatView(
            **models,
            **conversation_changes(chat),
            **canvas,
            past=past,
            allowed=allowed,
            busy=False,
        )
