"""Parses the error that a server reports: its message and the request fields that it names."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any, Literal

_SUPPORTED = re.compile(
    r"\b(supported|allowed|valid|accepted|known|available) "
    r"(parameters|params|fields|keys|arguments)\b.*",
    re.I | re.S,
)
"""The end of a message that lists the fields that the server does accept."""

TEMPORARY_STATUSES = (408, 429, 502, 503, 504, 520, 521, 522, 523, 524, 529)
"""HTTP statuses of temporary errors; those above 504 are Cloudflare's and Anthropic's."""

Kind = Literal["key", "filter", "quota", "context", "model", "route", "busy", "other"]

_FILTER = re.compile(
    r"content[ _](management|filter|policy)|responsibleai|safety system|flagged|moderation", re.I
)
_QUOTA = re.compile(
    r"(insufficient|exceeded|no|out of|not enough|add).{0,20} (quota|balance|credits?|funds)"
    r"|insufficient_quota|billing|payment required",
    re.I,
)
_CONTEXT = re.compile(
    r"context[ _](length|size|window)|maximum context|exceeds? .{0,40}context"
    r"|max_new_tokens. must be|max_model_len|too many tokens|prompt is too long",
    re.I,
)
_MODEL = re.compile(
    r"model\b.{0,120}(not found|not exist|n't exist)|model_not_found"
    r"|(unknown|invalid|no such|find( the)?) model|no models? loaded",
    re.I | re.S,
)
_LOADING = re.compile(r"load(ing)? model|model is (still |currently )?loading|warming up", re.I)


@dataclass(frozen=True)
class ErrorReply:
    """An error that a server reports.

    Attributes:
        status: HTTP status; 0 for an error without one within a streamed answer.
        text: The message; "" for an HTML page.
        code: The server's own code, such as "content_filter"; "" for none.
        fields: The request fields that the error points to by their place, such as "seed"; empty
            if only the message may name fields.
        is_html: The body is an HTML page.
    """

    status: int
    text: str
    code: str = ""
    fields: tuple[str, ...] = ()
    is_html: bool = False

    @property
    def kind(self) -> Kind:
        """The cause of the error, as far as its status and its message show it."""
        if _FILTER.search(f"{self.code} {self.text}"):
            return "filter"
        if self.status == 402 or _QUOTA.search(f"{self.code} {self.text}"):
            return "quota"
        if self.status in (401, 403):
            return "key"
        if _CONTEXT.search(self.text):
            return "context"
        if _MODEL.search(self.text):
            return "model"
        if self.status in (404, 405) or (self.is_html and self.status < 500 and self.status != 429):
            return "route"
        is_loading = self.status >= 500 and _LOADING.search(self.text)
        return "busy" if is_loading or self.status in TEMPORARY_STATUSES else "other"

    @property
    def may_pass_soon(self) -> bool:
        """The server is loading or limits the number of requests, so waiting helps."""
        return self.kind == "busy" and (
            self.status in (429, 503, 529) or _LOADING.search(self.text) is not None
        )

    def names(self, field: str) -> bool:
        """Returns whether the error is about a field of the request."""
        if self.fields:
            return any(named.partition(".")[0] == field for named in self.fields)
        refused = _SUPPORTED.sub("", self.text)
        return re.search(rf"(?<![\w-]){re.escape(field)}(?![\w-])", refused) is not None


def parse_error(status: int, body: str) -> ErrorReply:
    """Parses the body of an error response.

    Args:
        status: HTTP status; 0 for an error within a streamed answer.
        body: JSON with a message, HTML or plain text.
    """
    try:
        data = _error_object(json.loads(body, strict=False))
    except (ValueError, RecursionError):
        is_html = body.lstrip()[:1] == "<"
        return ErrorReply(status, "" if is_html else body, is_html=is_html)
    code = data.get("code") if isinstance(data, dict) else None
    return ErrorReply(status, _message(data), code if isinstance(code, str) else "", _fields(data))


def _error_object(data: Any) -> Any:
    """Returns the innermost object with a message; servers wrap it in lists, objects and text."""
    if isinstance(data, list) and len(data) == 1:
        return (
            _error_object(data[0]) if isinstance(data[0], dict) and "loc" not in data[0] else data
        )
    if not isinstance(data, dict):
        return data
    raw = (
        (data.get("metadata") or {}).get("raw") if isinstance(data.get("metadata"), dict) else None
    )
    if isinstance(raw, str) and raw.strip():
        # A router repeats the error of the provider behind it.
        try:
            return _error_object(json.loads(raw, strict=False))
        except (ValueError, RecursionError):
            return {**data, "metadata": None, "message": raw}
    for name in ("error", "message", "detail"):
        if isinstance(data.get(name), (dict, list)) and data[name]:
            return _error_object(data[name])
    return data


def _message(data: Any) -> str:
    if isinstance(data, list):
        return "; ".join(map(_message, data))
    if not isinstance(data, dict):
        return data if isinstance(data, str) else json.dumps(data, ensure_ascii=False)
    if "loc" in data:
        place = ".".join(_place(data["loc"]))
        return f"{place}: {data.get('msg', '')}" if place else str(data.get("msg", ""))
    for name in ("error", "message", "detail", "msg"):
        if isinstance(data.get(name), str) and data[name]:
            return str(data[name])
    return json.dumps(data, ensure_ascii=False) if data else ""


def _fields(data: Any) -> tuple[str, ...]:
    """Returns the fields that an error points to by "param", or by the places of pydantic."""
    if isinstance(data, list):
        return tuple(field for item in data for field in _fields(item))
    if not isinstance(data, dict):
        return ()
    if "loc" in data:
        place = _place(data["loc"])
        return (".".join(place),) if place else ()
    param = data.get("param")
    return (param,) if isinstance(param, str) and param else ()


def _place(loc: Any) -> list[str]:
    parts = [str(part) for part in loc] if isinstance(loc, (list, tuple)) else [str(loc)]
    return parts[1:] if parts[:1] == ["body"] else parts
