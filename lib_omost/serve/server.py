"""Builds the web application of the stand-alone page and serves it over HTTP.

The application is the gradio page and the API behind one Gate.
"""

from __future__ import annotations

import asyncio
import logging
import socket
from pathlib import Path
from typing import Any

import gradio as gr
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from lib_omost.api.routes import mount
from lib_omost.api.same_origin import SameOrigin
from lib_omost.presets.library import Library
from lib_omost.serve.gate import Application, Gate
from lib_omost.serve.generate_action import GenerateAction
from lib_omost.serve.history import PictureHistory, add_history_routes
from lib_omost.serve.language import add_language_route
from lib_omost.serve.page import Page

try:
    from fastapi_offline import FastAPIOffline as DocumentedApp
except ImportError:  # a Python with gradio 3, whose FastAPI is too old for it
    from fastapi import FastAPI as DocumentedApp

LOOPBACK = "127.0.0.1"

MAX_CONCURRENT_HANDLERS = 64
"""Handlers that gradio 3 runs at the same time, as in A1111 and Forge."""

REQUEST_TIMEOUT = 20
"""Seconds for the headers of a request, and for a pause within its body."""

SHUTDOWN_TIMEOUT = 1
"""Seconds after which a server that shuts down closes open streams."""


def build_application(
    image_process: Any, composing: Any, data: Path, rule: SameOrigin, port: int
) -> Application:
    """Builds the gradio page and the API behind one gate.

    Args:
        image_process: Paints the pictures (ImageProcess).
        composing: Writes canvases (ComposeService).
        data: The folder for pictures and presets.
        rule: Decides which requests are answered.
        port: The TCP port of the server.
    """
    pictures = data.absolute() / "pictures"
    pictures.mkdir(parents=True, exist_ok=True)
    library = Library(data / "library")
    page = Page(GenerateAction(image_process, composing, pictures), composing, library)
    blocks = page.blocks.queue(MAX_CONCURRENT_HANDLERS)
    app = DocumentedApp(title="Omost", redoc_url=None)
    mount(app, lambda: composing, lambda: library)
    add_history_routes(app, PictureHistory(pictures))
    add_language_route(app)
    gr.mount_gradio_app(app, blocks, path="/")
    blocks.allowed_paths, blocks.blocked_paths = [str(pictures)], []
    app.routes[-1].app.cwd = str(pictures)  # gradio 3 serves every file in its cwd
    if hasattr(blocks._queue, "set_url"):
        # gradio 3 calls itself, by default at the address that the first visitor used.
        blocks._queue.set_url(f"http://{LOOPBACK}:{port}/")
    return Gate(app, rule)


def run(application: Application, listener: socket.socket) -> None:
    """Serves the application until a signal ends the process.

    Raises:
        KeyboardInterrupt: The signal was Ctrl-C.
    """
    config = uvicorn.Config(
        application,
        http=TimeoutProtocol,
        lifespan="on",
        log_level="warning",
        timeout_graceful_shutdown=SHUTDOWN_TIMEOUT,
    )
    server = uvicorn.Server(config)
    # Open pages would be reported with tracebacks when the server ends.
    logging.getLogger("uvicorn.error").addFilter(lambda record: not server.should_exit)
    server.run(sockets=[listener])


class TimeoutProtocol(H11Protocol):  # type: ignore[misc]
    """An HTTP connection that closes when its client sends an incomplete request and then pauses.

    Uvicorn itself waits without limit for the first request and for the rest of its headers or
    body.
    """

    _timeout: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        """Starts the timeout of the first request."""
        super().connection_made(transport)
        self._restart_timeout()

    def data_received(self, data: bytes) -> None:
        """Restarts the timeout when data arrives, except within the headers of a request."""
        was_responding = self._is_responding
        super().data_received(data)
        if self._is_responding or was_responding:
            self._restart_timeout()

    def on_response_complete(self) -> None:
        """Starts the timeout of the next request."""
        super().on_response_complete()
        self._restart_timeout()

    def handle_websocket_upgrade(self, event: Any) -> None:
        """Stops the timeout, because the WebSocket protocol has its own."""
        self._stop_timeout()
        super().handle_websocket_upgrade(event)

    def connection_lost(self, exc: Exception | None) -> None:
        """Stops the timeout."""
        self._stop_timeout()
        super().connection_lost(exc)

    @property
    def _is_responding(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _restart_timeout(self) -> None:
        self._stop_timeout()
        is_incomplete = not self._is_responding or self.cycle.more_body
        if is_incomplete and not self.transport.is_closing():
            self._timeout = self.loop.call_later(REQUEST_TIMEOUT, self._close)

    def _stop_timeout(self) -> None:
        if self._timeout is not None:
            self._timeout.cancel()
            self._timeout = None

    def _close(self) -> None:
        self._timeout = None
        self.transport.close()
