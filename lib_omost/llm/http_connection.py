"""The HTTP client: limits answers, follows no redirects, and can be aborted by another thread."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from http.client import HTTPException, HTTPResponse
from threading import Timer
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.connectionpool import HTTPConnectionPool

from lib_omost.llm.server.address import is_loopback

NO_PROXY = {"http": "", "https": "", "all": ""}

MAX_READ_BYTES = 1 << 16
"""Limit of one read, which returns at once with all bytes that have arrived."""


class OversizeError(Exception):
    """A response body exceeds its limit."""


class CompressedError(Exception):
    """A response body is compressed although the request forbids compression."""


class Reply:
    """The response of a server, with a body that is read in chunks and up to a limit.

    Attributes:
        status: HTTP status.
        ok: The status reports no error.
        headers: HTTP headers; their names are case-insensitive.
    """

    def __init__(self, response: requests.Response) -> None:
        self._response = response
        self.status = response.status_code
        self.ok = response.ok
        self.headers = response.headers

    @property
    def redirect(self) -> str | None:
        """The target address of a redirect; None for other responses."""
        return self.headers["Location"] if self._response.is_redirect else None

    def chunks(self, max_bytes: int) -> Iterator[bytes]:
        """Yields the body in chunks, each chunk when it arrives.

        Args:
            max_bytes: Limit of the body.

        Raises:
            OversizeError: The body exceeds the limit.
            CompressedError: The body is compressed; a few bytes could expand without limit.
            requests.RequestException: The connection broke.
        """
        if self.headers.get("Content-Encoding", "identity").strip().lower() not in ("", "identity"):
            raise CompressedError
        # requests would wait for whole chunks and read the line before a chunk without a limit.
        http: HTTPResponse = self._response.raw._original_response
        left = http.length
        while left is None or left > 0:
            size = MAX_READ_BYTES if left is None else min(left, MAX_READ_BYTES)
            try:
                data = http.read1(size)
            except (HTTPException, OSError, ValueError) as error:
                raise requests.ConnectionError(str(error)) from error
            if not data:
                if left is not None:
                    raise requests.ConnectionError("the body ends too early")
                return
            max_bytes -= len(data)
            if max_bytes < 0:
                raise OversizeError
            left = None if left is None else left - len(data)
            yield data

    def body(self, max_bytes: int) -> bytes:
        """Returns the complete body.

        Args:
            max_bytes: Limit of the body.

        Raises:
            OversizeError: The body exceeds the limit.
            CompressedError: The body is compressed.
            requests.RequestException: The connection broke.
        """
        return b"".join(self.chunks(max_bytes))

    def beginning(self, max_bytes: int) -> str:
        """Returns the beginning of the body as text, for an error message.

        A compressed body counts as empty.

        Args:
            max_bytes: Limit of the beginning.

        Raises:
            requests.RequestException: The connection broke.
        """
        data = bytearray()
        with contextlib.suppress(OversizeError, CompressedError):
            for chunk in self.chunks(max_bytes):
                data += chunk
        return data.decode(errors="replace")


class Connection:
    """Sends the HTTP requests of one task, one after the other.

    Any thread may call `abort` and `wait`.
    """

    def __init__(self, authorization: str, connect_timeout: float) -> None:
        """Creates a connection without connecting.

        Args:
            authorization: The header "Authorization"; empty for none. Redirects are not followed,
                and no other server receives the header.
            connect_timeout: Limit for a connection to the server, in seconds.
        """
        self._authorization = authorization
        self._connect_seconds = connect_timeout
        self._sockets: list[socket.socket] = []
        self._aborted = threading.Event()

    @contextlib.contextmanager
    def send(
        self,
        method: str,
        url: str,
        body: dict[str, Any] | None = None,
        read_timeout: float | None = None,
        total_timeout: float | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Iterator[Reply]:
        """Sends a request and yields the response, which is readable while the context is open.

        Redirects are not followed.

        Args:
            method: HTTP method.
            url: Address of the request.
            body: Request body, sent as JSON; None for no body.
            read_timeout: Limit of each read in seconds; None for no limit. A server that sends a
                byte now and then never exceeds this limit.
            total_timeout: Seconds after which the open context aborts the connection; None for no
                limit.
            headers: Further HTTP headers, such as "Range".

        Raises:
            requests.Timeout: A time limit was exceeded.
            requests.RequestException: The request failed.
        """
        late = threading.Event()
        timer = None if total_timeout is None else Timer(total_timeout, self._end, (late,))
        if timer is not None:
            timer.daemon = True
            timer.start()
        try:
            with self._open(method, url, body, read_timeout, headers or {}) as reply:
                yield reply
        except Exception as error:
            if late.is_set():
                raise requests.Timeout("the whole answer took too long") from error
            raise
        finally:
            if timer is not None:
                timer.cancel()
        if late.is_set():  # an aborted body can look complete
            raise requests.Timeout("the whole answer took too long")

    @contextlib.contextmanager
    def _open(
        self,
        method: str,
        url: str,
        body: dict[str, Any] | None,
        read_timeout: float | None,
        headers: Mapping[str, str],
    ) -> Iterator[Reply]:
        with requests.Session() as session:
            for scheme in ("http://", "https://"):
                session.mount(scheme, _Adapter(self._register_socket))
            with session.request(
                method,
                url,
                json=body,
                # A server sends a compressed stream only when a block is full.
                headers={"Accept-Encoding": "identity", **headers},
                auth=self._sign,
                timeout=(self._connect_seconds, read_timeout),
                allow_redirects=False,
                stream=True,
                # A proxy for the internet cannot reach the ports of this machine.
                proxies=NO_PROXY if is_loopback(url) else None,
            ) as response:
                yield Reply(response)

    def abort(self) -> None:
        """Aborts the current request at once, and every later request. Repeated calls are safe.

        Name resolution and connecting cannot be aborted; both end after their time limits.
        """
        self._aborted.set()
        for connected in list(self._sockets):
            _shut_down(connected)

    def wait(self, seconds: float) -> bool:
        """Waits the given seconds or until `abort`; returns True after `abort`."""
        return self._aborted.wait(seconds)

    def _end(self, late: threading.Event) -> None:
        late.set()
        self.abort()

    def _sign(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        # A function prevents requests from sending a password from .netrc instead.
        if self._authorization:
            request.headers["Authorization"] = self._authorization
        return request

    def _register_socket(self, connected: Any) -> None:
        # An object for TLS within the TLS of a proxy is no socket but contains one.
        is_socket = isinstance(connected, socket.socket)
        raw_socket = connected if is_socket else connected.socket
        self._sockets.append(raw_socket)
        if self._aborted.is_set():
            _shut_down(raw_socket)


def _shut_down(connected: socket.socket) -> None:
    # OSError: the socket is closed already. The base class's method is called because shutdown of
    # a TLS socket would remove the cipher while another thread reads.
    with contextlib.suppress(OSError):
        socket.socket.shutdown(connected, socket.SHUT_RDWR)


class _Adapter(HTTPAdapter):
    """Registers every socket as soon as it is connected, before any byte is sent."""

    def __init__(self, register: Callable[[Any], None]) -> None:
        super().__init__()
        self._register = register

    def get_connection_with_tls_context(self, *args: Any, **kwargs: Any) -> HTTPConnectionPool:
        return self._with_registration(super().get_connection_with_tls_context(*args, **kwargs))

    def get_connection(self, *args: Any, **kwargs: Any) -> HTTPConnectionPool:
        # Called instead of the method above by requests before 2.32.
        return self._with_registration(super().get_connection(*args, **kwargs))

    def _with_registration(self, pool: HTTPConnectionPool) -> HTTPConnectionPool:
        register = self._register
        base_class: Any = pool.ConnectionCls

        class RegisteringConnection(base_class):  # type: ignore[misc]
            def connect(self) -> None:
                super().connect()
                register(self.sock)

        pool.ConnectionCls = RegisteringConnection
        return pool
