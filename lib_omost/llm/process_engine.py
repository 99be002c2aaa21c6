"""Starts and controls a worker process with a language model; it may use another Python.

Ending the process frees all its memory.
"""

from __future__ import annotations

import collections
import subprocess
import threading
import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from pathlib import Path
from queue import Empty, Full, Queue, SimpleQueue
from typing import IO, Any

from lib_omost.llm import process_messages
from lib_omost.llm.child_process import NO_WINDOW, ROOT, clean_environment
from lib_omost.llm.engine import Done, Event, Failed, Message, Progress, Task, Text
from lib_omost.llm.event_stream import HEARTBEAT, POLL, relay
from lib_omost.llm.server.answer import max_answer_characters

CANCEL_TIMEOUT = 10.0
"""Seconds after which a process is killed if it does not end a cancelled answer."""
LOG_LINES, LOG_LINE_CHARACTERS = 8, 1000
"""Number of log lines that a crash report contains, and their maximum length in characters."""
MAX_LINE_CHARACTERS = 1 << 20
"""Maximum length of a message with a piece of an answer, in characters."""
MAX_QUEUED_EVENTS = 1000
"""Maximum number of unread events; after that the pipe fills and the worker waits."""


def worker_command(python: Path, model: str) -> list[str]:
    """Returns the command that starts a worker for a model.

    Args:
        python: The Python executable of the worker.
        model: The name of the model (see model_catalog.find_model).
    """
    return [str(python), "-m", "lib_omost.llm.process_worker", model]


class WorkerProcess:
    """A worker process that runs tasks and answers each with the events of an engine.

    The first task starts the process; a later task restarts it if it has ended. Tasks wait for each
    other. A worker that writes a longer message, or more text than requested, is ended.

    Args:
        command: The command of the process, or a function that returns it before each start.
        environment: Its environment variables; by default `clean_environment()`.
        kind: The name of its model in messages.
        max_line_characters: Maximum length of a message of the worker.
        cancel_timeout: Seconds after which the process is killed if it does not end a cancelled
            task; CANCEL_TIMEOUT by default.
    """

    def __init__(
        self,
        command: Sequence[str] | Callable[[], Sequence[str]],
        *,
        environment: Mapping[str, str] | None = None,
        kind: str = "language model",
        max_line_characters: int = MAX_LINE_CHARACTERS,
        cancel_timeout: float | None = None,
    ) -> None:
        self._command = command
        self._cancel_timeout = cancel_timeout
        self._max_line_characters = max_line_characters
        self._environment = environment
        self._kind = kind
        self._lock = threading.Lock()  # held while a task or a question uses the worker
        self._worker: _Worker | None = None

    @property
    def process_id(self) -> int | None:
        """The id of the running process, None without one."""
        return self._worker.process_id if self._worker is not None else None

    def ask(
        self,
        task: Mapping[str, Any],
        cancel: threading.Event,
        most: int = process_messages.MAX_LINE_CHARACTERS,
    ) -> Generator[Event, None, None]:
        """Runs a task and yields its events, as Engine.stream does.

        Args:
            task: The task as JSON values.
            cancel: Ends the task.
            most: Maximum length of the text that the task may write.
        """
        waited = 0.0
        while not self._lock.acquire(timeout=POLL):
            if cancel.is_set():
                yield Done("cancelled", 0)
                return
            waited += POLL
            if waited >= HEARTBEAT:
                yield Progress("Waiting for another answer to end")
                waited = 0.0
        try:
            yield from self._run_task(process_messages.dump(do="stream", task=task), cancel, most)
        finally:
            self._lock.release()

    def unload(self) -> None:
        """Ends the process and its running task; repeated calls are safe."""
        worker, self._worker = self._worker, None
        if worker is not None:
            worker.end()

    def _run_task(self, line: str, cancel: threading.Event, most: int) -> Iterator[Event]:
        if len(line) > process_messages.MAX_LINE_CHARACTERS:
            message = f"The request is too long for the {self._kind}: shorten it."
            yield Failed(message, refused=True)
            return
        try:
            worker = self._start_worker()
        except OSError as error:
            yield Failed(
                f"The {self._kind}'s process cannot be started ({error}): set up the environment "
                f"for language models again."
            )
            return
        worker.send(line)
        ended = False
        try:
            for event in worker.events(cancel, most):
                ended = isinstance(event, (Done, Failed))
                yield event
        finally:
            if not ended:  # the reader has closed the iterator
                worker.abandon()

    def _start_worker(self) -> _Worker:
        if self._worker is None or not self._worker.alive:
            self.unload()
            self._worker = _Worker(
                self._command() if callable(self._command) else self._command,
                self._environment,
                self._kind,
                self._max_line_characters,
                CANCEL_TIMEOUT if self._cancel_timeout is None else self._cancel_timeout,
            )
        return self._worker


class ProcessEngine(WorkerProcess):
    """An engine (engine.Engine) whose model runs in a worker process (`worker_command`)."""

    def stream(self, task: Task, cancel: threading.Event) -> Generator[Event, None, None]:
        """Writes an answer (Engine.stream)."""
        most = max_answer_characters(task.max_new_tokens)
        yield from self.ask(process_messages.task_fields(task), cancel, most)

    def count(self, messages: Sequence[Message]) -> int | None:
        """Returns the number of tokens of a conversation, None while no process runs or it is busy.

        Args:
            messages: The conversation.
        """
        if not self._lock.acquire(blocking=False):
            return None
        try:
            return self._worker.count(messages) if self._worker and self._worker.alive else None
        finally:
            self._lock.release()


class _Worker:
    """A started worker process with its unread events and the last lines of its log."""

    def __init__(
        self,
        command: Sequence[str],
        environment: Mapping[str, str] | None,
        kind: str,
        max_line_characters: int,
        cancel_timeout: float,
    ) -> None:
        self._kind = kind
        self._cancel_timeout = cancel_timeout
        self._max_line_characters = max_line_characters
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
        self._events: Queue[Event] = Queue(MAX_QUEUED_EVENTS)
        self._question_id = 0
        self._count_answer: tuple[int, int | None] = (0, None)  # id of a question and its answer
        self._count_condition = threading.Condition()
        self._log: collections.deque[str] = collections.deque(maxlen=LOG_LINES)
        self._ended = False  # by this process
        self._fault = ""  # the reason for ending the process
        self._written = 0
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        assert self._process.stderr is not None
        # A thread writes, so a worker that does not read cannot block this process.
        _start_thread(self._process.stdin, self._write_lines)
        self._readers = [
            _start_thread(self._process.stdout, self._read_messages),
            _start_thread(self._process.stderr, self._keep_log),
        ]

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    @property
    def process_id(self) -> int:
        return self._process.pid

    def send(self, line: str) -> None:
        """Sends a line to the process; `events` detects that the process has ended."""
        self._to_send.put(line)

    def count(self, messages: Sequence[Message]) -> int | None:
        self._question_id += 1
        number = self._question_id
        self.send(process_messages.dump(do="count", messages=list(messages), id=number))
        until = time.monotonic() + CANCEL_TIMEOUT
        with self._count_condition:
            # A late answer to an earlier question has another id.
            while self._count_answer[0] != number:
                if not self.alive or time.monotonic() >= until:
                    return None
                self._count_condition.wait(POLL)
            return self._count_answer[1]

    def events(self, cancel: threading.Event, most: int) -> Iterator[Event]:
        """Yields the events of a task until its end.

        Args:
            cancel: Ends the task.
            most: Characters of text that the worker may write.
        """
        self._written = 0
        cancelled_at = 0.0

        def check() -> None:
            nonlocal cancelled_at
            if cancel.is_set() and not cancelled_at:
                cancelled_at = time.monotonic()
                self.send(process_messages.dump(do="cancel"))

        for event in relay(
            self._events,
            check=check,
            check_silence=lambda seconds: self._end_of_task(cancelled_at),
            first_progress=Progress(f"Starting the {self._kind}'s process"),
        ):
            if isinstance(event, Text):
                self._written += 1
                most -= len(event.text)
                if most < 0:
                    self._abort("wrote more than it was asked for")
                    yield Failed(self._fault)
                    return
            yield event

    def abandon(self) -> None:
        """Cancels the running task and waits for its end; kills it after the timeout."""
        self.send(process_messages.dump(do="cancel"))
        until = time.monotonic() + self._cancel_timeout
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

    def _end_of_task(self, cancelled_at: float) -> Event | None:
        """Returns the last event of a task if no more can follow, None while more can."""
        if cancelled_at and time.monotonic() - cancelled_at > self._cancel_timeout:
            self.end()
        if self.alive:
            return None
        for reader in self._readers:
            reader.join(1)
        if not self._events.empty():
            return self._events.get()
        if self._fault:
            return Failed(self._fault)
        if cancelled_at or self._ended:
            return Done("cancelled", self._written)
        return Failed(self._crash_message())

    def _write_lines(self, pipe: IO[str]) -> None:
        while (line := self._to_send.get()) is not None:
            try:
                pipe.write(line)
                pipe.flush()
            except (OSError, ValueError):
                self._log.append("(the process did not read its input)")
                return

    def _read_messages(self, pipe: IO[str]) -> None:
        try:
            for line in process_messages.read_lines(pipe, self._max_line_characters):
                self._handle_line(line)
        except process_messages.MessageError:
            self._abort("sent a line without an end")

    def _handle_line(self, line: str) -> None:
        try:
            message = process_messages.load(line)
            if "count" in message:
                with self._count_condition:
                    self._count_answer = process_messages.parse_count(message)
                    self._count_condition.notify_all()
            else:
                self._put(process_messages.parse_event(message))
        except process_messages.MessageError:
            self._log.append(line[:LOG_LINE_CHARACTERS])  # output of a library

    def _put(self, event: Event) -> None:
        """Queues an event; a full queue makes the worker wait."""
        while not self._ended:
            try:
                self._events.put(event, timeout=POLL)
                return
            except Full:
                continue

    def _keep_log(self, pipe: IO[str]) -> None:
        while line := pipe.readline(LOG_LINE_CHARACTERS):
            self._log.append(line)

    def _abort(self, violation: str) -> None:
        """Ends a process that violates the protocol."""
        self._fault = (
            f"The {self._kind}'s process {violation}, so it was ended; the next request starts a "
            f"new process."
        )
        self.end()

    def _crash_message(self) -> str:
        status = self._process.returncode
        memory = ", perhaps for lack of memory" if status == -9 else ""
        last = " / ".join(line.strip() for line in list(self._log) if line.strip())
        return (
            f"The {self._kind}'s process ended (status {status}{memory}); the next request "
            f"starts it again. Its last lines: {last or 'none'}"
        )


def _start_thread(pipe: IO[str], work: Callable[[IO[str]], None]) -> threading.Thread:
    thread = threading.Thread(target=work, args=(pipe,), name="omost worker's pipe", daemon=True)
    thread.start()
    return thread
