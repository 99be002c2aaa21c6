"""Rejects requests from other web pages, for the API as well as for gradio's routes."""

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
"""WebSocket close code for a rejected connection (RFC 6455, section 7.4.1)."""

PROTECTION = [
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"content-security-policy", b"frame-ancestors 'self'"),
    (b"x-frame-options", b"SAMEORIGIN"),
]
"""Response headers that forbid other sites to embed this page or its pictures."""


def build_rule(allowed: Iterable[str], *, listens: bool) -> SameOrigin:
    """Builds the rule that decides which requests the page answers.

    Args:
        allowed: Host names of the page, in addition to the loopback names.
        listens: Other machines can reach the page; it then also answers to any IP address and to
            this machine's host name.

    Raises:
        ValueError: An allowed name is not a host name.
    """
    names = {host_name(name) for name in allowed}
    if listens:
        host = socket.gethostname().lower()
        names |= {host, f"{host}.local"}
    return SameOrigin(
        names=frozenset(names),
        any_address=listens,
        advice="If the name is right, start the server with --allow-host and this name.",
    )


class Gate:
    """An ASGI application that forwards a request only if its rule permits it.

    Args:
        application: Receives the permitted requests.
        rule: Decides by the headers Host and Origin.
    """

    def __init__(self, application: Application, rule: SameOrigin) -> None:
        self._application = application
        self._rule = rule

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Forwards a request, or refuses it with status 403 or a closed WebSocket."""
        if scope["type"] == "lifespan":
            await self._application(scope, receive, send)
            return
        reason = self._rule.refusal(scope["headers"], scope.get("method", "GET"))
        if scope["type"] == "websocket":
            if reason:
                await receive()  # the message websocket.connect
                await send({"type": "websocket.close", "code": POLICY_VIOLATION, "reason": reason})
            else:
                await self._application(scope, receive, send)
        elif reason:
            await _refuse(reason, send)
        else:
            await self._application(scope, receive, _add_protection(send))


def _add_protection(send: Send) -> Send:
    """Removes gradio's CORS headers from a response and adds PROTECTION."""

    async def protected(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = [
                (name, value)
                for name, value in message.get("headers", [])
                if not name.lower().startswith(b"access-control-")
            ]
            message = {**message, "headers": [*headers, *PROTECTION]}
        await send(message)

    return protected


async def _refuse(reason: str, send: Send) -> None:
    body = json.dumps({"detail": reason}).encode()
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        *PROTECTION,
    ]
    await send({"type": "http.response.start", "status": 403, "headers": headers})
    await send({"type": "http.response.body", "body": body})
