"""Runs a language model on a server over the OpenAI chat API."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from lib_omost.llm.engine import Done, Event, Failed, Message, Progress, Task, Text, Thinking
from lib_omost.llm.event_stream import relay
from lib_omost.llm.server.adaptation_memory import PROCESS_MEMORY, AdaptationMemory
from lib_omost.llm.server.address import base_url, normalize_key
from lib_omost.llm.server.answer import ServerAnswer
from lib_omost.llm.server.client import ServerClient, Timeouts
from lib_omost.llm.server.errors import ErrorExplainer, ServerError
from lib_omost.llm.server.model_list import chat_models, model_identity
from lib_omost.llm.server.request import Constraint, Dialect, request_body

if TYPE_CHECKING:
    from lib_omost.llm.http_connection import Connection

__all__ = ["Dialect", "ServerEngine", "ServerError", "Timeouts"]

THINKS_NEVERTHELESS = (
    "The model thinks although “Thinking” is off: the model or its server ignores the switch."
)

JOIN_SECONDS = 1.0
"""Limit of waiting for the reading thread after an answer."""

MAX_RETRY_PAUSE = 60.0
"""Longest pause before a repetition in seconds, even if a busy server requests more."""

TIMEOUTS = Timeouts()


class ServerEngine:
    """Runs a language model on a server with OpenAI's chat API (an engine.Engine).

    Works with Ollama, llama.cpp, vLLM, SGLang, TGI, LM Studio, `transformers serve` and hosted
    services. A JSON schema or a grammar restricts the answers of models that are not trained on
    canvases. Omost models are trained on code; they get no schema, and a grammar only if the task
    requests it. If a server rejects a part of a request, the request is adapted (adaptation.py).
    """

    def __init__(
        self,
        address: str,
        key: str = "",
        model: str = "",
        *,
        schema: Mapping[str, Any] | None = None,
        grammar: str = "",
        edit_grammar: str = "",
        edit_schema: Mapping[str, Any] | None = None,
        dialect: Dialect = "openai",
        timeouts: Timeouts = TIMEOUTS,
        adaptations: AdaptationMemory = PROCESS_MEMORY,
    ) -> None:
        """Creates the engine without connecting to the server.

        Args:
            address: The server's address as a user types it.
            key: API key, sent only to this server and never shown; empty for none.
            model: The model's name on the server; empty for the first of the server's list.
            schema: JSON schema of a canvas; None for no restriction.
            grammar: Grammar of a canvas in GBNF; empty for no restriction.
            edit_grammar: Grammar for conversations that contain an answer; empty for `grammar`.
            edit_schema: JSON schema for conversations that contain an answer; None for `schema`.
            dialect: The request field of the restriction, which selects schema or grammar.
            timeouts: Time limits.
            adaptations: The adaptations of former requests.

        Raises:
            ValueError: The address or the key is unusable; the message is for the user.
        """
        self.address = base_url(address)
        self.model = model.strip()
        self.timeouts = timeouts
        self._adaptations = adaptations
        self._key = normalize_key(key)
        self._constraint = Constraint(schema, grammar, dialect, edit_grammar, edit_schema)
        self._errors = ErrorExplainer(self.address, self._key)

    def __repr__(self) -> str:
        return f"ServerEngine({self.address!r}, model={self.model!r})"

    def models(self) -> list[str]:
        """Fetches the names of the server's models; those that do not chat come last.

        Raises:
            ServerError: The request failed; the message is for the user.
        """
        try:
            return chat_models(self._client(self._connection()).list_models(self.model))
        except ServerError:
            raise
        except Exception as error:
            raise self._errors.from_exception(error) from error

    def identity(self) -> str:
        """Fetches a text that changes when the server loads another model under the same name.

        Raises:
            ServerError: The request failed, or the server does not list the model.
        """
        try:
            models = self._client(self._connection()).list_models(self.model)
        except Exception as error:
            raise self._errors.from_exception(error) from error
        for entry in models:
            if self.model in ("", entry["id"]):
                return model_identity(entry, time.time())
        raise ServerError(f"{self.address} does not list {self.model}.")

    def count(self, messages: Sequence[Message]) -> int | None:
        """Returns None, because the API does not count the tokens of a prompt in advance."""
        return None

    def unload(self) -> None:
        """Does nothing, because the server manages the memory of its models."""

    def stream(self, task: Task, cancel: threading.Event) -> Generator[Event, None, None]:
        """Streams the answer to a task (see Engine.stream).

        `Done` counts tokens if the server counts them, otherwise events with text.

        Args:
            task: Messages and sampling settings.
            cancel: Set by another thread to end the answer.
        """
        connection = self._connection()
        events: queue.SimpleQueue[Event] = queue.SimpleQueue()
        # A daemon thread, and a limited join: name resolution cannot be interrupted. A thread in
        # name resolution ends by itself later and sends nothing.
        reader = threading.Thread(
            target=self._read, args=(task, connection, events.put), name="omost-server", daemon=True
        )
        try:
            reader.start()
            limit = self.timeouts.first_text + self.timeouts.per_token * task.max_new_tokens
            yield from self._relay(events, connection, cancel, limit)
        finally:
            connection.abort()
            reader.join(JOIN_SECONDS)

    def _relay(
        self,
        events: queue.SimpleQueue[Event],
        connection: Connection,
        cancel: threading.Event,
        limit: float,
    ) -> Iterator[Event]:
        """Yields the reading thread's events; ends the answer on cancel and after a time-out."""
        pieces = thoughts = 0
        began = time.monotonic()

        def check() -> Event | None:
            if cancel.is_set():
                connection.abort()
                return Done("cancelled", pieces, thinking_tokens=thoughts)
            if time.monotonic() - began > limit:
                connection.abort()
                return Failed(str(self._errors.overlong_answer(limit, begun=pieces > 0)))
            return None

        def check_silence(seconds: float) -> Event | None:
            has_begun = pieces or thoughts
            limit = self.timeouts.between_texts if has_begun else self.timeouts.first_text
            if seconds <= limit:
                return None
            connection.abort()
            return Failed(str(self._errors.silence(limit, begun=pieces > 0)))

        def progress(seconds: float) -> Progress:
            return Progress(f"Waiting for {self.address}, {seconds:.0f} s.")

        for event in relay(events, check=check, check_silence=check_silence, progress=progress):
            pieces += isinstance(event, Text)
            thoughts += isinstance(event, Thinking)
            yield event

    def _read(self, task: Task, connection: Connection, put: Callable[[Event], None]) -> None:
        """Puts the events of an answer; the last is always Done or Failed. Runs in the thread."""
        try:
            put(self._request_answer(task, connection, put))
        except Exception as error:
            put(Failed(str(self._errors.from_exception(error))))

    def _request_answer(
        self, task: Task, connection: Connection, put: Callable[[Event], None]
    ) -> Done | Failed:
        """Requests an answer; adapts or repeats a request that failed before the first text.

        Raises:
            ServerError: The last request failed.
        """
        client = self._client(connection)
        model = self.model
        pauses = list(self.timeouts.retry_pauses)
        repeated = 0
        while not model:
            try:
                model = client.choose_model()
            except Exception as raised:
                error = self._errors.from_exception(raised)
                self._wait(error, repeated, pauses, connection, put)
                repeated += 1
        adaptation = self._adaptations.recall(self.address, model)
        constraints = self._constraint.field_alternatives(task, model)
        plain = request_body(task, model, urlsplit(self.address).hostname or "")
        repeated, former_error = 0, ""
        while True:
            answer = ServerAnswer(put, task.max_new_tokens)
            body = adaptation.apply(plain, constraints)
            try:
                client.stream_answer(body, task.max_new_tokens, answer)
                self._adaptations.remember(self.address, model, adaptation)
                return _with_remark(answer.done(), task)
            except Exception as raised:
                error = self._errors.from_exception(raised, begun=answer.has_text)
            if answer.has_begun:
                raise error
            reply = error.reply
            is_same = reply is not None and reply.text == former_error
            adapted = reply and adaptation.after(reply, body, constraints, is_same_error=is_same)
            if reply and adapted:
                adaptation, repeated, former_error = adapted, 0, reply.text
                reason = self._errors.sanitize(reply.text) or "without a reason"
                put(Progress(f"The server rejects the request ({reason}); trying another form."))
            else:
                self._wait(error, repeated, pauses, connection, put)
                repeated += 1

    def _wait(
        self,
        error: ServerError,
        repeated: int,
        pauses: list[float],
        connection: Connection,
        put: Callable[[Event], None],
    ) -> None:
        """Waits before the repetition of a request.

        Args:
            error: The error of the request.
            repeated: Number of repetitions of this request before.
            pauses: The pauses that are left; the next one is removed.
            connection: Ends the pause if the answer is cancelled.
            put: Receives a progress report.

        Raises:
            ServerError: `error`, if a repetition cannot help or the answer is cancelled.
        """
        is_useless = error.repetitions is not None and repeated >= error.repetitions
        if is_useless or not pauses or error.retry_after > MAX_RETRY_PAUSE:
            raise error
        pause = max(pauses.pop(0), error.retry_after)
        put(Progress(f"Trying again in {pause:g} s. {error}"))
        if connection.wait(pause):
            raise error

    def _client(self, connection: Connection) -> ServerClient:
        return ServerClient(self._errors, connection, self.timeouts)

    def _connection(self) -> Connection:
        # Imported late: only users of a server need the package requests.
        from lib_omost.llm.http_connection import Connection

        return Connection(f"Bearer {self._key}" if self._key else "", self.timeouts.connect)


def _with_remark(end: Done | Failed, task: Task) -> Done | Failed:
    """Adds the remark that a model thinks although the task turns thinking off."""
    if isinstance(end, Failed) or task.thinking != "off" or not end.thinking_tokens:
        return end
    return replace(end, remarks=(*end.remarks, THINKS_NEVERTHELESS))
