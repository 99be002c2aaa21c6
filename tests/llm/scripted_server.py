"""A server on loopback that plays one script a request and remembers what it was asked."""

from __future__ import annotations

import json
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Asked:
    method: str
    path: str
    headers: dict[str, str]
    body: dict[str, Any] | None


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Server

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(length)) if length else None
        self.server.asked.append(Asked(self.command, self.path, dict(self.headers), body))
        self.close_connection = True
        self.server.next_script()(self)

    do_GET = do_POST  # noqa: N815

    def log_message(self, format: str, *args: object) -> None:
        pass


Script = Callable[[Handler], None]


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, *scripts: Script) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.scripts = list(scripts)
        self.asked: list[Asked] = []
        self.hung_up = threading.Event()
        self.sent = 0
        self.address = f"127.0.0.1:{self.server_port}"

    def next_script(self) -> Script:
        """The last script is played for ever."""
        return self.scripts.pop(0) if len(self.scripts) > 1 else self.scripts[0]

    def handle_error(self, request: object, client_address: object) -> None:
        """Clients that hang up are what is tested."""


@contextmanager
def playing(*scripts: Script, tls: ssl.SSLContext | None = None) -> Iterator[Server]:
    server = Server(*scripts)
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def chunk(text: str = "", finish: str | None = None, **said: object) -> str:
    delta = {"content": text, **said}
    return json.dumps({"choices": [{"index": 0, "delta": delta, "finish_reason": finish}]})


def usage(tokens: int) -> str:
    return json.dumps({"choices": [], "usage": {"completion_tokens": tokens}})


def event(data: str) -> str:
    return f"data: {data}\n\n"


FINISHED = event(chunk("", "stop")) + event("[DONE]")
FINE = event(chunk("fine")) + FINISHED


def reply(
    body: object, status: int = 200, kind: str = "application/json", **headers: str
) -> Script:
    """A response in one; what is no string becomes JSON."""
    text = body if isinstance(body, str) else json.dumps(body)

    def play(handler: Handler) -> None:
        handler.send_response(status)
        handler.send_header("Content-Type", kind)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", str(len(text.encode())))
        handler.end_headers()
        handler.wfile.write(text.encode())

    return play


def stream(*parts: str | float | Script, chunked: bool = True) -> Script:
    """Events: texts to send as they are, seconds to sleep, other scripts. Then an orderly end."""

    def play(handler: Handler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Type", "text/event-stream; charset=utf-8")
        handler.send_header(*("Transfer-Encoding", "chunked") if chunked else ("X-Old", "yes"))
        handler.end_headers()
        for part in parts:
            if callable(part):
                part(handler)
            elif isinstance(part, str):
                data = part.encode()
                handler.wfile.write(b"%x\r\n%s\r\n" % (len(data), data) if chunked else data)
            else:
                time.sleep(part)
        if chunked and not handler.wfile.closed:
            handler.wfile.write(b"0\r\n\r\n")

    return play


def hang(handler: Handler) -> None:
    """Send nothing until the client hangs up."""
    try:
        handler.connection.recv(1)
    except OSError:
        pass
    finally:
        handler.server.hung_up.set()


def endless(
    data: bytes, status: int = 200, kind: str = "text/event-stream", **headers: str
) -> Script:
    """Send the same for ever, counted in the server's `sent`, until the client hangs up."""
    block = data * (1 + (1 << 16) // len(data))

    def play(handler: Handler) -> None:
        handler.send_response(status)
        handler.send_header("Content-Type", kind)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        try:
            while True:
                handler.wfile.write(block)
                handler.server.sent += len(block)
        except OSError:
            handler.server.hung_up.set()

    return play


class HandTimer:
    """A timer in the place of server_connection's, which rings when a script wants it to."""

    rings: list[Callable[[], None]] = []  # noqa: RUF012
    seconds: list[float] = []  # noqa: RUF012

    def __init__(self, seconds: float, ring: Callable[..., None], args: tuple[Any, ...]) -> None:
        self.seconds.append(seconds)
        self.rings.append(lambda: ring(*args))
        self.daemon = False

    def start(self) -> None:
        pass

    def cancel(self) -> None:
        pass


def trickle(begin: bytes) -> Script:
    """Send the beginning of a response; then the time for the whole of it is over."""

    def play(handler: Handler) -> None:
        handler.wfile.write(begin)
        handler.wfile.flush()
        HandTimer.rings.pop()()
        hang(handler)

    return play


def drop(handler: Handler) -> None:
    """Close the connection without a word of farewell."""
    handler.wfile.close()
