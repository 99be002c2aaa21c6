"""Sub-prompts: short texts that describe one thing without leaning on others."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from lib_omost.canvas.model import Syntax


@dataclass(frozen=True)
class SubPrompt:
    """A text and the syntax it is written in; normalised, so it ends in one full stop.

    `owner` says for messages whose text it is ("region 2 ('a red fox')"); two sub-prompts that
    differ in nothing else are equal.
    """

    text: str
    syntax: Syntax = "plain"
    owner: str = field(default="", compare=False)


CountTokens = Callable[[SubPrompt], int]
"""The number of tokens of a sub-prompt without begin and end tokens, as the host counts it."""

Bag = tuple[SubPrompt, ...]
"""Sub-prompts encoded together as one 77-token chunk: prefixes, then suffixes.

Each is tokenised by itself and the tokens are put in a row, so a bracket that one leaves open
ends with it. A condition without any text has one empty bag.
"""


def shortened(text: str, most: int = 60) -> str:
    """Return a text for a message: its first `most` characters."""
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"


def quoted(text: str, most: int = 40) -> str:
    """Quote a text for a message, shortened to its first `most` characters."""
    return f"'{shortened(text, most)}'"
