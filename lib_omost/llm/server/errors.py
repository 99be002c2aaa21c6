"""Converts HTTP and connection errors of a server to sentences with a remedy for the user."""

from __future__ import annotations

import re
import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass, field

from lib_omost.llm.server.error_reply import ErrorReply, parse_error
from lib_omost.llm.server.model_list import NAMELESS_MODEL

_SECONDS = re.compile(r"(?:try again|retry) in (?:(\d+)m)?(\d+(?:\.\d+)?)\s?s", re.I)
"""A pause that the message of a busy server names, such as "try again in 1m7.66s"."""


class ServerError(RuntimeError):
    """A request failed; the message is a sentence for the user and never contains the key.

    Attributes:
        repetitions: How often the request may be repeated, because the error may pass: 0, 1, or
            None for as long as the server is loading or busy.
        retry_after: The server's requested pause before a repetition in seconds; 0 for none.
        reply: The error that the server reported; None for a failure of another kind.
    """

    def __init__(
        self,
        sentence: str,
        *,
        repetitions: int | None = 0,
        retry_after: float = 0,
        reply: ErrorReply | None = None,
    ) -> None:
        super().__init__(sentence)
        self.repetitions = repetitions
        self.retry_after = retry_after
        self.reply = reply


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
        reply = parse_error(status, body)
        words = f": {self.sanitize(reply.text)}" if reply.text else ""
        code = f" (HTTP {status})" if status else ""
        sentence = self._sentence(reply, self.sanitize(model), code, words)
        if reply.kind != "busy":
            return ServerError(sentence, reply=reply)
        pause = retry_after or _pause(reply.text)
        return ServerError(
            sentence,
            repetitions=None if reply.may_pass_soon else 1,
            retry_after=pause,
            reply=reply,
        )

    def _sentence(self, reply: ErrorReply, model: str, code: str, words: str) -> str:
        at = self.address
        if reply.kind == "filter":
            return (
                f"The content filter of {at} refuses the request{code}{words}; describe the "
                "picture in other words, or choose another model."
            )
        if reply.kind == "quota":
            return (
                f"The account at {at} has no quota or credit left{code}{words}; add credit there, "
                "or choose another server."
            )
        if reply.kind == "key":
            return f"{at} {self._about_key()}{code}."
        if reply.kind == "context":
            return (
                "The conversation and the longest answer allowed do not fit into the model's "
                "context; go on from the current canvas alone, lower the number of new tokens, or "
                f"start the server with a larger context{code}{words}."
            )
        if reply.kind == "model" and model == NAMELESS_MODEL:
            return (
                f"{at} has no list of its models; enter the name of a model{code} (“Model on the "
                "server”)."
            )
        if reply.kind == "model":
            return (
                f'{at} has no model "{model}"; choose one from its list, or load it there '
                f"first{code}."
            )
        if reply.kind == "route":
            return str(self.not_openai(code))
        if reply.kind == "busy":
            return f"{at} is busy or not ready yet{code}{words}; try again in a while."
        return (
            f"{at} reports an error{code}{words or ' without a message'}; the server's log says "
            "more."
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
                repetitions=1,
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


def format_error() -> ServerError:
    """Explains an answer that is not JSON of OpenAI's chat API."""
    return ServerError(
        "The server's answer is not in the form of OpenAI's chat API; check the address, and that "
        "no other program answers there."
    )


def _pause(text: str) -> float:
    match = _SECONDS.search(text)
    return 60 * int(match[1] or 0) + float(match[2]) if match else 0


def exception_chain(error: BaseException | None) -> Iterator[BaseException]:
    """Yields an exception and its causes; the original cause is the last."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
