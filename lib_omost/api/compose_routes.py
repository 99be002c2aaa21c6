"""The API's routes that compose a canvas, as one answer or as server-sent events."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse, StreamingResponse

from lib_omost import options
from lib_omost.api.request_bounds import problem
from lib_omost.api.schemas import (
    ComposeAnswer,
    FailedProblem,
    MemoryEntry,
    ModelEntry,
    ModelList,
    TokensAnswer,
)
from lib_omost.api.settings_schema import ComposeBody
from lib_omost.canvas import formats
from lib_omost.canvas.model import Canvas
from lib_omost.compose.access_restriction import RestrictedError
from lib_omost.compose.attended_stream import AttendedStream, BusyError
from lib_omost.compose.conversation import Conversation, Turn
from lib_omost.compose.conversation_json import written
from lib_omost.compose.model_state import memory_use
from lib_omost.compose.request import ComposeRequest
from lib_omost.compose.settings import COMPOSE_FIELDS, ComposeSettings
from lib_omost.llm.engine import Done, Event, Failed
from lib_omost.llm.event_stream import CollectedAnswer
from lib_omost.llm.model_catalog import LISTED_MODELS
from lib_omost.llm.model_notation import ModelNotation

if TYPE_CHECKING:
    from lib_omost.compose.service import ComposeService

EVENT: dict[str, Any] = {
    "title": "One of the server-sent events",
    "type": "object",
    "required": ["event", "data"],
    "properties": {
        "event": {"type": "string", "enum": ["progress", "thinking", "text", "done", "failed"]},
        "data": {
            "type": "string",
            "description": "JSON. progress: {message, fraction}, fraction from 0 to 1 or null. "
            "thinking: {text}, the next piece of the model's thinking. text: {text}, the next "
            "piece of the answer. done, the last event: the same object as without streaming. "
            "failed, the last event: {message, refused, only_thinking}; refused is true if the "
            "request is invalid and false if the model failed; only_thinking is true if the "
            "thinking used up the tokens.",
        },
    },
}

ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/event-stream": {"schema": EVENT}}},
    422: {"model": FailedProblem, "description": "The request cannot be used or composed."},
    503: {"model": FailedProblem, "description": "The model did not finish an answer."},
}


class ComposeRoutes:
    """Routes that compose canvases, count tokens and list models.

    Args:
        composing: Returns the service that composes. Each request calls it.
    """

    def __init__(self, composing: Callable[[], ComposeService]) -> None:
        self._composing = composing

    def add_to(self, router: APIRouter) -> None:
        """Adds the routes to a router."""
        router.add_api_route(
            "/compose",
            self.compose,
            methods=["POST"],
            summary="Compose a canvas",
            response_model=ComposeAnswer,
            responses=ANSWERS,
        )
        router.add_api_route(
            "/tokens", self.tokens, methods=["POST"], summary="Count the tokens of a conversation"
        )
        router.add_api_route("/models", self.models, summary="List the language models")

    async def compose(self, body: ComposeBody, http_request: Request) -> Response:
        """Answer a conversation with a canvas. Closing the connection stops the model."""
        compose_request = _compose_request(body)
        await run_in_threadpool(self._check_allowed, compose_request)
        cancel = threading.Event()
        try:
            events = AttendedStream(self._composing().stream(compose_request, cancel, remote=True))
        except BusyError as error:
            return problem(503, str(error), {"Retry-After": "30"}, answer="")
        if body.stream:
            # The host's gzip middleware, which would delay events, skips the encoding "identity".
            headers = {"Content-Encoding": "identity", "Cache-Control": "no-cache"}
            stream = _server_sent_events(compose_request, self._composing().notation, events)
            return StreamingResponse(stream, headers=headers, media_type="text/event-stream")
        watch = asyncio.create_task(_cancel_on_disconnect(http_request, cancel))
        try:
            answer = await _collect_answer(events)
        finally:
            watch.cancel()
        end = answer.end
        if isinstance(end, Failed):
            return problem(
                422 if end.refused else 503,
                end.message,
                answer=answer.text,
                only_thinking=end.only_thinking,
            )
        return JSONResponse(
            await run_in_threadpool(
                _answer_fields, compose_request, self._composing().notation, answer, end
            )
        )

    def tokens(self, body: ComposeBody) -> TokensAnswer:
        """Count the tokens of a conversation and return the context length of its model."""
        compose_request, composing = _compose_request(body), self._composing()
        tokens, context = composing.count(compose_request)
        return TokensAnswer(tokens=tokens, context=context, note=composing.note(compose_request))

    def models(self) -> ModelList:
        """List the named models with their state; models with low requirements come first."""
        composing, memory = self._composing(), memory_use()
        entries = [
            ModelEntry(
                name=m.name, note=m.note, needs=m.requirements, **asdict(composing.state(m.name))
            )
            for m in LISTED_MODELS
        ]
        return ModelList(models=entries, memory=MemoryEntry(**asdict(memory)) if memory else None)

    def _check_allowed(self, compose_request: ComposeRequest) -> None:
        try:
            self._composing().check_allowed(compose_request)
        except RestrictedError as error:
            raise HTTPException(403, str(error)) from error


async def _collect_answer(events: AttendedStream[Event]) -> CollectedAnswer:
    answer = CollectedAnswer()
    with closing(events):
        async for event in events:
            answer.add(event)
    return answer


async def _server_sent_events(
    compose_request: ComposeRequest,
    notation_of: Callable[[ComposeRequest], ModelNotation],
    events: AttendedStream[Event],
) -> AsyncIterator[str]:
    """Yields an answer as server-sent events. Closing the generator stops the model."""
    answer = CollectedAnswer()
    with closing(events):
        async for event in events:
            answer.add(event)
            yield await run_in_threadpool(
                _server_sent_event, compose_request, notation_of, answer, event
            )
            if isinstance(event, (Done, Failed)):
                return


def _compose_request(body: ComposeBody) -> ComposeRequest:
    """Builds the compose request of a request body.

    Raises:
        HTTPException: The conversation or a setting cannot be used.
    """
    values = {name: getattr(body, name) for name in COMPOSE_FIELDS}
    values["model"] = values["model"] or options.value("omost_model")
    try:
        settings = ComposeSettings(**values)
        compose_request = ComposeRequest(_conversation(body), settings, body.task, body.wait)
        compose_request.check()
    except ValueError as error:
        raise HTTPException(422, str(error)) from error
    return compose_request


def _conversation(body: ComposeBody) -> Conversation:
    """Builds the conversation of a request body.

    Its last turn is the body's request, or the unanswered last turn of a body without a request.
    """
    turns = tuple(Turn(**dict(turn)) for turn in body.turns)
    if body.request is not None:
        return Conversation(turns).add_request(body.request, body.seed or 0, body.canvas)
    if not turns:
        return Conversation()
    *before, last = turns
    seed = last.seed if body.seed is None else body.seed
    if body.canvas is None or last.answer:
        return Conversation((*before, replace(last, seed=seed)))
    return Conversation(tuple(before)).add_request(last.request, seed, body.canvas)


async def _cancel_on_disconnect(http_request: Request, cancel: threading.Event) -> None:
    while (await http_request.receive())["type"] != "http.disconnect":
        pass
    cancel.set()


def _server_sent_event(
    compose_request: ComposeRequest,
    notation_of: Callable[[ComposeRequest], ModelNotation],
    answer: CollectedAnswer,
    event: Event,
) -> str:
    data = (
        _answer_fields(compose_request, notation_of, answer, event)
        if isinstance(event, Done)
        else asdict(event)
    )
    name = type(event).__name__.lower()
    return f"event: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"


def _answer_fields(
    compose_request: ComposeRequest,
    notation_of: Callable[[ComposeRequest], ModelNotation],
    answer: CollectedAnswer,
    end: Done,
) -> dict[str, Any]:
    """Returns the fields of ComposeAnswer."""
    conversation, notation = compose_request.conversation, notation_of(compose_request)
    turns = conversation.finish(answer.text, notation, answer.thinking).turns
    reading = conversation.read_answer(answer.text, notation)
    canvas = turns[-1].canvas
    return {
        "answer": answer.text,
        "canvas": json.loads(formats.to_json(canvas)) if canvas else None,
        "code": _code(canvas) if canvas else None,
        "diagnostics": [asdict(item) for item in reading.diagnostics],
        "reason": end.reason,
        "tokens": end.tokens,
        "thinking_tokens": end.thinking_tokens,
        "thinking": answer.thinking,
        "remarks": list(end.remarks),
        "turns": [written(turn) for turn in turns],
    }


def _code(canvas: Canvas) -> str | None:
    """Returns the canvas as canvas code, None if canvas code cannot express all of it."""
    try:
        return formats.to_code(canvas)
    except formats.CanvasWriteError:
        return None
