"""What a request may be: JSON, of a bounded size; else one sentence says what is wrong with it."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import HTTPException, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute

from lib_omost.api.schemas import Problem

MAX_BYTES = 5_000_000
"""Of a request's body; the longest canvas that is read takes less, however it is written."""

PROBLEMS: dict[int | str, dict[str, Any]] = {
    401: {"model": Problem, "description": "The host asks for an account (--api-auth)."},
    403: {
        "model": Problem,
        "description": "Another web page asks, or the host forbids it.",
    },
    413: {"model": Problem, "description": f"The request has more than {MAX_BYTES:,} bytes."},
    422: {"model": Problem, "description": "The request cannot be used."},
}
"""How any of the routes may refuse a request."""


class BoundedRequest(Request):  # type: ignore[misc]
    """A request whose body is read as far as it is allowed to go."""

    async def body(self) -> bytes:
        """Return the body. Raises HTTPException for what is too long, or no JSON."""
        if not hasattr(self, "_body"):
            # Only what a page of another site cannot send unasked.
            if not _is_json(self.headers.get("content-type", "")):
                raise HTTPException(
                    422, "Send JSON, with the header Content-Type: application/json."
                )
            body = bytearray()
            async for chunk in self.stream():
                body += chunk
                if len(body) > MAX_BYTES:
                    raise HTTPException(413, f"Send at most {MAX_BYTES:,} bytes.")
            _check_json(bytes(body))
            self._body = bytes(body)
        return self._body


class BoundedRoute(APIRoute):  # type: ignore[misc]
    """A route for bounded requests, which refuses one with a sentence: {"detail": "..."}."""

    def get_route_handler(self) -> Callable[[Request], Awaitable[Response]]:
        """Return what answers a request."""
        handle = super().get_route_handler()

        async def answer(request: Request) -> Response:
            try:
                response: Response = await handle(BoundedRequest(request.scope, request.receive))
            except RequestValidationError as error:
                return problem(422, _sentence(error))
            # Here, as A1111 answers them in a form of its own.
            except HTTPException as error:
                return problem(error.status_code, str(error.detail), error.headers)
            return response

        return answer


def problem(
    status: int, detail: str, headers: dict[str, str] | None = None, **more: Any
) -> JSONResponse:
    """Answer with what went wrong, in one sentence."""
    detail = detail[:1].upper() + detail[1:] + ("" if detail.endswith((".", "!", "?")) else ".")
    return JSONResponse({"detail": detail, **more}, status, headers=headers)


def _is_json(content_type: str) -> bool:
    return content_type.partition(";")[0].strip().lower() == "application/json"


def _check_json(body: bytes) -> None:
    try:
        values = json.loads(body, parse_constant=_refuse)
        json.dumps(values, ensure_ascii=False).encode()  # halves of characters cannot be answered
    except (ValueError, RecursionError) as error:
        raise HTTPException(422, f"This is no JSON: {error}") from error
    if not isinstance(values, dict):  # which pydantic 1 would make one of
        raise HTTPException(422, "The JSON is to be an object.")


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no number")


def _sentence(error: RequestValidationError) -> str:
    """Say where the first error is and what it is."""
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"] if part != "body")
    message = first["msg"][:1].lower() + first["msg"][1:]
    return f"{where!r}: {message}" if where else f"The request: {message}"
