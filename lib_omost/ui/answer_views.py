"""Streams a model's answer into the chat and the canvas box."""

from __future__ import annotations

import threading
import time
from collections.abc import Generator, Iterator
from contextlib import closing
from dataclasses import replace
from typing import Any

from lib_omost.canvas import formats
from lib_omost.canvas.code_reader import NO_CODE
from lib_omost.canvas.layouts.other_files import PLAIN_TEXT
from lib_omost.canvas.model import Canvas
from lib_omost.compose.answer_ends import ANSWER_ENDS
from lib_omost.compose.conversation import Conversation, Turn
from lib_omost.compose.conversation_json import to_json
from lib_omost.compose.service import ComposeService
from lib_omost.compose.streaming_canvas import StreamingCanvas
from lib_omost.llm.engine import Done, Event, Failed, Progress, Thinking
from lib_omost.llm.model_notation import ModelNotation
from lib_omost.ui import texts
from lib_omost.ui.chat_rows import chat_rows
from lib_omost.ui.chat_view import ChatInputs, ChatView
from lib_omost.ui.context_budget import is_full
from lib_omost.ui.editor_warnings import region_warnings
from lib_omost.ui.localisation import counted, say
from lib_omost.ui.running_task import RunningTask
from lib_omost.ui.status_html import (
    error_html,
    model_state_html,
    progress_text,
    setup_html,
    status_html,
)

UPDATE_INTERVAL = 0.2
"""Seconds between two updates of the page while the model writes."""


class AnswerViews:
    """Answers the last request of a conversation and yields the changes of the page.

    Args:
        composing: The service that composes.
        inputs: The values of the page.
        conversation: The conversation, whose last turn has no answer yet.
        on_success: Additional changes of the page once there is an answer.
    """

    def __init__(
        self,
        composing: ComposeService,
        inputs: ChatInputs,
        conversation: Conversation,
        on_success: ChatView,
    ) -> None:
        self._composing = composing
        self._inputs = inputs
        self._conversation = conversation
        self._on_success = on_success
        self._task = RunningTask()
        self._thinking = ""

    def stream(self) -> Generator[ChatView, None, None]:
        """Yields the changes of the page from the start to the end of the answer."""
        try:
            yield ChatView(
                messages=chat_rows(self._conversation.turns),
                status=status_html(texts.STARTING),
                running=self._task,
                busy=True,
                unanswered=False,
            )
            with closing(self._compose()) as views:
                for view in views:
                    state = model_state_html(self._composing, self._inputs.model)
                    yield replace(view, state=state)
        finally:  # also after the page was closed, when nothing reads further views
            self._task.end()

    def _compose(self) -> Generator[ChatView, None, None]:
        composing, conversation = self._composing, self._conversation
        compose_request = self._inputs.compose_request(conversation)
        if is_full(conversation, *composing.count(compose_request)):
            yield ChatView(
                messages=chat_rows(self._inputs.conversation.turns),
                status=error_html(texts.TOO_FULL),
                full=True,
                busy=False,
            )
            return
        notation = composing.notation(compose_request)
        events = composing.stream(compose_request, self._task.cancel, remote=True)
        answer = StreamingCanvas()
        end = yield from self._partial_answers(notation, events, answer)
        if not answer.text.strip():
            yield self._without_answer(end)
            return
        answered = conversation.finish(answer.text, notation, self._thinking)
        canvas = answered.turns[-1].canvas
        problem = _problem(conversation, canvas, answer.text, notation)
        yield ChatView(
            **conversation_changes(answered),
            **canvas_changes(canvas),
            status=self._final_status(answered.turns[-1], canvas, end, problem),
            request=self._on_success.request,
            editing=self._on_success.editing,
            busy=False,
        )

    def _partial_answers(
        self, notation: ModelNotation, events: Generator[Event, None, None], answer: StreamingCanvas
    ) -> Generator[ChatView, None, Done | Failed]:
        """Yields the changes of the page while the model writes, and returns the last event."""
        conversation = self._conversation
        updated = 0.0
        end: Done | Failed | None = None
        try:
            for event in events:  # not only to the end: the engine releases its resources there
                if isinstance(event, (Done, Failed)):
                    end = event
                    continue
                changes: dict[str, Any] = {}
                if isinstance(event, Progress):
                    changes["status"] = status_html(progress_text(event))
                elif isinstance(event, Thinking):
                    is_first, self._thinking = not self._thinking, self._thinking + event.text
                    if not is_first and time.monotonic() - updated < UPDATE_INTERVAL:
                        continue
                    changes["status"] = status_html(texts.THINKING)
                elif answer.add(event.text) and answer.canvas:
                    changes = canvas_changes(conversation.apply_answer(answer.canvas, notation))
                elif time.monotonic() - updated < UPDATE_INTERVAL:
                    continue
                if answer.text or self._thinking:
                    partial = conversation.answer(answer.text, self._thinking)
                    changes["messages"] = chat_rows(partial.turns)
                    changes.setdefault("status", status_html(texts.WRITING))
                updated = time.monotonic()
                yield ChatView(**changes)
        finally:
            if end is None:
                # The WebUI's main loop closes this generator and must not wait for the model.
                threading.Thread(target=_close, args=(events,), daemon=True).start()
        return end or Failed(texts.NO_END)

    def _without_answer(self, end: Done | Failed) -> ChatView:
        """Returns the changes that restore the page if the model wrote nothing."""
        inputs = self._inputs
        stopped = isinstance(end, Done) and end.reason == "cancelled"
        empty = texts.NOTHING_WRITTEN if stopped else texts.EMPTY_ANSWER
        is_only_thinking = isinstance(end, Failed) and end.only_thinking
        return ChatView(
            messages=chat_rows(inputs.conversation.turns),
            status=error_html(end.message) if isinstance(end, Failed) else status_html(empty),
            setup=setup_html(self._composing, inputs.setup_request),
            unanswered=is_only_thinking and self._conversation,
            busy=False,
        )

    def _final_status(
        self, turn: Turn, canvas: Canvas | None, end: Done | Failed, problem: str
    ) -> str:
        """Returns the result, the engine's remarks and the warnings about regions as HTML."""
        if isinstance(end, Failed):
            status = error_html(texts.KEPT_PART, reason=end.message)
        elif end.reason in ANSWER_ENDS:
            status = error_html(ANSWER_ENDS[end.reason])
        elif canvas is None:
            text = texts.UNREADABLE_CANVAS if problem else texts.NO_CANVAS
            status = error_html(text, reason=problem)
        elif problem:
            status = error_html(texts.UNCHANGED, reason=problem)
        elif self._repeats_last_answer(turn):
            status = status_html(texts.SAME_AGAIN)
        else:
            status = status_html(
                texts.WRITTEN_AFTER_THINKING if end.thinking_tokens else texts.WRITTEN,
                regions=counted(len(canvas.regions), "region"),
                tokens=counted(end.tokens, "token"),
                thinking=counted(end.thinking_tokens, "token"),
            )
        if isinstance(end, Done):
            status += "".join(map(status_html, end.remarks))
        return status + "".join(map(status_html, _warnings(canvas)))

    def _repeats_last_answer(self, turn: Turn) -> bool:
        """Returns whether another seed gave the same answer to the same request again."""
        return any(
            old.request == turn.request and old.answer == turn.answer and old.seed != turn.seed
            for old in self._inputs.conversation.turns[-1:]
        )


def conversation_changes(chat: Conversation) -> dict[str, Any]:
    """Returns the fields of ChatView that show a conversation."""
    return {"chat": to_json(chat) if chat.turns else "", "messages": chat_rows(chat.turns)}


def canvas_changes(canvas: Canvas | None) -> dict[str, Any]:
    """Returns the fields of ChatView that show a canvas, {} for no canvas."""
    return {} if canvas is None else {"canvas": formats.to_text(canvas)}


def _problem(
    conversation: Conversation, canvas: Canvas | None, answer: str, notation: ModelNotation
) -> str:
    """Returns why an answer has no canvas, or why its edits changed nothing; "" for neither."""
    if canvas is not None and canvas != conversation.base:
        return ""
    severity = "error" if canvas is None else "warning"
    messages = (
        item.message
        for item in conversation.read_answer(answer, notation).diagnostics
        if item.severity == severity and item.message not in (NO_CODE, PLAIN_TEXT)
    )
    return next(messages, "")


def _warnings(canvas: Canvas | None) -> Iterator[str]:
    """Yields the editor's warnings about the regions of a canvas."""
    if canvas is None:
        return
    numbers = canvas.depth_numbers()
    for warning in region_warnings(canvas):
        if warning.region:
            number = numbers[warning.region - 1]
            yield say(texts.REGION_WARNING, number=number, message=warning.message)
        else:
            yield warning.message


def _close(events: Generator[Event, None, None]) -> None:
    events.close()
