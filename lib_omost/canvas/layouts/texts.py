"""Joins the texts of a canvas for formats with one text for each region, and splits them again."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from lib_omost.canvas.model import Canvas, Region
from lib_omost.canvas.prompt_texts import suffix_texts

_WRITTEN_WORDS = re.compile(r'The text "([^"]*)"(?:: (.+)|\.)', re.DOTALL)


def one_text(part: Canvas | Region) -> str:
    """Returns all texts of a canvas without its regions, or of a region, as one paragraph."""
    return join_sentences([part.description, *suffix_texts(part)])


def join_sentences(texts: Iterable[str]) -> str:
    """Joins texts to one paragraph and ends each text except the last with a full stop."""
    sentences = [text.strip() for text in texts if text.strip()]
    ended = [text if text[-1] in ".!?:;,\u3002" else f"{text}." for text in sentences[:-1]]
    return " ".join([*ended, *sentences[-1:]])


def describe_words(words: str, description: str) -> str:
    """Returns the description of a region that contains written words, which it quotes."""
    quoted = words.strip().replace('"', "'")
    return f'The text "{quoted}": {description}' if description else f'The text "{quoted}".'


def split_words(description: str) -> tuple[str, str]:
    """Splits a description that `describe_words` wrote into the words and the description.

    Returns:
        The words, "" for any other description, and the rest of the description.
    """
    match = _WRITTEN_WORDS.fullmatch(description)
    return (match[1], match[2] or "") if match else ("", description)


def common_tags(lines: Sequence[str]) -> str:
    """Returns the comma-separated tags that occur in all lines, in the order of the first."""
    if not lines:
        return ""
    tags = [[tag.strip() for tag in line.split(",")] for line in lines]
    others = [set(line_tags) for line_tags in tags[1:]]
    common = [tag for tag in tags[0] if tag and all(tag in line_tags for line_tags in others)]
    return ", ".join(common)
