"""JSON of unknown origin, read without the errors and delays that deep or long values cause."""

from __future__ import annotations

import json
from typing import Any

from lib_omost.canvas.limits import MAX_NESTING, number_of


class NestingError(ValueError):
    """JSON nests lists and objects deeper than it may; the message says how deep it may."""


def load_json(text: str | bytes, *, nesting: int = MAX_NESTING, strict: bool = True) -> Any:
    """Read JSON. A whole number of too many digits is read as infinity.

    Args:
        text: The JSON.
        nesting: The number of lists and objects that may stand within each other.
        strict: Whether control characters in texts are refused.

    Raises:
        ValueError: The text is not JSON, or it is nested too deeply (NestingError).
    """
    try:
        data = json.loads(text, parse_int=number_of, strict=strict)
    except RecursionError:
        raise NestingError(f"this JSON is nested more than {nesting} deep") from None
    if depth_exceeds(data, nesting):
        raise NestingError(f"this JSON is nested more than {nesting} deep")
    return data


def depth_exceeds(data: object, limit: int) -> bool:
    """Whether lists and objects stand within each other more than `limit` deep."""
    level: list[object] = [data]
    for _ in range(limit + 1):
        inner: list[object] = []
        for value in level:
            if isinstance(value, dict):
                inner += value.values()
            elif isinstance(value, (list, tuple)):
                inner += value
        level = inner
        if not level:
            return False
    return True
