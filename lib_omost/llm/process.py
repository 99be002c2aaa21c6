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
from queue import Empty, Full, Queue, SimpleQueue
from typing import IO, Any

from lib_omost.llm import wire
from lib_omost.llm.engine import Done, Event, Failed, Message, Progress, Task, Text
from lib_omost.llm.server_answer import most_characters

ROOT = Path(__file__).parents[2]
"""The folder that holds lib_omost, from which the other process imports it."""

NO_WINDOW: int = getattr(subprocess, "CREATE_NO_WINDOW", 0)
"""Keeps Windows from opening a console."""

POLL = 0.1
HEARTBEAT = 0.8
"""Seconds of silence before a Progress."""
PATIENCE = 10.0
"""Seconds for a process to end an answer that was cancelled, before it is killed."""
LAST_LINES, LOG_LINE = 8, 1000
"""Lines of its log that a crash is reported with, and their characters."""
LONGEST_LINE = 1 << 20
"""Characters of a message that holds a piece of an answer."""
MOST_WAITING = 1000
"""Messages that wait to be read; then the worker waits, as its pipe is full."""


def command(python: Path, model: str) -> list[str]:
    """Return what starts a worker for a model."""
    return [str(python), "-m", "lib_omost.llm.worker", model]


def clean_environment() -> dict[str, str]:
    """Return our environment without what would lead another Python to our packages."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}


class Process:
    """A worker's process, which is given tasks and answers each with an engine's events.

    command: what starts it. environment: its variables, None for ours without those of our
    Python. kind: what its model is called in messages. longest: characters that a message of the
    worker may have; one that writes more, or more text than is asked for, is ended. The process is
    started by the first task, and by the next one after it ended. Tasks wait for each other.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        environment: Mapping[str, str] | None = None,
        kind: str = "language model",
        longest: int = LONGEST_LINE,
    ) -> None:
        self._command = list(command)
        self._longest = longest
        self._environment = environment
        self._kind = kind
        self._turn = threading.Lock()  # held by whoever talks to the worker
        self._worker: _Worker | None = None

    def ask(
        self, task: Mapping[str, Any], cancel: threading.Event, most: int = wire.LONGEST
    ) -> Generator[Event, None, None]:
        """Have a task done, with the events of Engine.stream.

        Args:
            task: Plain values.
            cancel: Ends it.
            most: Characters of text that it may write.
        """
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
            yield from self._ask(wire.dump(do="stream", task=task), cancel, most)
        finally:
            self._turn.release()

    def unload(self) -> None:
        """End the process, and with it what it is writing; safe to repeat."""
        worker, self._worker = self._worker, None
        if worker is not None:
            worker.end()

    def _ask(self, line: str, cancel: threading.Event, most: int) -> Iterator[Event]:
        if len(line) > wire.LONGEST:
            message = f"The request is too long for the {self._kind}: shorten it."
            yield Failed(message, refused=True)
            return
        try:
            worker = self._running()
        except OSError as error:
            yield Failed(
                f"The {self._kind}'s process cannot be started ({error}): set the environment "
                f"for language models up again."
            )
            return
        worker.send(line)
        ended = False
        try:
            for event in worker.events(cancel, most):
                ended = isinstance(event, (Done, Failed))
                yield event
        finally:
            if not ended:  # whoever read has gone: nobody would hear the rest
                worker.abandon()

    def _running(self) -> _Worker:
        if self._worker is None or not self._worker.alive:
            self.unload()
            self._worker = _Worker(self._command, self._environment, self._kind, self._longest)
        return self._worker


class ProcessEngine(Process):
    """An engine (engine.Engine) whose model runs in a process of its own (`command`)."""

    def stream(self, task: Task, cancel: threading.Event) -> Generator[Event, None, None]:
        """Write an answer (Engine.stream)."""
        most = most_characters(task.max_new_tokens)
        yield from self.ask(wire.task_fields(task), cancel, most)

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
        self,
        command: Sequence[str],
        environment: Mapping[str, str] | None,
        kind: str,
        longest: int,
    ) -> None:
        self._kind = kind
        self._longest = longest
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
        self._to_send: SimpleQueue[str | None] = SimpleQueue()
        self._events: Queue[Event] = Queue(MOST_WAITING)
        self._questions = 0
        self._counted: tuple[int, int | None] = (0, None)  # a question's number and its answer
        self._counting = threading.Condition()
        self._log: collections.deque[str] = collections.deque(maxlen=LAST_LINES)
        self._ended = False  # by us
        self._fault = ""  # why it had to be
        self._written = 0
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        assert self._process.stderr is not None
        # In a thread, as a worker that does not read must not stop us from ending it.
        _at(self._process.stdin, self._write)
        self._readers = [
            _at(self._process.stdout, self._listen),
            _at(self._process.stderr, self._keep_log),
        ]

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def send(self, line: str) -> None:
        """Tell it something; where it has gone nobody hears it, which `events` finds out."""
        self._to_send.put(line)

    def count(self, messages: Sequence[Message]) -> int | None:
        self._questions += 1
        number = self._questions
        self.send(wire.dump(do="count", messages=list(messages), id=number))
        until = time.monotonic() + PATIENCE
        with self._counting:
            # An answer that came too late for its question has another number.
            while self._counted[0] != number:
                if not self.alive or time.monotonic() >= until:
                    return None
                self._counting.wait(POLL)
            return self._counted[1]

    def events(self, cancel: threading.Event, most: int) -> Iterator[Event]:
        """Yield what it says of a task, and a heartbeat where it is silent, up to the end.

        most: characters of text that it may write.
        """
        self._written = 0
        doing, spoken, told = (
            Progress(f"Starting the {self._kind}'s process"),
            time.monotonic(),
            0.0,
        )
        while True:
            if cancel.is_set() and not told:
                told = time.monotonic()
                self.send(wire.dump(do="cancel"))
            event = self._next() or self._end(told)
            now = time.monotonic()
            if event is None:
                if now - spoken < HEARTBEAT:
                    continue
                event = doing
            doing = event if isinstance(event, Progress) else doing
            if isinstance(event, Text):
                self._written += 1
                most -= len(event.text)
                if most < 0:
                    self._give_up("wrote more than it was asked for")
                    event = Failed(self._fault)
            yield event
            spoken = now
            if isinstance(event, (Done, Failed)):
                return

    def abandon(self) -> None:
        """End the running answer and wait until it has; the process too if it does not."""
        self.send(wire.dump(do="cancel"))
        until = time.monotonic() + PATIENCE
        while self.alive and time.monotonic() < until:
            if isinstance(self._next(), (Done, Failed)):
                return
        self.end()

    def end(self) -> None:
        self._ended = True
        self._to_send.put(None)
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
        if self._fault:
            return Failed(self._fault)
        if told or self._ended:
            return Done("cancelled", self._written)
        return Failed(self._obituary())

    def _write(self, pipe: IO[str]) -> None:
        while (line := self._to_send.get()) is not None:
            try:
                pipe.write(line)
                pipe.flush()
            except (OSError, ValueError):
                self._log.append("(it did not take what it was sent)")
                return

    def _listen(self, pipe: IO[str]) -> None:
        try:
            for line in wire.lines(pipe, self._longest):
                self._hear(line)
        except wire.WireError:
            self._give_up("sent a line without an end")

    def _hear(self, line: str) -> None:
        try:
            message = wire.load(line)
            if "count" in message:
                with self._counting:
                    self._counted = wire.count_of(message)
                    self._counting.notify_all()
            else:
                self._put(wire.event_of(message))
        except wire.WireError:
            self._log.append(line[:LOG_LINE])  # something printed past the worker's own pipe

    def _put(self, event: Event) -> None:
        """Hand an event over; who is slow makes the worker wait."""
        while not self._ended:
            try:
                self._events.put(event, timeout=POLL)
                return
            except Full:
                continue

    def _keep_log(self, pipe: IO[str]) -> None:
        while line := pipe.readline(LOG_LINE):
            self._log.append(line)

    def _give_up(self, did: str) -> None:
        """End a process that does what no worker does."""
        self._fault = (
            f"The {self._kind}'s process {did}, so it was ended; the next request starts it again."
        )
        self.end()

    def _obituary(self) -> str:
        status = self._process.returncode
        memory = ", perhaps for lack of memory" if status == -9 else ""
        last = " / ".join(line.strip() for line in list(self._log) if line.strip())
        return (
            f"The {self._kind}'s process ended (status {status}{memory}); the next request "
            f"starts it again. Its last lines: {last or 'none'}"
        )


def _at(pipe: IO[str], work: Callable[[IO[str]], None]) -> threading.Thread:
    thread = threading.Thread(target=work, args=(pipe,), name="omost worker's pipe", daemon=True)
    thread.start()
    return thread
