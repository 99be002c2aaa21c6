"""Paints the pictures of a batch with a running WebUI, over its API."""

from __future__ import annotations

import base64
import binascii
import io
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from PIL import Image

from lib_omost.batch.executors import UnusableToolError
from lib_omost.batch.job_spec import JobSpec, LineError
from lib_omost.llm.server.errors import exception_chain
from lib_omost.renderer.painting import PaintedPicture, write_png
from lib_omost.settings import FIELDS

if TYPE_CHECKING:
    from lib_omost.llm.http_connection import Reply

CONNECT_SECONDS, PICTURE_SECONDS = 30.0, 3600.0
"""Time limits of a connection, and of a picture with its wait in the WebUI's queue."""

MAX_ANSWER_BYTES, MAX_ERROR_BYTES = 256 << 20, 1 << 16
"""Size limits of an answer with a picture, and of the text of an error."""

PNG_SIGNATURE = b"\x89PNG"


class WebUIRequestError(Exception):
    """Explains why a request to the WebUI failed.

    Attributes:
        status: The HTTP status, None if there was no answer.
    """

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True)
class WebUIPainter:
    """Paints the pictures of a batch with a WebUI that has this extension (executors.BatchTool).

    Attributes:
        url: The WebUI's address.
        auth: "user:password" as in the WebUI's --api-auth, "" for none.
    """

    url: str
    auth: str = field(default="", repr=False)

    needs_gpu = False
    """False: the WebUI's own process has the GPU."""

    @property
    def identity(self) -> dict[str, Any]:
        """A constant for the fingerprints of lines.

        A batch may continue on another WebUI. Its user decides which checkpoint it has loaded.
        """
        return {"webui": True}

    def check(self, job: JobSpec) -> None:
        """Checks the values that no WebUI accepts.

        Raises:
            LineError: A value cannot be used.
        """
        smallest = min(job.width, job.height)
        if smallest < 64:
            raise LineError(f"pictures have 64 pixels a side or more, not {smallest}")
        if job.steps < 1:
            raise LineError(f"a picture takes at least 1 step, not {job.steps}")
        if job.seed < 0:
            raise LineError(
                f"a seed is 0 or more, not {job.seed}; with a random seed a line is not repeatable"
            )

    def load(self) -> Callable[[JobSpec], PaintedPicture]:
        """Checks that the WebUI answers and has this extension.

        Returns:
            A function that paints the canvas of a line. It raises LineError.

        Raises:
            UnusableToolError: The WebUI cannot be used.
        """
        try:
            scripts = self._ask("/sdapi/v1/scripts")
        except WebUIRequestError as error:
            raise UnusableToolError(_describe_unusable(self.url, error)) from error
        if "omost" not in map(str.lower, scripts.get("txt2img", ())):
            raise UnusableToolError(
                f"the WebUI at {self.url} does not have this extension (Omost): install it there"
            )
        return self._paint

    def _paint(self, job: JobSpec) -> PaintedPicture:
        try:
            answer = self._ask("/sdapi/v1/txt2img", _payload(job))
        except WebUIRequestError as error:
            raise LineError(f"the WebUI failed: {error}") from error
        info = json.loads(answer["info"])
        remarks = tuple(info.get("extra_generation_params", {}).get("Omost messages", ()))
        if not answer["images"]:
            raise LineError("; ".join(remarks) or "the WebUI made no picture; see its log")
        return PaintedPicture(_decode_picture(answer["images"][0], info["infotexts"][0]), remarks)

    def _ask(self, path: str, payload: dict[str, Any] | None = None) -> dict[str, Any]:
        """Sends a GET request, or a POST request with a payload; follows no redirect.

        Raises:
            WebUIRequestError: The WebUI did not answer with a JSON object.
        """
        # Imported late: only `batch --url` needs the package requests.
        from requests import RequestException, Timeout

        from lib_omost.llm.http_connection import CompressedError, Connection, OversizeError

        method, wait = ("GET", CONNECT_SECONDS) if payload is None else ("POST", PICTURE_SECONDS)
        url = self.url.rstrip("/") + path
        try:
            connection = Connection(_basic(self.auth), CONNECT_SECONDS)
            with connection.send(method, url, payload, wait, total_timeout=wait) as reply:
                if reply.redirect is not None:
                    raise WebUIRequestError(
                        f"it redirects to {reply.redirect:.200}; give that address"
                    )
                if not reply.ok:
                    raise WebUIRequestError(_error_text(reply), reply.status)
                answer = json.loads(reply.body(MAX_ANSWER_BYTES))
        except OversizeError as error:
            raise WebUIRequestError("its answer is larger than any picture") from error
        except CompressedError as error:
            raise WebUIRequestError("its answer is compressed, which is not supported") from error
        except Timeout as error:
            raise WebUIRequestError("it does not answer in time") from error
        except (RequestException, OSError, ValueError, RecursionError) as error:
            *_, first = exception_chain(error)
            raise WebUIRequestError(str(first)) from error
        if not isinstance(answer, dict):
            raise WebUIRequestError("its answer is not that of a WebUI")
        return answer


def _basic(auth: str) -> str:
    return f"Basic {base64.b64encode(auth.encode()).decode()}" if auth else ""


def _payload(job: JobSpec) -> dict[str, Any]:
    settings = {
        name: getattr(job.settings, name) for name in FIELDS if name not in ("enabled", "canvas")
    }
    return {
        "prompt": job.prompt,
        "negative_prompt": job.negative,
        "width": job.width,
        "height": job.height,
        "steps": job.steps,
        "cfg_scale": job.cfg,
        "seed": job.seed,
        "sampler_name": job.sampler,
        "alwayson_scripts": {"Omost": {"args": [{**settings, "canvas": job.canvas}]}},
    }


def _decode_picture(encoded: str, infotext: str) -> bytes:
    """Decodes a picture of the WebUI to a PNG file with its infotext.

    A WebUI may be set to another file format, or to write no infotext.
    """
    try:
        data = base64.b64decode(encoded.partition(",")[2] or encoded)
        picture = Image.open(io.BytesIO(data))
        picture.load()
    except (binascii.Error, OSError, Image.DecompressionBombError) as error:
        raise LineError(f"the WebUI's picture cannot be read: {error}") from error
    has_infotext = data.startswith(PNG_SIGNATURE) and "parameters" in picture.info
    return data if has_infotext else write_png(picture, infotext)


def _error_text(reply: Reply) -> str:
    """Returns the WebUI's own error text: A1111 writes it as `errors`, FastAPI as `detail`."""
    text = reply.beginning(MAX_ERROR_BYTES)
    try:
        answer = json.loads(text)
        reason = answer.get("errors") or answer.get("detail") or text
    except (ValueError, AttributeError, RecursionError):
        reason = text
    return f"HTTP {reply.status}: {reason!s:.300}"


def _describe_unusable(url: str, error: WebUIRequestError) -> str:
    advice = {
        401: "give its --api-auth with --api-auth user:password",
        404: "start it with --api",
    }.get(error.status or 0, "check the address, and that it runs with --api")
    return f"the WebUI at {url} cannot be used ({error}): {advice}"
