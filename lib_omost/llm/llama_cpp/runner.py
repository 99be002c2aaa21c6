"""Runs one GGUF model with llama.cpp, inside a worker process.

Chat requests call llama.cpp's server directly. The server also opens a free port of this machine
behind a random key; the worker uses this port only to count tokens.
"""

from __future__ import annotations

import http.client
import json
import secrets
import threading
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from queue import SimpleQueue
from typing import Any

from lib_omost.llm.engine import Done, Event, Failed, Message, Progress, Task
from lib_omost.llm.event_stream import POLL, relay
from lib_omost.llm.failures import CancelledError, UnusableError
from lib_omost.llm.llama_cpp.answer_chunks import ChunkedAnswer
from lib_omost.llm.llama_cpp.server_loading import ModelOptions, load_server

COUNT_TIMEOUT = 5.0
"""Seconds that the count of tokens may take."""


@dataclass(frozen=True)
class ChatTask:
    """A task with further fields of llama.cpp's chat request.

    Attributes:
        task: The task.
        fields: Further fields, such as "grammar" or "response_format".
    """

    task: Task
    fields: Mapping[str, Any] = field(default_factory=dict)


class Runner:
    """Loads a model at the first task and answers one task at a time (an engine of a worker).

    Args:
        options: The model.
    """

    def __init__(self, options: ModelOptions) -> None:
        self._options = options
        self._lock = threading.Lock()  # held while a thread of a task uses the model
        self._server: Any = None
        self._key = secrets.token_hex(16)

    def stream(self, chat: ChatTask, cancel: threading.Event) -> Generator[Event, None, None]:
        """Writes an answer (Engine.stream).

        A cancelled task ends for its reader at once. Its thread ends after the present pass of the
        model, and the next task waits for it.
        """
        closed = threading.Event()
        job = _ChatJob(chat, lambda: cancel.is_set() or closed.is_set())
        thread = threading.Thread(target=self._run, args=(job,), name="llama.cpp", daemon=True)
        thread.start()
        try:
            yield from relay(
                job.events,
                check=lambda: Done("cancelled", job.answer.pieces) if cancel.is_set() else None,
            )
        finally:
            closed.set()

    def count(self, messages: Sequence[Message]) -> int | None:
        """Returns the number of tokens of a conversation, None before the model is loaded.

        Args:
            messages: The conversation.
        """
        if self._server is None:
            return None
        address = self._server.listening_address.partition("://")[2]
        connection = http.client.HTTPConnection(address, timeout=COUNT_TIMEOUT)
        try:
            connection.request(
                "POST",
                "/v1/chat/completions/input_tokens",
                json.dumps({"messages": list(messages)}),
                {"Authorization": f"Bearer {self._key}", "Content-Type": "application/json"},
            )
            counted = json.loads(connection.getresponse().read()).get("input_tokens")
        except (OSError, ValueError, http.client.HTTPException):
            return None
        finally:
            connection.close()
        return counted if type(counted) is int else None

    def unload(self) -> None:
        """Frees the memory of the model."""
        with self._lock:
            self._server = None

    def _run(self, job: _ChatJob) -> None:
        """Runs a task in its thread; every path emits a last event for the reader."""
        try:
            while not self._lock.acquire(timeout=POLL):
                job.step("Waiting for another answer to end")
            try:
                end: Done | Failed = self._answer(job)
            finally:
                self._lock.release()
        except CancelledError:
            end = Done("cancelled", job.answer.pieces)
        except UnusableError as error:
            end = Failed(str(error))
        except Exception as error:
            reason = next(iter(str(error).splitlines()), type(error).__name__).rstrip(".")
            end = Failed(f"llama.cpp failed ({reason}): try again, or choose another model.")
        job.events.put(end)

    def _answer(self, job: _ChatJob) -> Done | Failed:
        if self._server is None:
            self._server = load_server(self._options, self._key, job.step)
        job.step("Reading the conversation")
        self._server.handle_chat_completions(json.dumps(chat_request(job.chat)), job.receive)
        if job.error is not None:
            raise job.error
        return job.answer.end(cancelled=job.is_stopped())


class _ChatJob:
    """A running task: its events, and the condition that ends it."""

    def __init__(self, chat: ChatTask, is_stopped: Callable[[], bool]) -> None:
        self.chat = chat
        self.is_stopped = is_stopped
        self.events: SimpleQueue[Event] = SimpleQueue()
        self.answer = ChunkedAnswer(self.events.put)
        self.error: Exception | None = None

    def step(self, message: str, fraction: float | None = None) -> None:
        """Reports the next step.

        Raises:
            CancelledError: The task is cancelled.
        """
        if self.is_stopped():
            raise CancelledError
        self.events.put(Progress(message, fraction))

    def receive(self, chunk: str) -> bool:
        """Receives a part of llama.cpp's answer; True ends the answer."""
        try:
            return self.is_stopped() or self.answer.add(json.loads(chunk))
        except Exception as error:  # xllamacpp would drop it
            self.error = error
            return True


def chat_request(chat: ChatTask) -> dict[str, Any]:
    """Returns the request to llama.cpp for a task.

    Args:
        chat: The task.
    """
    task = chat.task
    return {
        "messages": list(task.messages),
        "max_tokens": task.max_new_tokens,
        "temperature": task.temperature,
        "top_p": task.top_p,
        "samplers": ["temperature", "top_p"],  # plain nucleus sampling
        "seed": task.seed % (2**32 - 1),  # the last number stands for a random seed
        "stream": True,
        "stream_options": {"include_usage": True},
        "return_progress": True,
        "cache_prompt": True,
        **chat.fields,
    }
