"""A tokenizer small enough to count by hand."""

from __future__ import annotations

import re

from lib_omost.text.prompt_syntax import weighted_pieces
from lib_omost.text.sub_prompt import SubPrompt


def literal(sub_prompt: SubPrompt) -> str:
    """The text as an encoder sees it, without emphasis."""
    if sub_prompt.syntax == "plain":
        return sub_prompt.text
    return "".join(text for text, _ in weighted_pieces(sub_prompt.text))


def count_words(sub_prompt: SubPrompt) -> int:
    """A token for every four letters begun of a word; commas and full stops are free."""
    words = re.findall(r"[^\s.,]+", literal(sub_prompt))
    return sum(-(-len(word) // 4) for word in words)


def words(count: int, word: str = "w") -> SubPrompt:
    """A normalised sub-prompt of `count` tokens."""
    return SubPrompt(" ".join([word] * count) + ".")
