"""The prompt prefix tree: which sub-prompts lead to a region and which describe it."""

from __future__ import annotations

from dataclasses import dataclass

from lib_omost.text.subprompt import SubPrompt


@dataclass(frozen=True)
class PromptPath:
    """The prefixes that every bag of a condition starts with, and the suffixes to be bagged."""

    prefixes: tuple[SubPrompt, ...]
    suffixes: tuple[SubPrompt, ...]
