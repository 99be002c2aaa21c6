"""The chat of the panel "Compose": what its buttons do, without the page that shows it.

Each handler takes what is entered in the page and says what is to change there; nothing of a
visitor's is kept in between.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from dataclasses import replace
from html import escape
from typing import TYPE_CHECKING, Any

from lib_omost.canvas import files
from lib_omost.canvas.model import Canvas
from lib_omost.compose.answer_ends import ANSWER_ENDS
from lib_omost.compose.conversation import (
    Conversation,
    ConversationError,
    Turn,
    fits,
    from_json,
    read,
    to_json,
)
from lib_omost.compose.prompt_requests import request_from_prompt
from lib_omost.compose.streaming_canvas import StreamingCanvas
from lib_omost.llm.canvas_forms import CanvasForm
from lib_omost.llm.engine import Done, Event, Failed, Progress
from lib_omost.text.prompt_syntax import PromptSyntaxError
from lib_omost.ui import texts
from lib_omost.ui.chat_rows import chat_rows, turn_of_row
from lib_omost.ui.chat_view import (
    ChatInputs,
    ChatView,
    EditedMessage,
    RunningTask,
    failed,
    goes_on,
    progress,
    read_chat,
    said,
    shown_state,
)
from lib_omost.ui.editor_warnings import region_warnings
from lib_omost.ui.localisation import counted, say

if TYPE_CHECKING:
    from lib_omost.compose.service import ComposeService

INTERVAL = 0.2
"""Seconds between two looks of a page at an answer that is being written."""


class ChatActions:
    """The handlers of the chat; `composing` is asked for by the first of them that needs it."""

    def __init__(self, composing: Callable[[], ComposeService]) -> None:
        self._composing = composing

    def compose(self, entered: ChatInputs) -> Generator[ChatView, None, None]:
        """Have the request answered, or the message that is being edited."""
        if not goes_on(entered.running):
            try:
                asked = entered.asked
            except ConversationError as error:
                yield ChatView(status=failed(error))
                return
            yield from self._answer(entered, asked, written=ChatView(request="", editing=False))

    def compose_from_prompt(self, entered: ChatInputs) -> Generator[ChatView, None, None]:
        """Compose a canvas from the WebUI's prompt, which is in `imported`.

        The request that is being typed stays in its box.
        """
        if goes_on(entered.running):
            return
        try:
            asked = replace(
                entered, request=request_from_prompt(entered.imported), editing=None
            ).asked
        except (ConversationError, PromptSyntaxError) as error:
            yield ChatView(status=failed(error))
            return
        yield from self._answer(entered, asked, written=ChatView())

    def retry(self, entered: ChatInputs) -> Generator[ChatView, None, None]:
        """Answers the last request again with the next seed."""
        if not goes_on(entered.running):
            try:
                asked = entered.conversation.retry()
            except ConversationError:
                yield ChatView(status=failed(texts.NO_ANSWER))
                return
            yield from self._answer(entered, asked, written=ChatView())

    def stop(self, entered: ChatInputs) -> ChatView:
        """End what goes on; where that was cut off before, make the page usable again."""
        if goes_on(entered.running):
            entered.running.cancel.set()
            return ChatView()
        return ChatView(busy=False)

    def travel(self, entered: ChatInputs) -> ChatView:
        """Show the chat that the page's history went to.

        imported: a JSON object of `direction`, "undo" or "redo", and `left_chat`, the chat before.
        """
        step = json.loads(entered.imported)
        way = step["direction"]
        try:
            chat, left = entered.conversation, read_chat(step["left_chat"])
        except ConversationError as error:
            return ChatView(status=failed(error))
        taken, came = _beyond(left, chat), _beyond(chat, left)
        request = None
        if way == "undo" and taken and not entered.request.strip():
            request = taken[0].request
        elif way == "redo" and came and entered.request == came[0].request:
            request = ""
        status = said(texts.MADE_AGAIN if way == "redo" else texts.TAKEN_BACK)
        return ChatView(
            messages=chat_rows(chat.turns), request=request, editing=False, status=status
        )

    def new(self, entered: ChatInputs) -> ChatView:
        """Begin a new chat and a new canvas; the page's history keeps the former ones."""
        known = entered.chat or entered.canvas.strip()
        return ChatView(
            **_shown(Conversation()),
            canvas="",
            editing=False,
            status=said(texts.NEW_CHAT if known else ""),
        )

    def bring(self, entered: ChatInputs) -> ChatView:
        """Go on with an exported chat; the page's history keeps the present one."""
        try:
            chat = from_json(entered.imported)
        except ConversationError as error:
            return ChatView(status=failed(error))
        return ChatView(
            **_shown(chat),
            **_on_page(chat.canvas),
            editing=False,
            status=said(texts.CHAT_IMPORTED, requests=counted(len(chat.turns), "request")),
        )

    def edit(self, entered: ChatInputs, row: int) -> ChatView:
        """Take the request of a row of the chat into the request box, to be sent anew."""
        turns = entered.conversation.turns
        number = turn_of_row(turns, row)
        if goes_on(entered.running) or number < 0:
            return ChatView()
        draft = entered.editing.draft if entered.editing else entered.request
        return ChatView(request=turns[number].request, editing=EditedMessage(number, draft))

    def leave(self, entered: ChatInputs) -> ChatView:
        """Leave the message as it is, and put back what was being typed."""
        draft = entered.editing.draft if entered.editing else None
        return ChatView(request=draft, editing=False)

    def condense(self, entered: ChatInputs) -> ChatView:
        """Go on from the canvas alone, which is what the model sees of a page without a chat."""
        try:
            canvas = entered.conversation.canvas
        except ConversationError as error:
            return ChatView(status=failed(error))
        is_there = read(entered.canvas) is not None
        if canvas is None and not is_there:
            return ChatView(status=failed(texts.NOTHING_TO_GO_ON))
        return ChatView(
            **_shown(Conversation()),
            **({} if is_there else _on_page(canvas)),
            editing=False,
            status=said(texts.CONDENSED),
        )

    def count(self, entered: ChatInputs) -> ChatView:
        """Say how much of what the model can read the chat and the request take."""
        try:
            chat = entered.asked if entered.request.strip() else entered.conversation
        except ConversationError:
            return ChatView(budget="", full=False)
        if not chat.turns:
            return ChatView(budget="", full=False)
        tokens, context = self._composing().count(entered.compose_request(chat))
        return ChatView(budget=_budget(tokens, context), full=_is_full(chat, tokens, context))

    def restore(self, entered: ChatInputs) -> ChatView:
        """Show what the visitor's browser kept, in a page that was just loaded.

        But for the request, which the browser puts back itself: it may be typed meanwhile.
        """
        allowed = not self._composing().restricted()
        kept: dict[str, Any] = {
            "model": entered.model,
            "server_model": entered.settings.server_model,
        }
        try:
            chat = entered.conversation
        except ConversationError as error:
            lost = failed(texts.CHAT_UNREADABLE, reason=error)
            return ChatView(**kept, chat="", status=lost, allowed=allowed, busy=False)
        canvas = {} if entered.canvas.strip() else _on_page(chat.canvas)
        past = json.dumps(
            [
                {"turns": count, "canvas": text}
                for count, text in _past(chat, canvas.get("canvas", entered.canvas))
            ]
        )
        return ChatView(**kept, **_shown(chat), **canvas, past=past, allowed=allowed, busy=False)

    def _answer(
        self, entered: ChatInputs, asked: Conversation, written: ChatView
    ) -> Generator[ChatView, None, None]:
        """Stream the answer to a chat's last turn; written: what else changes if there is one."""
        running = RunningTask()
        try:
            yield ChatView(
                messages=chat_rows(asked.turns),
                status=said(texts.STARTING),
                running=running,
                busy=True,
            )
            with closing(self._written(entered, asked, running, written)) as views:
                for view in views:
                    yield replace(view, state=shown_state(self._composing(), entered.model))
        finally:  # also where the page was closed, and nobody reads any further
            running.end()

    def _written(
        self, entered: ChatInputs, asked: Conversation, running: RunningTask, written: ChatView
    ) -> Generator[ChatView, None, None]:
        composing = self._composing()
        order = entered.compose_request(asked)
        if _is_full(asked, *composing.count(order)):
            yield ChatView(
                messages=chat_rows(entered.conversation.turns),
                status=failed(texts.TOO_FULL),
                full=True,
                busy=False,
            )
            return
        form = composing.form(order)
        events = composing.stream(order, running.cancel, remote=True)
        answer = StreamingCanvas()
        end = yield from self._stream(asked, form, events, answer)
        if not answer.text.strip():
            yield self._unanswered(entered, end)
            return
        answered = asked.finish(answer.text, form)
        yield ChatView(
            **_shown(answered),
            **self._final(entered, answered, end),
            request=written.request,
            editing=written.editing,
            busy=False,
        )

    def _stream(
        self,
        asked: Conversation,
        form: CanvasForm,
        events: Generator[Event, None, None],
        answer: StreamingCanvas,
    ) -> Generator[ChatView, None, Done | Failed]:
        """Show an answer while it is written; return how it ended."""
        shown = 0.0
        end: Done | Failed | None = None
        try:
            for event in events:  # beyond the end: there the engine gives back what it held
                if isinstance(event, (Done, Failed)):
                    end = event
                    continue
                view: dict[str, Any] = {}
                if isinstance(event, Progress):
                    view["status"] = said(progress(event))
                elif answer.add(event.text) and answer.canvas:
                    view = _on_page(asked.resulting(answer.canvas, form))
                elif time.monotonic() - shown < INTERVAL:
                    continue
                if answer.text:
                    view["messages"] = chat_rows(asked.answer(answer.text).turns)
                    view.setdefault("status", said(texts.WRITING))
                shown = time.monotonic()
                yield ChatView(**view)
        finally:
            if end is None:
                # Whoever closes this must not wait for the model: it is the WebUI's main loop.
                threading.Thread(target=_close, args=(events,), daemon=True).start()
        return end or Failed(texts.NO_END)

    def _unanswered(self, entered: ChatInputs, end: Done | Failed) -> ChatView:
        """Nothing was written: the page is as it was before."""
        stopped = isinstance(end, Done) and end.reason == "cancelled"
        empty = texts.NOTHING_WRITTEN if stopped else texts.EMPTY_ANSWER
        return ChatView(
            messages=chat_rows(entered.conversation.turns),
            status=failed(end.message) if isinstance(end, Failed) else said(empty),
            setup=self._composing().lacks_environment(
                entered.compose_request(entered.conversation)
            ),
            busy=False,
        )

    def _final(
        self, entered: ChatInputs, answered: Conversation, end: Done | Failed
    ) -> dict[str, Any]:
        """What a whole answer leaves in the canvas box, and what is to be known of it."""
        turn = answered.turns[-1]
        canvas = turn.canvas
        if isinstance(end, Failed):
            status = failed(texts.KEPT_PART, reason=end.message)
        elif end.reason in ANSWER_ENDS:
            status = failed(ANSWER_ENDS[end.reason])
        elif canvas is None:
            status = failed(texts.NO_CANVAS)
        elif _same_as_before(entered, turn):
            status = said(texts.SAME_AGAIN)
        else:
            status = said(
                texts.WRITTEN,
                regions=counted(len(canvas.regions), "region"),
                tokens=counted(end.tokens, "token"),
            )
        if isinstance(end, Done):
            status += "".join(map(said, end.remarks))
        status += "".join(map(said, _warnings(canvas)))
        return {"status": status, **_on_page(canvas)}


def _warnings(canvas: Canvas | None) -> Iterator[str]:
    """Yield what the editor warns of in a canvas's regions."""
    for warning in region_warnings(canvas) if canvas else ():
        yield say(texts.REGION_WARNING, number=warning.region, message=warning.message)


def _close(events: Generator[Event, None, None]) -> None:
    events.close()


def _shown(chat: Conversation) -> dict[str, Any]:
    return {"chat": to_json(chat) if chat.turns else "", "messages": chat_rows(chat.turns)}


def _on_page(canvas: Canvas | None) -> dict[str, Any]:
    """What puts a canvas into its box; nothing where there is none."""
    return {} if canvas is None else {"canvas": files.to_text(canvas)}


def _beyond(chat: Conversation, other: Conversation) -> tuple[Turn, ...]:
    """The turns of a chat that follow all of another's, none where it is not its beginning."""
    count = len(other.turns)
    return chat.turns[count:] if chat.turns[:count] == other.turns else ()


def _past(chat: Conversation, canvas: str) -> list[tuple[int, str]]:
    """What a page had before, oldest first: of how many turns its chat was, and its canvas.

    canvas: what it has now.
    """
    states = []
    for number, turn in enumerate((*chat.turns, None)):
        before = Conversation(chat.turns[:number]).canvas
        states.append((number, "" if before is None else files.to_text(before)))
        if turn is not None and turn.page is not None:
            states.append((number, turn.page))
    last = states[-1][1]
    if last.strip() == canvas.strip() or (read(last) and read(last) == read(canvas)):
        states.pop()
    return list(dict.fromkeys(states))


def _same_as_before(entered: ChatInputs, turn: Turn) -> bool:
    turns = entered.conversation.turns
    return any(
        old.request == turn.request and old.answer == turn.answer and old.seed != turn.seed
        for old in turns[-1:]
    )


def _budget(tokens: int | None, context: int | None) -> str:
    if tokens is None:
        return ""
    text = texts.BUDGET if context is None else texts.BUDGET_OF
    shown = say(text, tokens=f"{tokens:,}", context=f"{context:,}" if context else "")
    return f'<p class="omost-budget">{escape(shown)}</p>'


def _is_full(chat: Conversation, tokens: int | None, context: int | None) -> bool:
    """Whether no answer fits any more, and one would if the chat were only its newest canvas."""
    answered = [turn for turn in chat.turns if turn.answer]
    if tokens is None or context is None or fits(tokens, context):
        return False
    return len(answered) > 1 and chat.canvas is not None
