"""The picture of a canvas, made by a running WebUI over its API."""

from __future__ import annotations

import base64
import binascii
import io
import json
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from PIL import Image

from lib_omost.batch.painting import Asked, Picture, to_png
from lib_omost.batch.wanted import LineError, Wanted
from lib_omost.batch.work import UnusableToolError
from lib_omost.settings import FIELDS

PATIENCE = 3600.0
"""Seconds for a picture, others' that the WebUI makes before it included."""

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
        headers = {"Content-Type": "application/json"}
        if self.auth:
            headers["Authorization"] = f"Basic {base64.b64encode(self.auth.encode()).decode()}"
        data = None if payload is None else json.dumps(payload).encode()
        request = urllib.request.Request(self.url.rstrip("/") + path, data, headers)
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE if data else 30) as response:
                answer = json.load(response)
        except urllib.error.HTTPError as error:
            raise AnswerError(_reason(error), error.code) from error
        except (OSError, ValueError) as error:
            raise AnswerError(str(getattr(error, "reason", error))) from error
        if not isinstance(answer, dict):
            raise AnswerError("its answer is not that of a WebUI")
        return answer


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
    except (binascii.Error, OSError) as error:
        raise LineError(f"the WebUI's picture cannot be read: {error}") from error
    has_infotext = data.startswith(PNG) and "parameters" in picture.info
    return data if has_infotext else to_png(picture, infotext)


def _reason(error: urllib.error.HTTPError) -> str:
    """What the WebUI says went wrong: `errors` of A1111's, `detail` of FastAPI's."""
    text = error.read().decode("utf-8", "replace")
    try:
        said = json.loads(text)
        reason = said.get("errors") or said.get("detail") or text
    except (ValueError, AttributeError):
        reason = text
    return f"HTTP {error.code}: {reason!s:.300}"


def _cannot_use(url: str, error: AnswerError) -> str:
    advice = {
        401: "give its --api-auth with --api-auth user:password",
        404: "start it with --api",
    }.get(error.status or 0, "check the address, and that it runs with --api")
    return f"the WebUI at {url} cannot be used ({error}): {advice}"
