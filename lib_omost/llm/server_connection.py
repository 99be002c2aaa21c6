"""The project's one HTTP client: bounded answers, no redirects, and another thread can end it."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from http.client import HTTPException, HTTPResponse
from threading import Timer
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.connectionpool import HTTPConnectionPool

from lib_omost.llm.server_address import is_this_machine

NO_PROXY = {"http": "", "https": "", "all": ""}

READ_BYTES = 1 << 16
"""The most that is read at once; what is there is never waited for."""


class OversizeError(Exception):
    """A server sends more than we read of it."""


class CompressedError(Exception):
    """A server compresses its answer although we asked for a plain one."""


class Reply:
    """A server's response, whose body is read as it comes and only up to a limit."""

    def __init__(self, response: requests.Response) -> None:
        self._response = response
        self.status = response.status_code
        self.ok = response.ok
        self.headers = response.headers

    @property
    def redirect(self) -> str | None:
        """The address that the server sends on to, None where it answers itself."""
        return self.headers["Location"] if self._response.is_redirect else None

    def chunks(self, most: int) -> Iterator[bytes]:
        """Yield the body in pieces, each as soon as it comes.

        Args:
            most: The bytes that a body may have.

        Raises:
            OversizeError: The body goes on after `most` bytes.
            CompressedError: It is compressed: a few bytes could grow to any number.
            requests.RequestException: The connection broke.
        """
        if self.headers.get("Content-Encoding", "identity").strip().lower() not in ("", "identity"):
            raise CompressedError
        # Not over requests: it reads a chunk whole, and the line before a chunk without a limit.
        http: HTTPResponse = self._response.raw._original_response
        left = http.length
        while left is None or left > 0:
            size = READ_BYTES if left is None else min(left, READ_BYTES)
            try:
                data = http.read1(size)
            except (HTTPException, OSError, ValueError) as error:
                raise requests.ConnectionError(str(error)) from error
            if not data:
                if left is not None:
                    raise requests.ConnectionError("the body ends too early")
                return
            most -= len(data)
            if most < 0:
                raise OversizeError
            left = None if left is None else left - len(data)
            yield data

    def body(self, most: int) -> bytes:
        """Return the whole body. Raises what `chunks` does."""
        return b"".join(self.chunks(most))

    def beginning(self, most: int) -> str:
        """Return the first bytes of the body as text, for a message. Raises what `chunks` does."""
        data = bytearray()
        with contextlib.suppress(OversizeError, CompressedError):
            for chunk in self.chunks(most):
                data += chunk
        return data.decode(errors="replace")


class Connection:
    """The requests of one task, one after the other; `cut` and `wait` may come from any thread.

    authorization: the header of that name, "" for none. It is sent to the addresses that are asked
    for and to no other, as redirects are not followed.
    """

    def __init__(self, authorization: str, connect_seconds: float) -> None:
        self._authorization = authorization
        self._connect_seconds = connect_seconds
        self._sockets: list[socket.socket] = []
        self._cut = threading.Event()

    @contextlib.contextmanager
    def ask(
        self,
        method: str,
        url: str,
        body: dict[str, Any] | None = None,
        answer_seconds: float | None = None,
        whole_seconds: float | None = None,
    ) -> Iterator[Reply]:
        """Send a request; its body is read while the context is open. Redirects are not followed.

        Args:
            method: HTTP's.
            url: The address.
            body: Sent as JSON.
            answer_seconds: How long each read may take, None for ever. A server that sends a byte
                now and then never exceeds it.
            whole_seconds: How long the context may stay open, None for ever. Then the connection is
                cut, as `cut` does.

        Raises:
            requests.Timeout: The whole took too long.
            requests.RequestException: Anything else went wrong.
        """
        late = threading.Event()
        timer = None if whole_seconds is None else Timer(whole_seconds, self._end, (late,))
        if timer is not None:
            timer.daemon = True
            timer.start()
        try:
            with self._asked(method, url, body, answer_seconds) as reply:
                yield reply
        except Exception as error:
            if late.is_set():
                raise requests.Timeout("the whole answer took too long") from error
            raise
        finally:
            if timer is not None:
                timer.cancel()
        if late.is_set():  # a cut body can look as if it had ended
            raise requests.Timeout("the whole answer took too long")

    @contextlib.contextmanager
    def _asked(
        self, method: str, url: str, body: dict[str, Any] | None, answer_seconds: float | None
    ) -> Iterator[Reply]:
        with requests.Session() as session:
            for scheme in ("http://", "https://"):
                session.mount(scheme, _Adapter(self._hold))
            with session.request(
                method,
                url,
                json=body,
                # Compressed streams are held back until a block is full.
                headers={"Accept-Encoding": "identity"},
                auth=self._sign,
                timeout=(self._connect_seconds, answer_seconds),
                allow_redirects=False,
                stream=True,
                # A proxy set for the internet cannot know this machine's own ports.
                proxies=NO_PROXY if is_this_machine(url) else None,
            ) as response:
                yield Reply(response)

    def cut(self) -> None:
        """End what is being asked, at once, and all that is asked later. Safe to repeat.

        Only the look-up of a name and the making of a connection end by themselves.
        """
        self._cut.set()
        for held in list(self._sockets):
            _shut_down(held)

    def wait(self, seconds: float) -> bool:
        """Wait so long, or until the connection is cut; return whether it is."""
        return self._cut.wait(seconds)

    def _end(self, late: threading.Event) -> None:
        late.set()
        self.cut()

    def _sign(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        # As a function, so that requests does not put a password from .netrc in its place.
        if self._authorization:
            request.headers["Authorization"] = self._authorization
        return request

    def _hold(self, connected: Any) -> None:
        # TLS within the TLS of a proxy is not a socket but has one.
        held = connected if isinstance(connected, socket.socket) else connected.socket
        self._sockets.append(held)
        if self._cut.is_set():
            _shut_down(held)


def _shut_down(held: socket.socket) -> None:
    # It may be closed already, by us or by the server, which is as good. A TLS socket's own
    # shutdown would pull the cipher from under the thread that reads.
    with contextlib.suppress(OSError):
        socket.socket.shutdown(held, socket.SHUT_RDWR)


class _Adapter(HTTPAdapter):
    """Hands over every socket as soon as it is connected, before anything is sent."""

    def __init__(self, hold: Callable[[Any], None]) -> None:
        super().__init__()
        self._hold = hold

    def get_connection_with_tls_context(self, *args: Any, **kwargs: Any) -> HTTPConnectionPool:
        return self._handing_over(super().get_connection_with_tls_context(*args, **kwargs))

    def get_connection(self, *args: Any, **kwargs: Any) -> HTTPConnectionPool:
        # What requests before 2.32 calls instead.
        return self._handing_over(super().get_connection(*args, **kwargs))

    def _handing_over(self, pool: HTTPConnectionPool) -> HTTPConnectionPool:
        hold = self._hold
        kind: Any = pool.ConnectionCls

        class Held(kind):  # type: ignore[misc]
            def connect(self) -> None:
                super().connect()
                hold(self.sock)

        pool.ConnectionCls = Held
        return pool
