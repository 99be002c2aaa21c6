"""Replaces a thing's words in all texts of a canvas, so that tags agree with a new description."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping

from lib_omost.canvas.model import Region

_STOP_WORDS = frozenset({"a", "an", "the", "with", "and", "of", "in", "on", "at"})


def split_words(text: str) -> list[str]:
    """Returns the words of a text in lower case."""
    return re.findall(r"\w+", text.casefold())


def thing_words(region: Region) -> set[str]:
    """Returns the words of a region's first tag, which names its thing."""
    return {word for word in split_words(region.tags.split(",")[0]) if word not in _STOP_WORDS}


def remove_thing(text: str, thing: set[str]) -> str:
    """Removes a thing from an enumeration: "a cat and a dog at dawn" becomes "a cat at dawn"."""
    parts = re.split(r",? and |, ", text)
    kept: list[str] = []
    for part in parts:
        found = [match.end() for match in re.finditer(r"\w+", part) if match[0].casefold() in thing]
        if not found:
            kept.append(part)
        elif kept:
            kept[-1] += part[found[-1] :]
    if not kept:
        return text
    joined = ", ".join(kept[:-1]) + (" and " if kept[:-1] else "") + kept[-1]
    return joined[:1].upper() + joined[1:] if len(kept) < len(parts) else text


def changed_words(before: str, after: str) -> dict[str, str]:
    """Returns the words of a text that another text replaces by one word each."""
    old, new = split_words(before), split_words(after)
    changes: dict[str, str] = {}
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    for kind, start, end, new_start, new_end in matcher.get_opcodes():
        if kind == "replace" and end - start == new_end - new_start:
            changes.update(zip(old[start:end], new[new_start:new_end], strict=True))
    return {one: other for one, other in changes.items() if one not in _STOP_WORDS}


def replace_words(text: str, changes: Mapping[str, str]) -> str:
    """Replaces words of a text and keeps their capitals."""

    def replacement(found: re.Match[str]) -> str:
        word = changes.get(found[0].casefold(), found[0])
        return word.capitalize() if found[0][:1].isupper() and word != found[0] else word

    return re.sub(r"\w+", replacement, text) if changes else text


def update_tags(tags: str, before: str, after: str, changes: Mapping[str, str]) -> str:
    """Drops tags whose words left the description and adds its new words as one tag."""
    removed = set(split_words(before)) - set(split_words(after)) - _STOP_WORDS
    kept = [tag for tag in re.split(r",\s*", tags) if set(split_words(tag)) - removed]
    known = {*split_words(before), *changes.values(), *split_words(tags), *_STOP_WORDS}
    new = " ".join(word for word in split_words(after) if word not in known)
    return ", ".join(filter(None, (*kept, new)))
