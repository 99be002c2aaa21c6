"""Keeps other web pages out of the whole application, gradio's own routes and streams included."""

from __future__ import annotations

import json
import socket
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any

from lib_omost.api.same_origin import SameOrigin, host_name

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Message, Receive, Send], Awaitable[None]]

POLICY_VIOLATION = 1008
"""The code with which a websocket is closed."""

PROTECTION = [
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"content-security-policy", b"frame-ancestors 'self'"),
    (b"x-frame-options", b"SAMEORIGIN"),
]
"""Headers by which a browser keeps pictures and frames of this page out of others."""


def own_names(allowed: Iterable[str], *, listens: bool) -> SameOrigin:
    """Return the rule for a page that answers to the names that are allowed.

    listens: other machines see it, so it answers to all addresses and to this machine's name too.
    Raises ValueError for what is no name.
    """
    names = {host_name(name) for name in allowed}
    if listens:
        own = socket.gethostname().lower()
        names |= {own, f"{own}.local"}
    return SameOrigin(
        names=frozenset(names),
        any_address=listens,
        advice="Start it with --allow-host and that name if it is this server's.",
    )


class Gate:
    """An ASGI application that hands on only what its rule lets through."""

    def __init__(self, application: Application, rule: SameOrigin) -> None:
        self._application = application
        self._rule = rule

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Hand a request on, or refuse it."""
        if scope["type"] == "lifespan":
            await self._application(scope, receive, send)
            return
        why = self._rule.refusal(scope["headers"], scope.get("method", "GET"))
        if scope["type"] == "websocket":
            if why:
                await receive()  # its request to connect
                await send({"type": "websocket.close", "code": POLICY_VIOLATION, "reason": why})
            else:
                await self._application(scope, receive, send)
        elif why:
            await _refuse(why, send)
        else:
            await self._application(scope, receive, _protecting(send))


def _protecting(send: Send) -> Send:
    """Take gradio's permissions for other origins out of an answer, and protect it."""

    async def protected(message: Message) -> None:
        if message["type"] == "http.response.start":
            kept = [
                (name, value)
                for name, value in message.get("headers", [])
                if not name.lower().startswith(b"access-control-")
            ]
            message = {**message, "headers": [*kept, *PROTECTION]}
        await send(message)

    return protected


async def _refuse(why: str, send: Send) -> None:
    body = json.dumps({"detail": why}).encode()
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        *PROTECTION,
    ]
    await send({"type": "http.response.start", "status": 403, "headers": headers})
    await send({"type": "http.response.body", "body": body})
