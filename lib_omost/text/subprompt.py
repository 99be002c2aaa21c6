"""Sub-prompts: short texts that describe one thing without leaning on others."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from lib_omost.canvas.model import Syntax


@dataclass(frozen=True)
class SubPrompt:
    """A text and the syntax it is written in; normalised, so it ends in one full stop."""

    text: str
    syntax: Syntax = "plain"


CountTokens = Callable[[SubPrompt], int]
"""The number of tokens of a sub-prompt without begin and end tokens, as the host counts it."""

Bag = tuple[SubPrompt, ...]
"""Sub-prompts encoded together as one 77-token chunk: prefixes, then suffixes."""
