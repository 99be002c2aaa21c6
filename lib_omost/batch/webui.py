"""The picture of a canvas, made by a running WebUI over its API."""

from __future__ import annotations

import base64
import binascii
import io
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from PIL import Image

from lib_omost.batch.painting import Asked, Picture, to_png
from lib_omost.batch.wanted import LineError, Wanted
from lib_omost.batch.work import UnusableToolError
from lib_omost.llm.server_errors import causes_of
from lib_omost.settings import FIELDS

if TYPE_CHECKING:
    from lib_omost.llm.server_connection import Reply

CONNECT, PATIENCE = 30.0, 3600.0
"""Seconds for a connection, and for a picture, others' before it included."""

MOST_OF_PICTURE, MOST_OF_ERROR = 256 << 20, 1 << 16
"""Bytes that are read of an answer, and of what the WebUI says of an error."""

PNG = b"\x89PNG"


class AnswerError(Exception):
    """What a WebUI answered in place of what was asked; status: HTTP's, None without an answer."""

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True)
class WebUI:
    """Paints with the WebUI at `url` (work.Tool); auth: "user:password" of its --api-auth."""

    url: str
    auth: str = field(default="", repr=False)

    on_gpu = False
    """Not in the process that asks."""

    @property
    def identity(self) -> dict[str, Any]:
        """Any WebUI is as good; what makes the pictures what they are is its user's affair."""
        return {"webui": True}

    def check(self, wanted: Wanted) -> None:
        """Raise ValueError for what no WebUI samples; the rest it says itself."""
        if min(wanted.size) < 64:
            raise LineError(f"pictures have 64 pixels a side or more, not {min(wanted.size)}")
        if wanted.steps < 1:
            raise LineError(f"a picture takes at least 1 step, not {wanted.steps}")
        if wanted.seed < 0:
            raise LineError(f"a seed is 0 or more, not {wanted.seed}; it makes the line repeatable")

    def make(self) -> Callable[[Asked], Picture]:
        """Look whether it is there, and has Omost. Raises UnusableToolError."""
        try:
            scripts = self._ask("/sdapi/v1/scripts")
        except AnswerError as error:
            raise UnusableToolError(_cannot_use(self.url, error)) from error
        if "omost" not in map(str.lower, scripts.get("txt2img", ())):
            raise UnusableToolError(
                f"the WebUI at {self.url} has no extension Omost, which this one is: install it"
            )
        return self._paint

    def _paint(self, asked: Asked) -> Picture:
        try:
            answer = self._ask("/sdapi/v1/txt2img", _payload(asked))
        except AnswerError as error:
            raise LineError(f"the WebUI failed: {error}") from error
        info = json.loads(answer["info"])
        remarks = tuple(info.get("extra_generation_params", {}).get("Omost messages", ()))
        if not answer["images"]:
            raise LineError("; ".join(remarks) or "the WebUI made no picture; see its log")
        return Picture(_png(answer["images"][0], info["infotexts"][0]), remarks)

    def _ask(self, path: str, payload: dict[str, Any] | None = None) -> dict[str, Any]:
        """Ask the WebUI; its password goes to this address only. Raises AnswerError."""
        # Here, as it imports requests, which only those need who have a WebUI.
        from requests import RequestException, Timeout

        from lib_omost.llm.server_connection import CompressedError, Connection, OversizeError

        method, wait = ("GET", CONNECT) if payload is None else ("POST", PATIENCE)
        url = self.url.rstrip("/") + path
        try:
            connection = Connection(_basic(self.auth), CONNECT)
            with connection.ask(method, url, payload, wait, whole_seconds=wait) as reply:
                if reply.redirect is not None:
                    raise AnswerError(f"it sends on to {reply.redirect:.200}; give that address")
                if not reply.ok:
                    raise AnswerError(_reason(reply), reply.status)
                answer = json.loads(reply.body(MOST_OF_PICTURE))
        except OversizeError as error:
            raise AnswerError("it sends more than a picture can have") from error
        except CompressedError as error:
            raise AnswerError("it compresses its answers, which are not read") from error
        except Timeout as error:
            raise AnswerError("it does not answer in time") from error
        except (RequestException, OSError, ValueError, RecursionError) as error:
            *_, first = causes_of(error)
            raise AnswerError(str(first)) from error
        if not isinstance(answer, dict):
            raise AnswerError("its answer is not that of a WebUI")
        return answer


def _basic(auth: str) -> str:
    return f"Basic {base64.b64encode(auth.encode()).decode()}" if auth else ""


def _payload(asked: Asked) -> dict[str, Any]:
    wanted = asked.wanted
    settings = {
        name: getattr(wanted.settings, name) for name in FIELDS if name not in ("enabled", "canvas")
    }
    return {
        "prompt": wanted.prompt,
        "negative_prompt": wanted.negative,
        "width": wanted.width,
        "height": wanted.height,
        "steps": wanted.steps,
        "cfg_scale": wanted.cfg,
        "seed": wanted.seed,
        "sampler_name": wanted.sampler,
        "alwayson_scripts": {"Omost": {"args": [{**settings, "canvas": asked.canvas}]}},
    }


def _png(encoded: str, infotext: str) -> bytes:
    """The picture as a PNG with its infotext, whatever format the WebUI is set to."""
    try:
        data = base64.b64decode(encoded.partition(",")[2] or encoded)
        picture = Image.open(io.BytesIO(data))
        picture.load()
    except (binascii.Error, OSError, Image.DecompressionBombError) as error:
        raise LineError(f"the WebUI's picture cannot be read: {error}") from error
    has_infotext = data.startswith(PNG) and "parameters" in picture.info
    return data if has_infotext else to_png(picture, infotext)


def _reason(reply: Reply) -> str:
    """What the WebUI says went wrong: `errors` of A1111's, `detail` of FastAPI's."""
    text = reply.beginning(MOST_OF_ERROR)
    try:
        said = json.loads(text)
        reason = said.get("errors") or said.get("detail") or text
    except (ValueError, AttributeError, RecursionError):
        reason = text
    return f"HTTP {reply.status}: {reason!s:.300}"


def _cannot_use(url: str, error: AnswerError) -> str:
    advice = {
        401: "give its --api-auth with --api-auth user:password",
        404: "start it with --api",
    }.get(error.status or 0, "check the address, and that it runs with --api")
    return f"the WebUI at {url} cannot be used ({error}): {advice}"
