"""Parses JSON of unknown origin and rejects nesting and digits that cost too much time."""

from __future__ import annotations

import json
from typing import Any

from lib_omost.canvas.limits import MAX_NESTING, parse_integer


class NestingError(ValueError):
    """JSON exceeds the allowed nesting depth; the message contains the limit."""


def load_json(text: str | bytes, *, nesting: int = MAX_NESTING, strict: bool = True) -> Any:
    """Parses JSON. An integer with too many digits becomes an infinity.

    Args:
        text: The JSON text.
        nesting: Maximum nesting depth of lists and objects.
        strict: Whether to reject control characters in texts.

    Returns:
        The parsed value.

    Raises:
        ValueError: The text is not JSON, or it exceeds the nesting depth (NestingError).
    """
    try:
        data = json.loads(text, parse_int=parse_integer, strict=strict)
    except RecursionError:
        raise NestingError(f"this JSON is nested more than {nesting} deep") from None
    if depth_exceeds(data, nesting):
        raise NestingError(f"this JSON is nested more than {nesting} deep")
    return data


def depth_exceeds(data: object, limit: int) -> bool:
    """Returns whether the nesting depth of lists and objects exceeds a limit."""
    values: list[object] = [data]
    for _ in range(limit + 1):
        inner: list[object] = []
        for value in values:
            if isinstance(value, dict):
                inner += value.values()
            elif isinstance(value, (list, tuple)):
                inner += value
        values = inner
        if not values:
            return False
    return True
