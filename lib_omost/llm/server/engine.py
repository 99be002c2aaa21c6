"""Runs a language model on a server over the OpenAI chat API."""

from __future__ import annotations

import json
import queue
import threading
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lib_omost.canvas.fields import replace_surrogates
from lib_omost.llm.engine import Done, Event, Failed, Message, Progress, Task, Text
from lib_omost.llm.event_stream import relay
from lib_omost.llm.server.address import base_url, normalize_key
from lib_omost.llm.server.answer import (
    DONE,
    ServerAnswer,
    event_data,
    parse_answer_event,
)
from lib_omost.llm.server.errors import ErrorExplainer, ServerError
from lib_omost.llm.server.request import Constraint, Dialect, request_body

if TYPE_CHECKING:
    from lib_omost.llm.http_connection import Connection, Reply

__all__ = ["Dialect", "ServerEngine", "ServerError", "Timeouts"]

JOIN_SECONDS = 1.0
"""Limit of waiting for the reading thread after an answer."""

MAX_RETRY_PAUSE = 60.0
"""Longest pause before a repetition in seconds, even if a busy server requests more."""

MAX_LIST_BYTES, MAX_ERROR_BYTES = 4 << 20, 1 << 16
"""Limits of a list of models and of an error message."""

IDENTITY_FIELDS = (
    "id",
    "root",
    "owned_by",
    "meta",
    "digest",
    "fingerprint",
    "revision",
    "max_model_len",
)
"""Keys in a list of models whose values change only with the model."""

CLOCK_TOLERANCE = 3600.0
"""Tolerated difference between the clocks of the server and of this machine, in seconds."""

MIN_STREAM_BYTES, MAX_STREAM_BYTES, STREAM_BYTES_PER_TOKEN = 1 << 20, 256 << 20, 4096
"""Limits of a streamed answer. Each token arrives in a JSON object of some hundred bytes."""


@dataclass(frozen=True)
class Timeouts:
    """Time limits of a server, all in seconds.

    Attributes:
        connect: Limit for a connection.
        first_text: Limit for the first text of an answer.
        between_texts: Limit between two texts.
        model_list: Limit for the complete list of models.
        per_token: Time for each requested token. A complete answer may take `first_text` plus
            this time for all tokens.
        retry_pauses: Pauses before the repetitions of a request; one repetition for each pause, and
            none after the first text.
    """

    connect: float = 10
    first_text: float = 300
    between_texts: float = 60
    model_list: float = 30
    per_token: float = 5
    retry_pauses: tuple[float, ...] = (1, 2, 4, 8, 16)


TIMEOUTS = Timeouts()


class ServerEngine:
    """Runs a language model on a server with OpenAI's chat API (an engine.Engine).

    Works with Ollama, llama.cpp, vLLM, TGI, LM Studio and `transformers serve`. A JSON schema or
    a grammar restricts the answers of models that are not trained on canvases. A server that
    rejects the schema is asked for any JSON object, then for unrestricted text. Omost models are
    trained on code; they get no schema, and a grammar only if the task requests it.
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
        dialect: Dialect = "openai",
        timeouts: Timeouts = TIMEOUTS,
    ) -> None:
        """Creates the engine without connecting to the server.

        Args:
            address: The server's address as a user types it.
            key: API key, sent only to this server and never shown; empty for none.
            model: The model's name on the server; empty for the first of the server's list.
            schema: JSON schema of a canvas; None for no restriction.
            grammar: Grammar of a canvas in GBNF; empty for no restriction.
            edit_grammar: Grammar for conversations that contain an answer; empty for `grammar`.
            dialect: The request field of the restriction, which selects schema or grammar.
            timeouts: Time limits.

        Raises:
            ValueError: The address or the key is unusable; the message is for the user.
        """
        self.address = base_url(address)
        self.model = model.strip()
        self.timeouts = timeouts
        self._key = normalize_key(key)
        self._constraint = Constraint(schema, grammar, dialect, edit_grammar)
        self._errors = ErrorExplainer(self.address, self._key)

    def __repr__(self) -> str:
        return f"ServerEngine({self.address!r}, model={self.model!r})"

    def models(self) -> list[str]:
        """Fetches the names of the server's models.

        Raises:
            ServerError: The request failed; the message is for the user.
        """
        try:
            return [
                replace_surrogates(str(entry["id"]))
                for entry in self._fetch_models(self._connection())
            ]
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
            models = self._fetch_models(self._connection())
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
        pieces = 0
        began = time.monotonic()

        def check() -> Event | None:
            if cancel.is_set():
                connection.abort()
                return Done("cancelled", pieces)
            if time.monotonic() - began > limit:
                connection.abort()
                return Failed(str(self._errors.overlong_answer(limit, begun=pieces > 0)))
            return None

        def check_silence(seconds: float) -> Event | None:
            limit = self.timeouts.between_texts if pieces else self.timeouts.first_text
            if seconds <= limit:
                return None
            connection.abort()
            return Failed(str(self._errors.silence(limit, begun=pieces > 0)))

        def progress(seconds: float) -> Progress:
            return Progress(f"Waiting for {self.address}, {seconds:.0f} s.")

        for event in relay(events, check=check, check_silence=check_silence, progress=progress):
            pieces += isinstance(event, Text)
            yield event

    def _read(self, task: Task, connection: Connection, put: Callable[[Event], None]) -> None:
        """Puts the events of an answer; the last is always Done or Failed. Runs in the thread."""
        try:
            put(self._request_answer(task, connection, put))
        except Exception as error:
            put(Failed(str(self._errors.from_exception(error))))

    def _request_answer(
        self, task: Task, connection: Connection, put: Callable[[Event], None]
    ) -> Done:
        """Requests an answer, and repeats a request that failed before the first text.

        Raises:
            ServerError: The last request failed.
        """
        model, alternative = self.model, 0
        pauses = list(self.timeouts.retry_pauses)
        while True:
            answer, fields = ServerAnswer(put, task.max_new_tokens), {}
            try:
                model = model or self._first_model(connection)
                fields = self._constraint.field_alternatives(task, model)[alternative]
                self._stream_answer({**request_body(task, model), **fields}, connection, answer)
                return answer.done()
            except Exception as raised:
                error = self._errors.from_exception(raised, begun=answer.pieces > 0)
            if answer.pieces:
                raise error
            if error.unsupported_option and fields:
                alternative += 1
                put(Progress("The server rejects a field of the request; trying without it."))
            elif error.is_temporary and pauses:
                pause = min(max(pauses.pop(0), error.retry_after), MAX_RETRY_PAUSE)
                put(Progress(f"Trying again in {pause:g} s. {error}"))
                if connection.wait(pause):
                    raise error
            else:
                raise error

    def _stream_answer(
        self, body: dict[str, Any], connection: Connection, answer: ServerAnswer
    ) -> None:
        """Sends one request and adds the events of its response to the answer."""
        url = f"{self.address}/chat/completions"
        with connection.send("POST", url, body) as response:
            self._check(response, body["model"])
            max_bytes = min(
                MIN_STREAM_BYTES + STREAM_BYTES_PER_TOKEN * body["max_tokens"], MAX_STREAM_BYTES
            )
            for data in _until_break(_answer_data(response, max_bytes), answer):
                if data.strip() == DONE:
                    answer.finish = answer.finish or "stop"
                    break
                event = parse_answer_event(data)
                if event.error:
                    raise self._errors.reported_error(event.status, event.error, body["model"])
                answer.add(event)
                if answer.full:
                    break
        if not answer.finish:
            raise self._errors.broken_connection() if answer.pieces else self._errors.not_openai()

    def _check(self, response: Reply, model: str) -> None:
        """Raises ServerError for a redirect, an error status or an HTML page."""
        if response.redirect is not None:
            raise self._errors.redirect(response.redirect)
        if not response.ok:
            retry_after = response.headers.get("Retry-After", "")
            raise self._errors.reported_error(
                response.status,
                response.beginning(MAX_ERROR_BYTES),
                model,
                float(retry_after) if retry_after.isdecimal() else 0,
            )
        if "html" in response.headers.get("Content-Type", ""):
            raise self._errors.not_openai()

    def _fetch_models(self, connection: Connection) -> list[dict[str, Any]]:
        """Fetches the server's list of models; each entry has an "id"."""
        url = f"{self.address}/models"
        with connection.send(
            "GET", url, read_timeout=self.timeouts.connect, total_timeout=self.timeouts.model_list
        ) as response:
            self._check(response, self.model)
            body = response.body(MAX_LIST_BYTES)
        try:
            # Ollama without a model returns null instead of an empty list.
            entries = json.loads(body.decode(errors="replace"), strict=False)["data"] or []
            return [dict(entry, id=entry["id"]) for entry in entries]
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise self._errors.not_openai() from error

    def _first_model(self, connection: Connection) -> str:
        models = self._fetch_models(connection)
        if not models:
            raise ServerError(f"{self.address} has no model; load one there first.")
        return replace_surrogates(str(models[0]["id"]))

    def _connection(self) -> Connection:
        # Imported late: only users of a server need the package requests.
        from lib_omost.llm.http_connection import Connection

        return Connection(f"Bearer {self._key}" if self._key else "", self.timeouts.connect)


def model_identity(entry: Mapping[str, Any], now: float) -> str:
    """Returns the values of a model in a server's list that change only with the model, as JSON.

    "created" is the time of the request in llama.cpp and vLLM, and the time of the model's
    creation in Ollama. A time close to `now` is therefore left out.

    Args:
        entry: The model's entry in the list.
        now: Time of the request, in seconds since 1970.
    """
    same = {name: entry[name] for name in IDENTITY_FIELDS if name in entry}
    created = entry.get("created")
    if isinstance(created, (int, float)) and now - created > CLOCK_TOLERANCE:
        same["created"] = created
    return json.dumps(same, sort_keys=True)


def _answer_data(response: Reply, max_bytes: int) -> Iterator[str]:
    """Yields the JSON texts of a response; a server that cannot stream sends a single text."""
    if "json" in response.headers.get("Content-Type", ""):
        return iter([response.body(max_bytes).decode(errors="replace")])
    return event_data(response.chunks(max_bytes))


def _until_break(data: Iterable[str], answer: ServerAnswer) -> Iterator[str]:
    """Yields the data; ignores a broken connection after the answer is finished."""
    from requests import RequestException

    try:
        yield from data
    except RequestException:
        if not answer.finish:
            raise
