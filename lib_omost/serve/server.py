"""The page's application and its server: gradio's page and the API behind one gate."""

from __future__ import annotations

import asyncio
import socket
from contextlib import suppress
from pathlib import Path
from typing import Any

import gradio as gr
import uvicorn
from fastapi import FastAPI
from uvicorn.protocols.http.h11_impl import H11Protocol

from lib_omost.api.routes import mount
from lib_omost.api.same_origin import SameOrigin
from lib_omost.presets.library import Library
from lib_omost.serve.gate import Application, Gate
from lib_omost.serve.generate_action import GenerateAction
from lib_omost.serve.page import Page

LOOPBACK = "127.0.0.1"

HANDLERS = 64
"""Handlers that gradio 3 runs at a time, as in both hosts."""

SILENCE = 20
"""Seconds that a client may take for a request, or be silent in the midst of its body."""

FAREWELL = 1
"""Seconds that open streams have when the server ends."""


def application(
    image_process: Any, composing: Any, data: Path, rule: SameOrigin, port: int
) -> Application:
    """Return the whole application; data: where pictures and presets are kept."""
    pictures = data.absolute() / "pictures"
    pictures.mkdir(parents=True, exist_ok=True)
    library = Library(data / "library")
    page = Page(GenerateAction(image_process, composing, pictures), composing, library)
    blocks = page.blocks.queue(HANDLERS)
    app = FastAPI(title="Omost", redoc_url=None)
    mount(app, lambda: composing, lambda: library)
    gr.mount_gradio_app(app, blocks, path="/")
    blocks.allowed_paths, blocks.blocked_paths = [str(pictures)], []
    app.routes[-1].app.cwd = str(pictures)  # gradio 3 shows all files of the folder it runs in
    if hasattr(blocks._queue, "set_url"):
        # Gradio 3 calls itself, and would otherwise learn its address from the first visitor.
        blocks._queue.set_url(f"http://{LOOPBACK}:{port}/")
    return Gate(app, rule)


def listening(host: str, port: int) -> socket.socket:
    """Return a socket that listens. Raises OSError."""
    return socket.create_server((host, port), backlog=2048)


def run(application: Application, listener: socket.socket) -> None:
    """Serve until a signal ends it."""
    config = uvicorn.Config(
        application,
        http=Impatient,
        lifespan="on",
        log_level="warning",
        timeout_graceful_shutdown=FAREWELL,
    )
    with suppress(KeyboardInterrupt):
        uvicorn.Server(config).run(sockets=[listener])


class Impatient(H11Protocol):  # type: ignore[misc]
    """A connection that ends when its client owes a request for too long.

    Uvicorn waits for ever for the first request, for the rest of one, and for the rest of its body.
    """

    _limit: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        """Begin to wait for a request."""
        super().connection_made(transport)
        self._wait_anew()

    def data_received(self, data: bytes) -> None:
        """Take what came; within a head of a request the time goes on, whatever comes."""
        had_request = self._answers
        super().data_received(data)
        if self._answers or had_request:
            self._wait_anew()

    def on_response_complete(self) -> None:
        """Begin to wait for the next request."""
        super().on_response_complete()
        self._wait_anew()

    def handle_websocket_upgrade(self, event: Any) -> None:
        """Hand the connection on to another protocol, which has limits of its own."""
        self._wait_no_more()
        super().handle_websocket_upgrade(event)

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing any more."""
        self._wait_no_more()
        super().connection_lost(exc)

    @property
    def _answers(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _wait_anew(self) -> None:
        self._wait_no_more()
        is_owed = not self._answers or self.cycle.more_body
        if is_owed and not self.transport.is_closing():
            self._limit = self.loop.call_later(SILENCE, self._end)

    def _wait_no_more(self) -> None:
        if self._limit is not None:
            self._limit.cancel()
            self._limit = None

    def _end(self) -> None:
        self._limit = None
        self.transport.close()
