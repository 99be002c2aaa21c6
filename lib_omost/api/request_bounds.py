"""Refuses requests that are too large or are not JSON, with one sentence about the problem."""

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
"""Largest body of a request. The longest canvas needs less in every form."""

PROBLEMS: dict[int | str, dict[str, Any]] = {
    401: {"model": Problem, "description": "The host asks for an account (--api-auth)."},
    403: {
        "model": Problem,
        "description": "The request comes from another web page, or the host forbids it.",
    },
    413: {"model": Problem, "description": f"The request has more than {MAX_BYTES:,} bytes."},
    422: {"model": Problem, "description": "The request cannot be used."},
}
"""OpenAPI responses that every route can give, by status."""


class BoundedRequest(Request):  # type: ignore[misc]
    """A request that stops reading its body after MAX_BYTES."""

    async def body(self) -> bytes:
        """Returns the body.

        Raises:
            HTTPException: The body is too long or no JSON object.
        """
        if not hasattr(self, "_body"):
            # A page of another site can send other content types without a preflight request.
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
    """A route that reads BoundedRequests and answers errors as {"detail": "<sentence>"}."""

    def get_route_handler(self) -> Callable[[Request], Awaitable[Response]]:
        """Returns the function that answers a request."""
        handle = super().get_route_handler()

        async def answer(request: Request) -> Response:
            try:
                response: Response = await handle(BoundedRequest(request.scope, request.receive))
            except RequestValidationError as error:
                return problem(422, _first_error(error))
            # A1111's own handler would answer in another format.
            except HTTPException as error:
                return problem(error.status_code, str(error.detail), error.headers)
            return response

        return answer


def problem(
    status: int, detail: str, headers: dict[str, str] | None = None, **more: Any
) -> JSONResponse:
    """Returns an error response.

    Args:
        status: The HTTP status.
        detail: One sentence for the user. The function adds the capital letter and the full stop.
        headers: Additional headers.
        more: Additional fields of the JSON object beside `detail`.
    """
    detail = detail[:1].upper() + detail[1:] + ("" if detail.endswith((".", "!", "?")) else ".")
    return JSONResponse({"detail": detail, **more}, status, headers=headers)


def _is_json(content_type: str) -> bool:
    return content_type.partition(";")[0].strip().lower() == "application/json"


def _check_json(body: bytes) -> None:
    try:
        values = json.loads(body, parse_constant=_refuse_constant)
        json.dumps(values, ensure_ascii=False).encode()  # fails for lone surrogates
    except (ValueError, RecursionError) as error:
        raise HTTPException(422, f"This is no JSON: {error}") from error
    if not isinstance(values, dict):  # pydantic 1 would convert some other values
        raise HTTPException(422, "The JSON is to be an object.")


def _refuse_constant(constant: str) -> None:
    raise ValueError(f"{constant} is no number")


def _first_error(error: RequestValidationError) -> str:
    """Returns the first validation error as a sentence with the path of its field."""
    first = error.errors()[0]
    path = ".".join(str(part) for part in first["loc"] if part != "body")
    message = first["msg"][:1].lower() + first["msg"][1:]
    return f"{path!r}: {message}" if path else f"The request: {message}"
