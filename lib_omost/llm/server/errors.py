"""Converts HTTP and connection errors of a server to sentences with a remedy for the user."""

from __future__ import annotations

import json
import re
import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass, field

TEMPORARY_STATUSES = (429, 502, 503, 504)
"""HTTP statuses of temporary errors."""

_CONTEXT = re.compile(
    r"context[ _](length|size|window)|maximum context|exceeds? .{0,40}context"
    r"|max_new_tokens. must be|max_model_len|too many tokens",
    re.I,
)
_MODEL = re.compile(
    r"model\b.{0,120}(not found|not exist|n't exist)|model_not_found"
    r"|(unknown|invalid|no such|find( the)?) model",
    re.I | re.S,
)
_OPTION = re.compile(
    r"response_?format|schema|json_?object|grammar|structured|guided|stream_?options"
    r"|unsupported (field|parameter)|extra_forbidden|extra inputs",
    re.I,
)


class ServerError(RuntimeError):
    """A request failed; the message is a sentence for the user and never contains the key.

    Attributes:
        is_temporary: The error is temporary, and a repeated request may succeed.
        retry_after: The server's requested pause before a repetition in seconds; 0 for none.
        unsupported_option: The server does not support the request's schema, grammar or usage
            field.
    """

    def __init__(
        self,
        sentence: str,
        *,
        is_temporary: bool = False,
        retry_after: float = 0,
        unsupported_option: bool = False,
    ) -> None:
        super().__init__(sentence)
        self.is_temporary = is_temporary
        self.retry_after = retry_after
        self.unsupported_option = unsupported_option


@dataclass(frozen=True)
class ErrorExplainer:
    """Explains the errors of one server in sentences for the user.

    Attributes:
        address: The server's address, which the sentences name.
        key: The API key, which no sentence contains.
    """

    address: str
    key: str = field(repr=False)

    def reported_error(
        self, status: int, body: str, model: str, retry_after: float = 0
    ) -> ServerError:
        """Explains an error that the server reports.

        Args:
            status: HTTP status; 0 for an error within a streamed answer.
            body: Body of the error response, as JSON, HTML or text.
            model: Name of the requested model.
            retry_after: The server's requested pause in seconds; 0 for none.
        """
        text = error_text(body)
        words = f": {self.sanitize(text)}" if text else ""
        code = f" (HTTP {status})" if status else ""
        if status in (401, 403):
            return ServerError(f"{self.address} {self._about_key()}{code}.")
        if _CONTEXT.search(text):
            return ServerError(
                "The conversation and the longest answer allowed do not fit into the model's "
                "context; go on from the current canvas alone, lower the number of new tokens, or "
                f"start the server with a larger context{code}{words}."
            )
        if _MODEL.search(text):
            return ServerError(
                f'{self.address} has no model "{self.sanitize(model)}"; choose one from its list, '
                f"or load it there first{code}."
            )
        if status in (404, 405) or (status < 500 and status != 429 and is_html(body)):
            return self.not_openai(code)
        if status in TEMPORARY_STATUSES:
            return ServerError(
                f"{self.address} is busy or not ready yet{code}{words}; try again in a while.",
                is_temporary=True,
                retry_after=retry_after,
            )
        return ServerError(
            f"{self.address} reports an error{code}{words or ' without a message'}; the "
            "server's log says more.",
            unsupported_option=bool(_OPTION.search(text)),
        )

    def not_openai(self, code: str = "") -> ServerError:
        """Explains a response that does not conform to OpenAI's API.

        Args:
            code: The HTTP status for the sentence, such as " (HTTP 404)"; empty for none.
        """
        return ServerError(
            f"{self.address} does not answer like an OpenAI-compatible server{code}; check the "
            "address and port (Ollama has 11434, llama.cpp 8080, vLLM 8000, LM Studio 1234)."
        )

    def redirect(self, target: str) -> ServerError:
        """Explains a redirect, which is not followed because the key is only for this server.

        Args:
            target: The redirect's target address.
        """
        return ServerError(
            f"{self.address} redirects to {self.sanitize(target) or 'nowhere'}; to use that "
            "server, enter its address."
        )

    def from_exception(self, error: Exception, begun: bool = False) -> ServerError:
        """Explains an exception of a request.

        Args:
            error: The exception; a ServerError is returned unchanged.
            begun: Whether the answer already has text.
        """
        from requests import exceptions
        from urllib3.exceptions import NewConnectionError

        if isinstance(error, ServerError):
            return error
        from lib_omost.llm.http_connection import CompressedError, OversizeError

        causes = list(exception_chain(error))
        at = self.address

        def caused_by(*kinds: type[BaseException]) -> bool:
            return any(isinstance(cause, kinds) for cause in causes)

        if caused_by(OversizeError):
            kept = "; the text so far is kept" if begun else ""
            return ServerError(
                f"{at} sends more than an answer can have, so we stopped reading{kept}; look at "
                "the server's log, or choose another server."
            )
        if caused_by(CompressedError):
            return ServerError(
                f"{at} compresses its answers, which we do not read; switch that off in the "
                "server or in the proxy before it."
            )
        if begun and caused_by(exceptions.RequestException):
            return self.broken_connection()
        if caused_by(exceptions.ProxyError):
            return ServerError(
                f"The proxy on the way to {at} does not let us through; set NO_PROXY for this host."
            )
        if caused_by(exceptions.InvalidURL):
            return ServerError(f"{at} is not a valid address; correct it.")
        if caused_by(socket.gaierror):
            return ServerError(f"No host of this name is known: {at}; check how it is written.")
        if caused_by(ssl.SSLCertVerificationError):
            return ServerError(
                f"The certificate of {at} is not trusted here; name the file of its authority in "
                "the environment variable REQUESTS_CA_BUNDLE, or use http:// in your own network."
            )
        if caused_by(exceptions.SSLError) and not caused_by(ssl.SSLEOFError):
            return ServerError(
                f"{at} does not speak TLS with us; if it is a plain server, write http:// instead "
                "of https://."
            )
        if caused_by(ConnectionRefusedError):
            return ServerError(f"Nothing listens at {at}; start the server or correct the port.")
        if caused_by(TimeoutError, exceptions.Timeout):
            return ServerError(
                f"{at} does not answer in time; check that the server runs and no firewall is "
                "between."
            )
        if caused_by(NewConnectionError):
            return ServerError(f"{at} is not reachable; check the network.")
        if caused_by(exceptions.RequestException):
            return ServerError(
                f"{at} closed the connection before it answered; if that happens again, look at "
                "the server's log.",
                is_temporary=True,
            )
        # An unexpected exception: the sentence must be sufficient for a bug report.
        text = self.sanitize(f"{type(error).__name__}: {error}")
        return ServerError(
            f"The request to {at} failed unexpectedly; please report this error: {text}."
        )

    def broken_connection(self) -> ServerError:
        """Explains a connection that broke during an answer."""
        return ServerError(
            f"The connection to {self.address} broke during the answer; the text so far is kept. "
            "Continue from there or ask again."
        )

    def silence(self, seconds: float, begun: bool) -> ServerError:
        """Explains a time-out while no text arrives.

        Args:
            seconds: The exceeded limit.
            begun: Whether the answer already has text.
        """
        if begun:
            return ServerError(
                f"{self.address} has written nothing more for {seconds:g} seconds; the text so "
                "far is kept. Continue from there or look at the server's log."
            )
        return ServerError(
            f"{self.address} has not begun to answer in {seconds:g} seconds; it may be loading a "
            "large model or be overloaded, so try again or choose a smaller model."
        )

    def overlong_answer(self, seconds: float, begun: bool) -> ServerError:
        """Explains the time-out of a complete answer.

        Args:
            seconds: The exceeded limit.
            begun: Whether the answer already has text.
        """
        kept = "; the text so far is kept" if begun else ""
        return ServerError(
            f"{self.address} has not ended its answer in {seconds:.0f} seconds, which is more than "
            f"the slowest model takes for so many tokens{kept}; ask for fewer tokens, or look at "
            "the server's log."
        )

    def sanitize(self, text: str, max_characters: int = 200) -> str:
        """Returns a server's text on one line, without the API key.

        Args:
            text: Text from the server.
            max_characters: Limit of the result; a longer text ends with "…".
        """
        if self.key:
            text = text.replace(self.key, "***")
        text = " ".join(text.split()).rstrip(".")
        return text if len(text) <= max_characters else f"{text[: max_characters - 1]}…"

    def _about_key(self) -> str:
        if self.key:
            return "refuses the key; check it, and that it may use this model"
        return "requires a key; enter the key from the server's operator"


def error_text(body: str) -> str:
    """Returns the error message in the body of an error response; an HTML page has none.

    Args:
        body: JSON with a message, HTML or plain text.
    """
    try:
        return _message(json.loads(body, strict=False))
    except (ValueError, RecursionError):
        return "" if is_html(body) else body


def is_html(body: str) -> bool:
    """Returns whether a text is an HTML page."""
    return body.lstrip()[:1] == "<"


def _message(data: object) -> str:
    if isinstance(data, dict):
        for name in ("error", "message", "detail"):
            if data.get(name):
                return _message(data[name])
    return data if isinstance(data, str) else json.dumps(data, ensure_ascii=False)


def exception_chain(error: BaseException | None) -> Iterator[BaseException]:
    """Yields an exception and its causes; the original cause is the last."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
