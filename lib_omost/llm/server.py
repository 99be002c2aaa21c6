"""A language model on a server that the user runs, over OpenAI's chat API."""

from __future__ import annotations

import json
import queue
import threading
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lib_omost.llm.engine import Done, Event, Failed, Message, Progress, Task, Text
from lib_omost.llm.server_address import base_url, sendable_key
from lib_omost.llm.server_answer import DONE, Answer, event_data, read_piece, whole_text
from lib_omost.llm.server_errors import Explainer, ServerError
from lib_omost.llm.server_request import Constraint, Dialect, request

if TYPE_CHECKING:
    from lib_omost.llm.server_connection import Connection, Reply

__all__ = ["Dialect", "Patience", "ServerEngine", "ServerError"]

POLL_SECONDS = 0.05
HEARTBEAT_SECONDS = 0.5
JOIN_SECONDS = 1.0
LONGEST_WAIT = 60.0
"""In seconds, whatever a busy server asks for."""

MOST_OF_LIST, MOST_OF_ERROR = 4 << 20, 1 << 16
"""Bytes that are read of a list of models, and of what a server says of an error."""

LASTING = ("id", "root", "owned_by", "meta", "digest", "fingerprint", "revision", "max_model_len")
"""What lists of models say of a model that changes with it only."""

CLOCKS_DIFFER = 3600.0
"""Seconds by which the server's clock may differ from ours."""

LEAST_STREAM, MOST_STREAM, BYTES_A_TOKEN = 1 << 20, 256 << 20, 4096
"""Bytes that are read of an answer, by its tokens: each comes in a frame of some hundred bytes."""


@dataclass(frozen=True)
class Patience:
    """How many seconds to wait for a connection, the first word, and each next one.

    listing: for a whole list of models. token: for each token that an answer may have, beside the
    time for the first word. It is the slowest rate that we believe: a server that keeps sending a
    little is left then. pauses: before each new try, as long as nothing is written; as many tries
    as there are pauses.
    """

    connect: float = 10
    first: float = 300
    between: float = 60
    listing: float = 30
    token: float = 5
    pauses: tuple[float, ...] = (1, 2, 4, 8, 16)


PATIENCE = Patience()


class ServerEngine:
    """An Engine that asks a server: Ollama, llama.cpp, vLLM, TGI, LM Studio, transformers serve.

    address: as people type it. key: sent to this server only, shown nowhere. model: its name
    there; "" takes the first of the server's list. schema, grammar: what holds a model that was
    not trained on canvases to one, as JSON schema and as GBNF; the dialect says which is sent.
    grammar_of_edits: the grammar where the conversation has an answer already, "" for the same.
    The answer under a schema is JSON, under a grammar what the grammar says; a server that does
    not know the schema is asked for any JSON, then without. Omost models get no schema, as they
    were trained on code, and a grammar only where the task wants it.

    Raises ValueError, in a sentence for the user, for an unusable address or key.
    """

    def __init__(
        self,
        address: str,
        key: str = "",
        model: str = "",
        *,
        schema: Mapping[str, Any] | None = None,
        grammar: str = "",
        grammar_of_edits: str = "",
        dialect: Dialect = "openai",
        patience: Patience = PATIENCE,
    ) -> None:
        self.address = base_url(address)
        self.model = model.strip()
        self.patience = patience
        self._key = sendable_key(key)
        self._constraint = Constraint(schema, grammar, dialect, grammar_of_edits)
        self._explain = Explainer(self.address, self._key)

    def __repr__(self) -> str:
        return f"ServerEngine({self.address!r}, model={self.model!r})"

    def models(self) -> list[str]:
        """Fetch the names of the server's models. Raises ServerError, a sentence for the user."""
        try:
            return [whole_text(str(entry["id"])) for entry in self._listed(self._connection())]
        except ServerError:
            raise
        except Exception as error:
            raise self._explain.failure(error) from error

    def identity(self) -> str:
        """Return what differs once the server has loaded another model, from its list of models.

        Raises:
            ServerError: The server cannot be asked, or does not list the model.
        """
        try:
            listed = self._listed(self._connection())
        except Exception as error:
            raise self._explain.failure(error) from error
        for entry in listed:
            if self.model in ("", entry["id"]):
                return model_identity(entry, time.time())
        raise ServerError(f"{self.address} does not list {self.model}.")

    def count(self, messages: Sequence[Message]) -> int | None:
        """Return None: the API counts tokens only of what is answered."""
        return None

    def unload(self) -> None:
        """Do nothing: the model's memory is the server's own."""

    def stream(self, task: Task, cancel: threading.Event) -> Generator[Event, None, None]:
        """Write an answer, as Engine says.

        Done counts tokens where the server does, otherwise pieces of text. What was yielded
        before a Failed is all that came.
        """
        connection = self._connection()
        events: queue.SimpleQueue[Event] = queue.SimpleQueue()
        # A daemon, and not waited for without end: looking up a name cannot be interrupted. Such
        # a thread ends by itself and sends nothing.
        reader = threading.Thread(
            target=self._read, args=(task, connection, events.put), name="omost-server", daemon=True
        )
        try:
            reader.start()
            longest = self.patience.first + self.patience.token * task.max_new_tokens
            yield from self._relay(events, connection, cancel, longest)
        finally:
            connection.cut()
            reader.join(JOIN_SECONDS)

    def _relay(
        self,
        events: queue.SimpleQueue[Event],
        connection: Connection,
        cancel: threading.Event,
        longest: float,
    ) -> Iterator[Event]:
        """Hand on what the reading thread puts; heartbeats, time-outs and cancelling are here."""
        pieces = 0
        begun = heard = shown = time.monotonic()
        while not cancel.is_set():
            if time.monotonic() - begun > longest:
                connection.cut()
                yield Failed(str(self._explain.endless(longest, begun=pieces > 0)))
                return
            try:
                event = events.get(timeout=POLL_SECONDS)
            except queue.Empty:
                now = time.monotonic()
                limit = self.patience.between if pieces else self.patience.first
                if now - heard > limit:
                    connection.cut()
                    yield Failed(str(self._explain.silence(limit, begun=pieces > 0)))
                    return
                if now - shown >= HEARTBEAT_SECONDS:
                    shown = now
                    yield Progress(f"Waiting for {self.address}, {now - heard:.0f} s.")
                continue
            pieces += isinstance(event, Text)
            yield event
            if isinstance(event, (Done, Failed)):
                return
            heard = shown = time.monotonic()
        connection.cut()
        yield Done("cancelled", pieces)

    def _read(self, task: Task, connection: Connection, put: Callable[[Event], None]) -> None:
        """Run in the thread: put an answer's events, whatever happens a Done or Failed last."""
        try:
            put(self._answer(task, connection, put))
        except Exception as error:
            put(Failed(str(self._explain.failure(error))))

    def _answer(self, task: Task, connection: Connection, put: Callable[[Event], None]) -> Done:
        """Ask until there is an answer; raises ServerError for the last try's error."""
        model, refused = self.model, 0
        pauses = list(self.patience.pauses)
        while True:
            answer, form = Answer(put, task.max_new_tokens), {}
            try:
                model = model or self._first_model(connection)
                form = self._constraint.forms(task, model)[refused]
                self._ask({**request(task, model), **form}, connection, answer)
                return answer.done()
            except Exception as raised:
                error = self._explain.failure(raised, begun=answer.pieces > 0)
            if answer.pieces:
                raise error
            if error.about_form and form:
                refused += 1
                put(Progress("The server does not know how we asked; asking in a simpler way."))
            elif error.passing and pauses:
                pause = min(max(pauses.pop(0), error.wait), LONGEST_WAIT)
                put(Progress(f"Trying again in {pause:g} s. {error}"))
                if connection.wait(pause):
                    raise error
            else:
                raise error

    def _ask(self, body: dict[str, Any], connection: Connection, answer: Answer) -> None:
        """Send one request and add what comes to the answer."""
        url = f"{self.address}/chat/completions"
        with connection.ask("POST", url, body) as response:
            self._check(response, body["model"])
            most = min(LEAST_STREAM + BYTES_A_TOKEN * body["max_tokens"], MOST_STREAM)
            for data in _unbroken(_data(response, most), answer):
                if data.strip() == DONE:
                    answer.finish = answer.finish or "stop"
                    break
                piece = read_piece(data)
                if piece.error:
                    raise self._explain.refusal(piece.status, piece.error, body["model"])
                answer.add(piece)
                if answer.full:
                    break
        if not answer.finish:
            raise self._explain.dropped() if answer.pieces else self._explain.not_openai()

    def _check(self, response: Reply, model: str) -> None:
        """Raise ServerError for a response that is no answer."""
        if response.redirect is not None:
            raise self._explain.redirect(response.redirect)
        if not response.ok:
            wait = response.headers.get("Retry-After", "")
            raise self._explain.refusal(
                response.status,
                response.beginning(MOST_OF_ERROR),
                model,
                float(wait) if wait.isdecimal() else 0,
            )
        if "html" in response.headers.get("Content-Type", ""):
            raise self._explain.not_openai()

    def _listed(self, connection: Connection) -> list[dict[str, Any]]:
        """Fetch the server's list of models: mappings that have an "id"."""
        url = f"{self.address}/models"
        with connection.ask(
            "GET", url, answer_seconds=self.patience.connect, whole_seconds=self.patience.listing
        ) as response:
            self._check(response, self.model)
            body = response.body(MOST_OF_LIST)
        try:
            # Ollama without a model says null.
            entries = json.loads(body.decode(errors="replace"), strict=False)["data"] or []
            return [dict(entry, id=entry["id"]) for entry in entries]
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise self._explain.not_openai() from error

    def _first_model(self, connection: Connection) -> str:
        models = self._listed(connection)
        if not models:
            raise ServerError(f"{self.address} has no model; load one there first.")
        return whole_text(str(models[0]["id"]))

    def _connection(self) -> Connection:
        # Here, as it imports requests, which only those need who have a server.
        from lib_omost.llm.server_connection import Connection

        return Connection(f"Bearer {self._key}" if self._key else "", self.patience.connect)


def model_identity(entry: Mapping[str, Any], now: float) -> str:
    """Return what a server says of a model that stays the same as long as the model does.

    llama.cpp and vLLM say as "created" when they were asked; Ollama says when the model was made.
    """
    same = {name: entry[name] for name in LASTING if name in entry}
    created = entry.get("created")
    if isinstance(created, (int, float)) and now - created > CLOCKS_DIFFER:
        same["created"] = created
    return json.dumps(same, sort_keys=True)


def _data(response: Reply, most: int) -> Iterator[str]:
    """Yield the JSON texts of a response; a server that cannot stream sends one."""
    if "json" in response.headers.get("Content-Type", ""):
        return iter([response.body(most).decode(errors="replace")])
    return event_data(response.chunks(most))


def _unbroken(data: Iterable[str], answer: Answer) -> Iterator[str]:
    """Yield data up to a break of the connection, which does no harm to a finished answer."""
    from requests import RequestException

    try:
        yield from data
    except RequestException:
        if not answer.finish:
            raise
