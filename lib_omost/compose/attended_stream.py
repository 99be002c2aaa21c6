"""Work that goes on only as long as somebody asks for its results.

A handler that streams is a generator, and its reader may stop without a word: gradio keeps the
generator and never asks it again. It would keep what it holds, such as the turn to paint. Here the
work has a thread of its own, which ends it when its reader is gone. The server's pool of threads
stays free for other requests meanwhile.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections import deque
from collections.abc import Generator
from contextlib import closing
from typing import Generic, TypeVar

T = TypeVar("T")

PATIENCE = 30.0
"""Seconds in which the next result must be asked for. Work yields at least once in a second."""

MOST = 100
"""Pieces of work at a time; each has a thread, and all but one of them wait."""

BUSY = f"{MOST} requests are being answered or wait for their turn: try again later."

_places = threading.BoundedSemaphore(MOST)


class BusyError(RuntimeError):
    """No further work is taken on; the message says so."""


class AttendedStream(Generic[T]):
    """Runs a generator in a thread of its own, and yields what it yields.

    The generator is closed at its next result if this is closed or forgotten, or if nobody has
    asked for a result for `patience` seconds (default: PATIENCE).
    """

    def __init__(self, work: Generator[T, None, None], patience: float | None = None) -> None:
        """Start the work. Raises BusyError where too much is going on."""
        if not _places.acquire(blocking=False):
            raise BusyError(BUSY)
        self._work = _AttendedWork(work, PATIENCE if patience is None else patience)
        threading.Thread(target=self._work.run, name="omost attended work", daemon=True).start()

    def __aiter__(self) -> AttendedStream[T]:
        return self

    async def __anext__(self) -> T:
        """Return the next result; one reader at a time may wait for it."""
        return await self._work.next()

    def close(self) -> None:
        """End the work, without waiting until it has ended; safe to repeat."""
        self._work.close()

    def __del__(self) -> None:
        # Where a server has ended, nothing else closes the handlers that it was running.
        if hasattr(self, "_work"):
            self.close()


class _AttendedWork(Generic[T]):
    """What the thread of an Attended knows: it must not keep the Attended itself alive."""

    def __init__(self, work: Generator[T, None, None], patience: float) -> None:
        self._work = work
        self._patience = patience
        self._guard = threading.Lock()  # of all that follows
        self._results: deque[T] = deque()
        self._reader: asyncio.Future[None] | None = None  # who waits for a result now
        self._asked = time.monotonic()
        self._closed = self._over = False
        self._error: BaseException | None = None

    async def next(self) -> T:
        while True:
            with self._guard:
                if self._results:
                    self._asked = time.monotonic()
                    return self._results.popleft()
                if self._over or self._closed:
                    error, self._error = self._error, None
                    raise error or StopAsyncIteration
                # Of the loop that runs now: gradio 3 may ask from another each time.
                reader = self._reader = asyncio.get_running_loop().create_future()
            try:
                await reader
            finally:
                with self._guard:
                    self._reader, self._asked = None, time.monotonic()

    def close(self) -> None:
        with self._guard:
            self._closed = True
            self._wake()

    def run(self) -> None:
        error: BaseException | None = None
        try:
            with closing(self._work) as work:
                for result in work:
                    if not self._keep(result):
                        break
        except BaseException as raised:  # whoever reads must hear of it
            error = raised
        finally:
            _places.release()
        with self._guard:
            self._over, self._error = True, error
            self._wake()

    def _keep(self, result: T) -> bool:
        """Keep a result for the reader; return whether there still is one."""
        with self._guard:
            silent = time.monotonic() - self._asked
            if self._closed or (self._reader is None and silent > self._patience):
                self._closed = True
                return False
            self._results.append(result)
            self._wake()
            return True

    def _wake(self) -> None:
        if self._reader is not None:
            self._reader.get_loop().call_soon_threadsafe(_set, self._reader)


def _set(reader: asyncio.Future[None]) -> None:
    if not reader.done():
        reader.set_result(None)
