"""Streams the results of a handler, and stops the handler when its page or client disappears.

Gradio keeps the generator of a handler whose page has closed, and never resumes it. The generator
would then hold the program's queue for ever. A separate thread notices that nobody requests the
next result, and closes the generator. The thread also keeps the server's thread pool free for other
requests.
"""

from __future__ import annotations

import asyncio
import contextvars
import threading
import time
from collections import deque
from collections.abc import Generator
from contextlib import closing
from typing import Generic, TypeVar

T = TypeVar("T")

READER_TIMEOUT = 30.0
"""Seconds without a request for the next result after which a stream ends.

A stream yields at least once a second.
"""

MAX_STREAMS = 100
"""The most streams at a time. Each has a thread, and all but one of them wait for the queue."""

BUSY = f"{MAX_STREAMS} requests are being answered or wait for their turn: try again later."

_free_streams = threading.BoundedSemaphore(MAX_STREAMS)


class BusyError(RuntimeError):
    """MAX_STREAMS streams run already; the message is for the user."""


class AttendedStream(Generic[T]):
    """Runs a generator in a thread of its own and yields its results asynchronously.

    The generator is closed at its next result if this stream is closed or deleted, or if no result
    was asked for within the time limit.

    Args:
        generator: The generator.
        reader_timeout: Time limit in seconds; None for READER_TIMEOUT.

    Raises:
        BusyError: MAX_STREAMS streams run already.
    """

    def __init__(
        self, generator: Generator[T, None, None], reader_timeout: float | None = None
    ) -> None:
        if not _free_streams.acquire(blocking=False):
            raise BusyError(BUSY)
        timeout = READER_TIMEOUT if reader_timeout is None else reader_timeout
        self._worker = _StreamWorker(generator, timeout)
        run = contextvars.copy_context().run  # the visitor's language is in the context
        threading.Thread(
            target=run, args=(self._worker.run,), name="omost stream", daemon=True
        ).start()

    def __aiter__(self) -> AttendedStream[T]:
        return self

    async def __anext__(self) -> T:
        """Returns the next result; only one reader at a time may wait for it."""
        return await self._worker.next()

    def close(self) -> None:
        """Ends the generator at its next result, without a wait; safe to repeat."""
        self._worker.close()

    def __del__(self) -> None:
        # When a server ends, nothing else closes the handlers that it was running.
        if hasattr(self, "_worker"):
            self.close()


class _StreamWorker(Generic[T]):
    """The thread's side of an AttendedStream. It has no reference to the stream."""

    def __init__(self, generator: Generator[T, None, None], reader_timeout: float) -> None:
        self._generator = generator
        self._reader_timeout = reader_timeout
        self._guard = threading.Lock()  # for all attributes below
        self._results: deque[T] = deque()
        self._reader: asyncio.Future[None] | None = None  # waits for the next result
        self._last_read = time.monotonic()
        self._closed = self._finished = False
        self._error: BaseException | None = None

    async def next(self) -> T:
        while True:
            with self._guard:
                if self._results:
                    self._last_read = time.monotonic()
                    return self._results.popleft()
                if self._finished or self._closed:
                    error, self._error = self._error, None
                    raise error or StopAsyncIteration
                # For the loop that runs now: gradio 3 may read from another one each time.
                reader = self._reader = asyncio.get_running_loop().create_future()
            try:
                await reader
            finally:
                with self._guard:
                    self._reader, self._last_read = None, time.monotonic()

    def close(self) -> None:
        with self._guard:
            self._closed = True
            self._wake()

    def run(self) -> None:
        error: BaseException | None = None
        try:
            with closing(self._generator) as results:
                for result in results:
                    if not self._add(result):
                        break
        except BaseException as raised:  # the reader raises it
            error = raised
        finally:
            _free_streams.release()
        with self._guard:
            self._finished, self._error = True, error
            self._wake()

    def _add(self, result: T) -> bool:
        """Adds a result for the reader; returns False if the reader has disappeared."""
        with self._guard:
            unread = time.monotonic() - self._last_read
            if self._closed or (self._reader is None and unread > self._reader_timeout):
                self._closed = True
                return False
            self._results.append(result)
            self._wake()
            return True

    def _wake(self) -> None:
        if self._reader is not None:
            self._reader.get_loop().call_soon_threadsafe(_resume, self._reader)


def _resume(reader: asyncio.Future[None]) -> None:
    if not reader.done():
        reader.set_result(None)
