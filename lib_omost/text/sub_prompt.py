"""Defines the sub-prompt, a short text that describes one thing by itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from lib_omost.canvas.model import Syntax


@dataclass(frozen=True)
class SubPrompt:
    """A normalised text, which ends in one full stop, and the syntax in which it is written.

    Attributes:
        text: The text.
        syntax: "plain" reads every character as text, "webui" reads the host's prompt syntax.
        owner: Name of the text's owner for messages, such as "region 2 ('a red fox')". Sub-prompts
            that differ only in their owner are equal.
    """

    text: str
    syntax: Syntax = "plain"
    owner: str = field(default="", compare=False)


CountTokens = Callable[[SubPrompt], int]
"""Counts the tokens of a sub-prompt as the host does, without begin and end tokens."""


def shorten(text: str, limit: int = 60) -> str:
    """Shortens a text for a message.

    Args:
        text: The text.
        limit: Maximal number of characters.

    Returns:
        The text, or its beginning and an ellipsis.
    """
    return text if len(text) <= limit else f"{text[: limit - 1].rstrip()}…"


def quote(text: str, limit: int = 40) -> str:
    """Quotes a text for a message, shortened to `limit` characters.

    Args:
        text: The text.
        limit: Maximal number of characters.
    """
    return f"'{shorten(text, limit)}'"
