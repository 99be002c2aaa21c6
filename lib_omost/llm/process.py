"""A model in a process of its own: for programs that lack what it needs.

Ending the process gives all its memory back.
"""

from __future__ import annotations

import collections
import os
import subprocess
import threading
import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import IO, Any

from lib_omost.llm import wire
from lib_omost.llm.engine import Done, Event, Failed, Message, Progress, Task, Text

ROOT = Path(__file__).parents[2]
"""The folder that holds lib_omost, from which the other process imports it."""

NO_WINDOW: int = getattr(subprocess, "CREATE_NO_WINDOW", 0)
"""Keeps Windows from opening a console."""

POLL = 0.1
HEARTBEAT = 0.8
"""Seconds of silence before a Progress."""
PATIENCE = 10.0
"""Seconds for a process to end an answer that was cancelled, before it is killed."""
LAST_LINES = 8
"""Lines of its log that a crash is reported with."""


def command(python: Path, model: str) -> list[str]:
    """Return what starts a worker for a model."""
    return [str(python), "-m", "lib_omost.llm.worker", model]


def clean_environment() -> dict[str, str]:
    """Return our environment without what would lead another Python to our packages."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}


class Process:
    """A worker's process, which is given tasks and answers each with an engine's events.

    command: what starts it. environment: its variables, None for ours without those of our
    Python. kind: what its model is called in messages. The process is started by the first task,
    and by the next one after it ended, however it did. Tasks wait for each other.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        environment: Mapping[str, str] | None = None,
        kind: str = "language model",
    ) -> None:
        self._command = list(command)
        self._environment = environment
        self._kind = kind
        self._turn = threading.Lock()  # held by whoever talks to the worker
        self._worker: _Worker | None = None

    def ask(self, task: Mapping[str, Any], cancel: threading.Event) -> Generator[Event, None, None]:
        """Have a task done, with the events of Engine.stream; task: plain values."""
        waited = 0.0
        while not self._turn.acquire(timeout=POLL):
            if cancel.is_set():
                yield Done("cancelled", 0)
                return
            waited += POLL
            if waited >= HEARTBEAT:
                yield Progress("Waiting for another answer to end")
                waited = 0.0
        try:
            yield from self._ask(task, cancel)
        finally:
            self._turn.release()

    def unload(self) -> None:
        """End the process, and with it what it is writing; safe to repeat."""
        worker, self._worker = self._worker, None
        if worker is not None:
            worker.end()

    def _ask(self, task: Mapping[str, Any], cancel: threading.Event) -> Iterator[Event]:
        try:
            worker = self._running()
        except OSError as error:
            yield Failed(
                f"The {self._kind}'s process cannot be started ({error}): set the environment "
                f"for language models up again."
            )
            return
        worker.send(do="stream", task=task)
        ended = False
        try:
            for event in worker.events(cancel):
                ended = isinstance(event, (Done, Failed))
                yield event
        finally:
            if not ended:  # whoever read has gone: nobody would hear the rest
                worker.abandon()

    def _running(self) -> _Worker:
        if self._worker is None or not self._worker.alive:
            self._worker = _Worker(self._command, self._environment, self._kind)
        return self._worker


class ProcessEngine(Process):
    """An engine (engine.Engine) whose model runs in a process of its own (`command`)."""

    def stream(self, task: Task, cancel: threading.Event) -> Generator[Event, None, None]:
        """Write an answer (Engine.stream)."""
        yield from self.ask(wire.task_fields(task), cancel)

    def count(self, messages: Sequence[Message]) -> int | None:
        """Return the tokens of a conversation, None where no process runs or it is busy."""
        if not self._turn.acquire(blocking=False):
            return None
        try:
            return self._worker.count(messages) if self._worker and self._worker.alive else None
        finally:
            self._turn.release()


class _Worker:
    """A started process: what it says, and the last lines of its log."""

    def __init__(
        self, command: Sequence[str], environment: Mapping[str, str] | None, kind: str
    ) -> None:
        self._kind = kind
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=ROOT,
            env=clean_environment() if environment is None else environment,
            encoding="utf-8",
            errors="replace",
            creationflags=NO_WINDOW,
        )
        self._events: SimpleQueue[Event] = SimpleQueue()
        self._counts: SimpleQueue[int | None] = SimpleQueue()
        self._log: collections.deque[str] = collections.deque(maxlen=LAST_LINES)
        self._ended = False  # by us
        self._written = 0
        assert self._process.stdout is not None
        assert self._process.stderr is not None
        self._readers = [
            _reader(self._listen, self._process.stdout),
            _reader(self._log.extend, self._process.stderr),
        ]

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def send(self, **message: Any) -> None:
        """Tell it something; where it has gone nobody hears it, which `events` finds out."""
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(wire.dump(**message))
            self._process.stdin.flush()
        except (OSError, ValueError):
            self._log.append("(it did not take what it was sent)")

    def count(self, messages: Sequence[Message]) -> int | None:
        self.send(do="count", messages=list(messages))
        until = time.monotonic() + PATIENCE
        while self.alive and time.monotonic() < until:
            try:
                return self._counts.get(timeout=POLL)
            except Empty:
                continue
        return None

    def events(self, cancel: threading.Event) -> Iterator[Event]:
        """Yield what it says of a task, and a heartbeat where it is silent, up to the end."""
        self._written = 0
        doing, spoken, told = (
            Progress(f"Starting the {self._kind}'s process"),
            time.monotonic(),
            0.0,
        )
        while True:
            if cancel.is_set() and not told:
                told = time.monotonic()
                self.send(do="cancel")
            event = self._next() or self._end(told)
            now = time.monotonic()
            if event is None:
                if now - spoken < HEARTBEAT:
                    continue
                event = doing
            doing = event if isinstance(event, Progress) else doing
            self._written += isinstance(event, Text)
            yield event
            spoken = now
            if isinstance(event, (Done, Failed)):
                return

    def abandon(self) -> None:
        """End the running answer and wait until it has; the process too if it does not."""
        self.send(do="cancel")
        until = time.monotonic() + PATIENCE
        while self.alive and time.monotonic() < until:
            if isinstance(self._next(), (Done, Failed)):
                return
        self.end()

    def end(self) -> None:
        self._ended = True
        self._process.kill()
        self._process.wait()

    def _next(self) -> Event | None:
        try:
            return self._events.get(timeout=POLL)
        except Empty:
            return None

    def _end(self, told: float) -> Event | None:
        """Return how an answer ends of which nothing more will come, None while more may."""
        if told and time.monotonic() - told > PATIENCE:
            self.end()
        if self.alive:
            return None
        for reader in self._readers:
            reader.join(1)
        if not self._events.empty():
            return self._events.get()
        if told or self._ended:
            return Done("cancelled", self._written)
        return Failed(self._obituary())

    def _listen(self, lines: IO[str]) -> None:
        for line in lines:
            try:
                message = wire.load(line)
                if "count" in message:
                    self._counts.put(message["count"])
                else:
                    self._events.put(wire.event_of(message))
            except wire.WireError:
                self._log.append(line)  # something printed past the worker's own pipe

    def _obituary(self) -> str:
        status = self._process.returncode
        memory = ", perhaps for lack of memory" if status == -9 else ""
        last = " / ".join(line.strip() for line in list(self._log) if line.strip())
        return (
            f"The {self._kind}'s process ended (status {status}{memory}); the next request "
            f"starts it again. Its last lines: {last or 'none'}"
        )


def _reader(read: Callable[[IO[str]], None], pipe: IO[str]) -> threading.Thread:
    thread = threading.Thread(target=read, args=(pipe,), name="omost worker's pipe", daemon=True)
    thread.start()
    return thread
