"""Sends the requests of one task to a server and checks its responses."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from lib_omost.llm.server.answer import ServerAnswer, parse_answer_event
from lib_omost.llm.server.errors import ErrorExplainer, ServerError
from lib_omost.llm.server.model_list import NAMELESS_MODEL, can_chat, chat_models, parse_models
from lib_omost.llm.server.sent_events import DONE, answer_data

if TYPE_CHECKING:
    from lib_omost.llm.http_connection import Connection, Reply

MAX_LIST_BYTES, MAX_ERROR_BYTES = 4 << 20, 1 << 16
"""Limits of a list of models and of an error message."""

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


class ServerClient:
    """Sends requests to one server over one connection, one after the other.

    Args:
        errors: Explains the errors of the server; has its address.
        connection: The connection, which other threads may abort.
        timeouts: Time limits.
    """

    def __init__(self, errors: ErrorExplainer, connection: Connection, timeouts: Timeouts) -> None:
        self._errors = errors
        self._connection = connection
        self._timeouts = timeouts

    def list_models(self, model: str = "") -> list[dict[str, Any]]:
        """Fetches the server's list of models; each entry has an "id".

        Args:
            model: Name of the model that is wanted, for error messages.

        Raises:
            ServerError: The server reports an error or sends no list.
        """
        url = f"{self._errors.address}/models"
        with self._connection.send(
            "GET", url, read_timeout=self._timeouts.connect, total_timeout=self._timeouts.model_list
        ) as response:
            self._check(response, model)
            body = response.body(MAX_LIST_BYTES)
        entries = parse_models(body.decode(errors="replace"))
        if entries is None:
            raise self._errors.not_openai()
        return entries

    def choose_model(self) -> str:
        """Fetches the name of the first model in the server's list that can chat.

        A server without a list usually has a single model and ignores the name in a request.

        Raises:
            ServerError: The server reports an error or has no model that can chat.
        """
        try:
            models = self.list_models()
        except ServerError as error:
            if error.reply is not None and error.reply.kind == "route":
                return NAMELESS_MODEL
            raise
        if not models:
            raise ServerError(f"{self._errors.address} has no model; load one there first.")
        if not any(map(can_chat, models)):
            raise ServerError(
                f"{self._errors.address} lists no model that writes text, only models such as "
                f'"{self._errors.sanitize(models[0]["id"])}"; load a chat model there, or enter '
                "its name."
            )
        return chat_models(models)[0]

    def stream_answer(self, body: dict[str, Any], max_tokens: int, answer: ServerAnswer) -> None:
        """Sends a chat request and adds the events of the response to an answer.

        Args:
            body: Body of the request.
            max_tokens: Maximum number of the answer's tokens, which limits the response.
            answer: Collects the events.

        Raises:
            ServerError: The server reports an error, or the answer has no end.
            requests.RequestException: The request failed.
        """
        url = f"{self._errors.address}/chat/completions"
        with self._connection.send("POST", url, body) as response:
            self._check(response, body["model"])
            max_bytes = min(
                MIN_STREAM_BYTES + STREAM_BYTES_PER_TOKEN * max_tokens, MAX_STREAM_BYTES
            )
            for data in _until_break(answer_data(response.chunks(max_bytes)), answer):
                if data.strip() == DONE:
                    answer.finish = answer.finish or "stop"
                    break
                event = parse_answer_event(data)
                if event.error:
                    raise self._errors.reported_error(event.status, event.error, body["model"])
                answer.add(event)
                if answer.full:
                    break
        # Some servers close the connection without the mark of the end.
        if not answer.finish and answer.is_whole_canvas:
            answer.finish = "stop"
        if not answer.finish:
            raise (
                self._errors.broken_connection() if answer.has_begun else self._errors.not_openai()
            )

    def _check(self, response: Reply, model: str) -> None:
        """Raises ServerError for a redirect, an error status or an HTML page."""
        if response.redirect is not None:
            raise self._errors.redirect(response.redirect)
        if not response.ok:
            raise self._errors.reported_error(
                response.status,
                response.beginning(MAX_ERROR_BYTES),
                model,
                _seconds(response.headers.get("Retry-After", "")),
            )
        if "html" in response.headers.get("Content-Type", ""):
            raise self._errors.not_openai()


def _until_break(data: Iterable[str], answer: ServerAnswer) -> Iterator[str]:
    """Yields the data; ignores a broken connection after the end of the answer or canvas."""
    from requests import RequestException

    try:
        yield from data
    except RequestException:
        if not answer.finish and not answer.is_whole_canvas:
            raise


def _seconds(retry_after: str) -> float:
    """Returns the seconds of a header "Retry-After": a number or a date; 0 for neither."""
    try:
        return max(float(retry_after), 0)
    except ValueError:
        pass
    try:
        return max(parsedate_to_datetime(retry_after).timestamp() - time.time(), 0)
    except (TypeError, ValueError):
        return 0
