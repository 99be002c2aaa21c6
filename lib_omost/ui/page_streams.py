"""Ends what a page holds open when the page closes, so that its server can close as well."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from functools import partial
from typing import Any

from starlette.routing import WebSocketRoute

from lib_omost.program.port import JobProgram

QUEUE = "/queue/join"
"""The route of gradio 3 over which a page hears what a handler yields."""

DISCONNECT = "websocket.disconnect"

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


def register(program: JobProgram) -> None:
    """Ask the host to end its pages' streams; a reload of its UI forgets this request."""
    program.add_callback("app_started", partial(end_with_pages, program), __file__)


def end_with_pages(program: JobProgram, _demo: Any, app: Any) -> None:
    """End what the pages of an app hold open when they close, or when the app's server does.

    Gradio 3 does not close a connection whose page left while a handler was yielding. Such a
    connection never ends, and a server that closes waits for it for ever. Gradio 4 has no such
    route.
    """
    for route in app.router.routes:
        is_queue = isinstance(route, WebSocketRoute) and route.path == QUEUE
        if is_queue and not isinstance(route.app, EndsWithPage):
            route.app = EndsWithPage(route.app)
    # The host calls this as soon as the server is closed.
    program.add_callback("script_unloaded", partial(drop_handlers, app), __file__)


def drop_handlers(app: Any) -> None:
    """Drop the handlers that have not yielded all; nobody asks them for more.

    Each of them is closed by that and gives back what it holds: the host's lock, a connection.
    """
    app.iterators.clear()


class EndsWithPage:
    """An ASGI application for WebSockets that ends as soon as the other side leaves."""

    def __init__(self, application: Callable[[Message, Receive, Send], Awaitable[None]]) -> None:
        self._application = application

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Run the application until it returns or its page leaves."""
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
