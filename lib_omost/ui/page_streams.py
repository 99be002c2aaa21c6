"""Ends gradio's WebSockets and handlers when their page closes, so that the server can stop."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from functools import partial
from typing import Any

from starlette.routing import WebSocketRoute

from lib_omost.program.port import JobProgram

QUEUE = "/queue/join"
"""Route of gradio 3's WebSocket, which sends the results of handlers to the page."""

DISCONNECT = "websocket.disconnect"

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


def register(program: JobProgram) -> None:
    """Registers this module with the host. A reload of the UI removes the registration.

    Args:
        program: The host.
    """
    program.add_callback("app_started", partial(end_with_pages, program), __file__)


def end_with_pages(program: JobProgram, _demo: Any, app: Any) -> None:
    """Ends the WebSockets of an app's pages when a page closes or the app's server stops.

    Gradio 3 keeps a connection open if its page closes while a handler is yielding. A server that
    stops waits for the connection forever. Gradio 4 has no such route.
    """
    for route in app.router.routes:
        is_queue = isinstance(route, WebSocketRoute) and route.path == QUEUE
        if is_queue and not isinstance(route.app, EndsWithPage):
            route.app = EndsWithPage(route.app)
    # The host calls this as soon as the server is closed.
    program.add_callback("script_unloaded", partial(drop_handlers, app), __file__)


def drop_handlers(app: Any) -> None:
    """Drops handlers that are not finished.

    Dropping a handler closes it, which releases the host's lock and connections to servers.
    """
    app.iterators.clear()


class EndsWithPage:
    """An ASGI application for WebSockets that ends as soon as the page disconnects."""

    def __init__(self, application: Callable[[Message, Receive, Send], Awaitable[None]]) -> None:
        self._application = application

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Runs the application until it returns or its page disconnects."""
        received: asyncio.Queue[Message] = asyncio.Queue()
        left = False

        async def listen() -> None:
            nonlocal left
            while not left:
                message = await receive()
                left = message["type"] == DISCONNECT
                received.put_nowait(message)

        async def send_to_page(message: Message) -> None:
            if left:
                raise ConnectionError("the page has closed")
            await send(message)

        running = asyncio.ensure_future(self._application(scope, received.get, send_to_page))
        listening = asyncio.ensure_future(listen())
        try:
            await asyncio.wait({running, listening}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            listening.cancel()
            if running.done():
                running.result()  # raises what the application raised
            else:
                running.cancel()
