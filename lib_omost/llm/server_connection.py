"""HTTP requests that another thread can end, whatever they are waiting for."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.connectionpool import HTTPConnectionPool

from lib_omost.llm.server_address import is_this_machine

NO_PROXY = {"http": "", "https": "", "all": ""}


class Connection:
    """The requests of one task, one after the other; `cut` and `wait` may come from any thread."""

    def __init__(self, key: str, connect_seconds: float) -> None:
        self._key = key
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
    ) -> Iterator[requests.Response]:
        """Send a request; its body is read while the context is open. Redirects are not followed.

        answer_seconds: how long each read may take, None for ever. Raises what requests raises.
        """
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
                yield response

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

    def _sign(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        # As a function, so that requests does not put a password from .netrc in the key's place.
        if self._key:
            request.headers["Authorization"] = f"Bearer {self._key}"
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
