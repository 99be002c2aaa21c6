"""Composing over HTTP: a request in, a canvas out, as one answer or event by event."""

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

from lib_omost.canvas import files
from lib_omost.canvas.model import Canvas
from lib_omost.llm.conversation import Conversation, Turn, written
from lib_omost.llm.engine import Done, Event, Failed, Text
from lib_omost.llm.forms import Form
from lib_omost.llm.models import LISTED
from lib_omost.webui import options
from lib_omost.webui.api.bounds import problem
from lib_omost.webui.api.schemas import (
    ComposeAnswer,
    ComposeRequest,
    FailedProblem,
    MemoryEntry,
    ModelEntry,
    ModelList,
    TokensAnswer,
)
from lib_omost.webui.attended import Attended, BusyError
from lib_omost.webui.model_state import memory_use
from lib_omost.webui.order import Order
from lib_omost.webui.restricted import RestrictedError

if TYPE_CHECKING:
    from lib_omost.webui.composing import Composing

EVENT: dict[str, Any] = {
    "title": "One of the server-sent events",
    "type": "object",
    "required": ["event", "data"],
    "properties": {
        "event": {"type": "string", "enum": ["progress", "text", "done", "failed"]},
        "data": {
            "type": "string",
            "description": "JSON. progress: {message, fraction}, fraction from 0 to 1 or null; "
            "text: {text}, the next piece; done, the last one: what is answered without "
            "streaming; or failed: {message, refused}, where refused says that the request is "
            "wrong, not the model.",
        },
    },
}

ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/event-stream": {"schema": EVENT}}},
    422: {"model": FailedProblem, "description": "The request cannot be used or composed."},
    503: {"model": FailedProblem, "description": "Nothing was written to the end."},
}


class ComposingRoutes:
    """The routes; `composing` is asked for by each."""

    def __init__(self, composing: Callable[[], Composing]) -> None:
        self._composing = composing

    def add_to(self, router: APIRouter) -> None:
        """Add the routes."""
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

    async def compose(self, given: ComposeRequest, request: Request) -> Response:
        """Have a conversation answered; whoever leaves before the end ends the writing."""
        order = _order(given)
        await run_in_threadpool(self._check_allowed, order)
        cancel = threading.Event()
        try:
            events = Attended(self._composing().stream(order, cancel, remote=True))
        except BusyError as error:
            return problem(503, str(error), {"Retry-After": "30"}, answer="")
        if given.stream:
            # Named identity, it passes through the host's gzip, which would hold events back.
            headers = {"Content-Encoding": "identity", "Cache-Control": "no-cache"}
            sent = _sent(order, self._composing().form, events)
            return StreamingResponse(sent, headers=headers, media_type="text/event-stream")
        watch = asyncio.create_task(_set_when_gone(request, cancel))
        try:
            answer, end = await _answer(events)
        finally:
            watch.cancel()
        if isinstance(end, Failed):
            return problem(422 if end.refused else 503, end.message, answer=answer)
        return JSONResponse(
            await run_in_threadpool(_result, order, self._composing().form, answer, end)
        )

    def tokens(self, given: ComposeRequest) -> TokensAnswer:
        """Count the tokens of a conversation, and say how many its model reads."""
        order, composing = _order(given), self._composing()
        tokens, context = composing.count(order)
        return TokensAnswer(tokens=tokens, context=context, note=composing.note(order))

    def models(self) -> ModelList:
        """List the models that have names, the ones that need least first, and their state."""
        composing, memory = self._composing(), memory_use()
        entries = [
            ModelEntry(name=m.name, note=m.note, needs=m.needs, **asdict(composing.state(m.name)))
            for m in LISTED
        ]
        return ModelList(models=entries, memory=MemoryEntry(**asdict(memory)) if memory else None)

    def _check_allowed(self, order: Order) -> None:
        try:
            self._composing().check_allowed(order)
        except RestrictedError as error:
            raise HTTPException(403, str(error)) from error


async def _answer(events: Attended[Event]) -> tuple[str, Done | Failed]:
    answer = ""
    end: Done | Failed = Done("cancelled", 0)
    with closing(events):
        async for event in events:
            if isinstance(event, Text):
                answer += event.text
            elif isinstance(event, (Done, Failed)):
                end = event
    return answer, end


async def _sent(
    order: Order, form: Callable[[Order], Form], events: Attended[Event]
) -> AsyncIterator[str]:
    """An answer as server-sent events; a client that goes ends it, as the host ends this."""
    answer = ""
    with closing(events):
        async for event in events:
            answer += event.text if isinstance(event, Text) else ""
            yield await run_in_threadpool(_server_sent, order, form, answer, event)
            if isinstance(event, (Done, Failed)):
                return


def _order(given: ComposeRequest) -> Order:
    """What is to be composed. Raises HTTPException for what cannot be asked."""
    others = {
        name: value
        for name, value in dict(given).items()
        if name not in ("request", "turns", "seed", "canvas", "stream")
    }
    others["model"] = others["model"] or options.value("omost_model")
    try:
        order = Order(_conversation(given), **others)
        order.check()
    except ValueError as error:
        raise HTTPException(422, str(error)) from error
    return order


def _conversation(given: ComposeRequest) -> Conversation:
    """The turns that came, and the request as one more; without it the last has no answer yet."""
    turns = tuple(Turn(**dict(turn)) for turn in given.turns)
    if given.request is not None:
        return Conversation(turns).ask(given.request, given.seed or 0, given.canvas)
    if not turns:
        return Conversation()
    *before, last = turns
    seed = last.seed if given.seed is None else given.seed
    if given.canvas is None or last.answer:
        return Conversation((*before, replace(last, seed=seed)))
    return Conversation(tuple(before)).ask(last.request, seed, given.canvas)


async def _set_when_gone(request: Request, cancel: threading.Event) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
    cancel.set()


def _server_sent(order: Order, form: Callable[[Order], Form], answer: str, event: Event) -> str:
    data = _result(order, form, answer, event) if isinstance(event, Done) else asdict(event)
    name = type(event).__name__.lower()
    return f"event: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"


def _result(order: Order, form: Callable[[Order], Form], answer: str, end: Done) -> dict[str, Any]:
    """What ComposeAnswer describes."""
    turns = order.conversation.finish(answer, form(order)).turns
    canvas = turns[-1].canvas
    return {
        "answer": answer,
        "canvas": json.loads(files.to_json(canvas)) if canvas else None,
        "code": _code(canvas) if canvas else None,
        "diagnostics": [asdict(item) for item in files.read(answer).diagnostics],
        "reason": end.reason,
        "tokens": end.tokens,
        "remarks": list(end.remarks),
        "turns": [written(turn) for turn in turns],
    }


def _code(canvas: Canvas) -> str | None:
    """The canvas as code, None where code cannot say it all."""
    try:
        return files.to_code(canvas)
    except files.CanvasWriteError:
        return None
