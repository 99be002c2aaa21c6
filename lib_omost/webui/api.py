"""Composing over HTTP, beside the host's own API and under its rules."""

from __future__ import annotations

import asyncio
import dataclasses
import json
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from secrets import compare_digest
from typing import Any, get_args

from fastapi import Depends, FastAPI, HTTPException, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse, StreamingResponse
from fastapi.security import HTTPBasic, HTTPBasicCredentials

from lib_omost.canvas import files
from lib_omost.canvas.code import write_code
from lib_omost.canvas.model import Canvas
from lib_omost.canvas.writing import CanvasWriteError
from lib_omost.llm.conversation import FORMAT, Conversation, Turn, from_json
from lib_omost.llm.engine import Done, Event, Failed, Text
from lib_omost.llm.models import LISTED
from lib_omost.llm.server_request import Dialect
from lib_omost.webui.composing import Order, get_composing

PATIENCE = 600.0
"""Seconds that an order waits for a picture unless it says otherwise: who sent it may be gone, or
be the very picture."""

KINDS: dict[str, tuple[tuple[type, ...], str]] = {
    "request": ((str,), "a text"),
    "turns": ((list,), "a list of turns"),
    "seed": ((int,), "a whole number"),
    "model": ((str,), "a text"),
    "server_model": ((str,), "a text"),
    "dialect": ((str,), "a text"),
    "own_process": ((bool,), "true or false"),
    "temperature": ((int, float, type(None)), "a number or null"),
    "top_p": ((int, float), "a number"),
    "max_new_tokens": ((int,), "a whole number"),
    "canvas_only": ((bool, type(None)), "true, false or null"),
    "keep_loaded": ((bool,), "true or false"),
    "task": ((str,), "a text"),
    "wait": ((int, float, type(None)), "a number or null"),
    "stream": ((bool,), "true or false"),
}
"""What a request's JSON may hold."""

BASIC = Depends(HTTPBasic())


def register() -> None:
    """Ask the host to add the routes to each app that it starts; its UI reload forgets that."""
    from modules import script_callbacks

    script_callbacks.on_app_started(add_routes)


def add_routes(demo: Any, app: FastAPI) -> None:
    """Add the routes to an app that has none of them, where the host serves an API at all."""
    from modules import shared

    options = shared.cmd_opts
    if not (options.api or options.nowebui):
        return
    there = {getattr(route, "path", "") for route in app.routes}
    guards = [Depends(_guard(options.api_auth))] if options.api_auth else []
    for path, method, endpoint in ROUTES:
        if path not in there:
            app.add_api_route(path, endpoint, methods=[method], dependencies=guards)


async def compose(request: Request) -> Response:
    """Write a canvas: KINDS come in, `_result` goes out, as one answer or event by event.

    422 for what cannot be asked, 503 where nothing was written to the end; both with a sentence.
    """
    values = await _values(request)
    order = _order(values)
    if values.get("stream"):
        # Named identity, it passes through the host's gzip, which would hold events back.
        headers = {"Content-Encoding": "identity", "Cache-Control": "no-cache"}
        return StreamingResponse(_sent(order), headers=headers, media_type="text/event-stream")
    cancel = threading.Event()
    watch = asyncio.create_task(_set_when_gone(request, cancel))
    try:
        answer, end = await run_in_threadpool(_answer, order, cancel)
    finally:
        watch.cancel()
    if isinstance(end, Failed):
        return JSONResponse({"detail": end.message, "answer": answer}, status_code=503)
    return JSONResponse(_result(order, answer, end))


async def models() -> Response:
    """List the models that have names."""
    return JSONResponse({"models": [{"name": m.name, "note": m.note} for m in LISTED]})


async def tokens(request: Request) -> Response:
    """Count the tokens of a conversation, and say how many its model reads."""
    order = _order(await _values(request))
    composing = get_composing()
    count, context = await run_in_threadpool(composing.count, order)
    note = await run_in_threadpool(composing.note, order)
    return JSONResponse({"tokens": count, "context": context, "note": note})


ROUTES: tuple[tuple[str, str, Callable[..., Any]], ...] = (
    ("/omost/compose", "POST", compose),
    ("/omost/models", "GET", models),
    ("/omost/tokens", "POST", tokens),
)


def _guard(accounts: str) -> Callable[..., None]:
    """The host's rule for its API: --api-auth "user:password,user:password"."""
    passwords = dict(account.split(":") for account in accounts.split(","))

    def check(credentials: HTTPBasicCredentials = BASIC) -> None:
        password = passwords.get(credentials.username)
        if password is None or not compare_digest(credentials.password.encode(), password.encode()):
            raise HTTPException(
                401, "Incorrect username or password", headers={"WWW-Authenticate": "Basic"}
            )

    return check


async def _values(request: Request) -> dict[str, Any]:
    """Return a request's JSON. Only what a page of another site cannot send unasked is taken."""
    if not request.headers.get("content-type", "").startswith("application/json"):
        raise HTTPException(422, "Send JSON, with the header Content-Type: application/json.")
    try:
        values = json.loads(await request.body())
        json.dumps(values, ensure_ascii=False).encode()  # halves of characters cannot be answered
    except (ValueError, RecursionError) as error:
        raise HTTPException(422, f"This is no JSON: {error}.") from error
    if not isinstance(values, dict):
        raise HTTPException(422, "The JSON is to be an object that holds a request.")
    for name, value in values.items():
        if name not in KINDS:
            raise HTTPException(422, f"Unknown: {name!r}; known: {', '.join(KINDS)}.")
        kinds, meant = KINDS[name]
        # To Python true is a number.
        if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
            raise HTTPException(422, f"{name!r} is to be {meant}.")
    return values


def _order(values: dict[str, Any]) -> Order:
    others = {
        name: value
        for name, value in values.items()
        if name not in ("request", "turns", "seed", "stream")
    }
    if values.get("dialect", "openai") not in get_args(Dialect):
        raise HTTPException(422, f"'dialect' is to be one of {', '.join(get_args(Dialect))}.")
    try:
        order = Order(_conversation(values), **{"wait": PATIENCE, **others})
        order.check()
    except ValueError as error:
        raise HTTPException(422, str(error)) from error
    return order


def _conversation(values: dict[str, Any]) -> Conversation:
    """The turns that came, and the request as one more; without it the last has no answer yet."""
    turns = values.get("turns", [])
    conversation = from_json(json.dumps({"format": FORMAT, "version": 1, "turns": turns}))
    if "request" in values:
        return conversation.ask(values["request"], values.get("seed", 0))
    if "seed" in values and conversation.turns:
        *before, last = conversation.turns
        return Conversation((*before, Turn(last.request, last.answer, values["seed"])))
    return conversation


def _answer(order: Order, cancel: threading.Event) -> tuple[str, Done | Failed]:
    answer = ""
    end: Done | Failed = Done("cancelled", 0)
    with closing(get_composing().stream(order, cancel, remote=True)) as events:
        for event in events:
            if isinstance(event, Text):
                answer += event.text
            elif isinstance(event, (Done, Failed)):
                end = event
    return answer, end


async def _set_when_gone(request: Request, cancel: threading.Event) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
    cancel.set()


async def _sent(order: Order) -> AsyncIterator[str]:
    """An answer as server-sent events; a client that goes ends it, as the host ends this then."""
    cancel = threading.Event()
    events = get_composing().stream(order, cancel, remote=True)
    answer = ""
    try:
        while True:
            event = await run_in_threadpool(next, events)
            answer += event.text if isinstance(event, Text) else ""
            yield _server_sent(order, answer, event)
            if isinstance(event, (Done, Failed)):
                return
    finally:
        cancel.set()
        events.close()


def _server_sent(order: Order, answer: str, event: Event) -> str:
    data = _result(order, answer, event) if isinstance(event, Done) else dataclasses.asdict(event)
    name = type(event).__name__.lower()
    return f"event: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"


def _result(order: Order, answer: str, end: Done) -> dict[str, Any]:
    reading = files.read(answer)
    conversation = order.conversation.answer(answer)
    return {
        "answer": answer,
        "canvas": json.loads(files.to_json(reading.canvas)) if reading.canvas else None,
        "code": _code(reading.canvas) if reading.canvas else None,
        "diagnostics": [dataclasses.asdict(item) for item in reading.diagnostics],
        "reason": end.reason,
        "tokens": end.tokens,
        "turns": [dataclasses.asdict(turn) for turn in conversation.turns],
    }


def _code(canvas: Canvas) -> str | None:
    """The canvas as code, None where code cannot say it all."""
    try:
        return write_code(canvas)
    except CanvasWriteError:
        return None
