"""What goes wrong with a server, each in one plain sentence that says what to do."""

from __future__ import annotations

import json
import re
import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass, field

PASSING = (429, 502, 503, 504)
"""HTTP statuses that may be others at the next try."""

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
_FORM = re.compile(
    r"response_?format|schema|json_?object|grammar|structured|guided|stream_?options"
    r"|unsupported (field|parameter)|extra_forbidden|extra inputs",
    re.I,
)


class ServerError(RuntimeError):
    """Why there is no answer, as a sentence for the user; never holds the key.

    passing: another try may go well; wait: in how many seconds the server wants it.
    about_form: the server does not know how we asked it to constrain or to count its answer.
    """

    def __init__(
        self, sentence: str, *, passing: bool = False, wait: float = 0, about_form: bool = False
    ) -> None:
        super().__init__(sentence)
        self.passing = passing
        self.wait = wait
        self.about_form = about_form


@dataclass(frozen=True)
class Explainer:
    """Finds the sentence for what went wrong with one server."""

    address: str
    key: str = field(repr=False)

    def refusal(self, status: int, body: str, model: str, wait: float = 0) -> ServerError:
        """Explain an error that the server reports, with its HTTP status or with 0 in a stream."""
        said = server_words(body)
        words = f": {self.cleaned(said)}" if said else ""
        code = f" (HTTP {status})" if status else ""
        if status in (401, 403):
            return ServerError(f"{self.address} {self._about_key()}{code}.")
        if _CONTEXT.search(said):
            return ServerError(
                "The conversation and the longest answer allowed do not fit into the model's "
                "context; go on from the current canvas alone, lower the number of new tokens, or "
                f"start the server with a larger context{code}{words}."
            )
        if _MODEL.search(said):
            return ServerError(
                f'{self.address} has no model "{self.cleaned(model)}"; choose one from its list, '
                f"or load it there first{code}."
            )
        if status in (404, 405) or (status < 500 and status != 429 and is_html(body)):
            return self.not_openai(code)
        if status in PASSING:
            return ServerError(
                f"{self.address} is busy or not ready yet{code}{words}; try again in a while.",
                passing=True,
                wait=wait,
            )
        return ServerError(
            f"{self.address} reports an error{code}{words or ', without saying which'}; the "
            "server's log says more.",
            about_form=bool(_FORM.search(said)),
        )

    def not_openai(self, code: str = "") -> ServerError:
        """Explain an answer that OpenAI's API does not give."""
        return ServerError(
            f"{self.address} does not answer like an OpenAI-compatible server{code}; check the "
            "address and port (Ollama has 11434, llama.cpp 8080, vLLM 8000, LM Studio 1234)."
        )

    def redirect(self, target: str) -> ServerError:
        """Explain a redirect, which is not followed: the key is meant for this server only."""
        return ServerError(
            f"{self.address} sends on to {self.cleaned(target) or 'nowhere'}; if that is right, "
            "enter that address instead."
        )

    def failure(self, error: Exception, begun: bool = False) -> ServerError:
        """Explain an exception; `begun` says whether a part of the answer had come."""
        from requests import exceptions
        from urllib3.exceptions import NewConnectionError

        if isinstance(error, ServerError):
            return error
        from lib_omost.llm.server_connection import CompressedError, OversizeError

        causes = list(causes_of(error))
        at = self.address

        def caused_by(*kinds: type[BaseException]) -> bool:
            return any(isinstance(cause, kinds) for cause in causes)

        if caused_by(OversizeError):
            kept = "; what was written is kept" if begun else ""
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
            return self.dropped()
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
            return ServerError(f"There is no way to {at} from here; check the network.")
        if caused_by(exceptions.RequestException):
            return ServerError(
                f"{at} closed the connection before it answered; if that happens again, look at "
                "the server's log.",
                passing=True,
            )
        # Not meant to happen; the sentence must do for a report.
        said = self.cleaned(f"{type(error).__name__}: {error}")
        return ServerError(f"Asking {at} failed in an unforeseen way, please report it: {said}.")

    def dropped(self) -> ServerError:
        """Explain an answer that stops in its middle."""
        return ServerError(
            f"The connection to {self.address} broke in mid-answer; what was written is kept, so "
            "go on from there or ask again."
        )

    def silence(self, seconds: float, begun: bool) -> ServerError:
        """Explain why we stop waiting."""
        if begun:
            return ServerError(
                f"{self.address} has written nothing more for {seconds:g} seconds; what was "
                "written is kept, so go on from there or look at the server's log."
            )
        return ServerError(
            f"{self.address} has not begun to answer in {seconds:g} seconds; it may be loading a "
            "large model or be overloaded, so try again or choose a smaller model."
        )

    def endless(self, seconds: float, begun: bool) -> ServerError:
        """Explain why we stop reading an answer that goes on too slowly."""
        kept = "; what was written is kept" if begun else ""
        return ServerError(
            f"{self.address} has not ended its answer in {seconds:.0f} seconds, which is more than "
            f"the slowest model takes for so many tokens{kept}; ask for fewer tokens, or look at "
            "the server's log."
        )

    def cleaned(self, text: str, most: int = 200) -> str:
        """Return foreign text on one line, without our key, and no longer than `most`."""
        if self.key:
            text = text.replace(self.key, "***")
        text = " ".join(text.split()).rstrip(".")
        return text if len(text) <= most else f"{text[: most - 1]}…"

    def _about_key(self) -> str:
        if self.key:
            return "refuses the key; check it, and that it may use this model"
        return "wants a key; enter the one that its owner gave you"


def server_words(body: str) -> str:
    """Return the message in the body of an error: that of its JSON, or the text; a page's is ""."""
    try:
        return _message(json.loads(body, strict=False))
    except (ValueError, RecursionError):
        return "" if is_html(body) else body


def is_html(body: str) -> bool:
    """Whether a text is a page for people."""
    return body.lstrip()[:1] == "<"


def _message(data: object) -> str:
    if isinstance(data, dict):
        for name in ("error", "message", "detail"):
            if data.get(name):
                return _message(data[name])
    return data if isinstance(data, str) else json.dumps(data, ensure_ascii=False)


def causes_of(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an exception and what caused it, the first cause last."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
