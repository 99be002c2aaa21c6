"""A tokenizer whose tokens can be counted by hand."""

from __future__ import annotations

import re

from lib_omost.text.prompt_syntax import parse_emphasis
from lib_omost.text.sub_prompt import SubPrompt


def literal(sub_prompt: SubPrompt) -> str:
    """Returns the text without emphasis, as a text encoder reads it."""
    if sub_prompt.syntax == "plain":
        return sub_prompt.text
    return "".join(text for text, _ in parse_emphasis(sub_prompt.text))


def count_words(sub_prompt: SubPrompt) -> int:
    """Counts one token for every four letters of a word; commas and full stops count nothing."""
    words = re.findall(r"[^\s.,]+", literal(sub_prompt))
    return sum(-(-len(word) // 4) for word in words)


def words(count: int, word: str = "w") -> SubPrompt:
    """Returns a normalised sub-prompt of `count` tokens."""
    return SubPrompt(" ".join([word] * count) + ".")
