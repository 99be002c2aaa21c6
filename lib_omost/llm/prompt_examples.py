"""The content words of the prompts' examples; the composition benchmark counts copies of them."""

from __future__ import annotations

import re

from lib_omost.canvas.colors import match_color

_MARKS = ("\nExample.", "\nRequest:", "\nCanvas:\n")
"""Texts of which the first one begins the examples of a prompt."""

_GENERAL = frozenset({
    "add", "air", "and", "area", "around", "atmosphere", "audience", "back", "beautiful", "behind",
    "bit", "bold", "both", "bottom", "bright", "but", "calm", "canvas", "carved", "center",
    "clouds", "cold", "color", "comic", "contrast", "corner", "cracks", "crisp", "dark", "decks",
    "deep", "description", "detail", "detailed", "distance", "dramatic", "dry", "dusty", "edge",
    "edges", "empty", "enjoys", "example", "feathers", "feels", "festive", "fine", "foam", "foot",
    "from", "front", "global", "glow", "hang", "has", "heavy", "her", "high", "his", "hold",
    "holds", "horn", "huge", "ice", "inscription", "into", "its", "large", "left", "light",
    "lights", "lines", "local", "long", "look", "looks", "low", "make", "medium", "middle", "mist",
    "move", "narrow", "night", "offset", "oil", "old", "one", "other", "over", "painting", "pale",
    "photo", "picture", "place", "plain", "playful", "plays", "proud", "put", "quality", "region",
    "request", "right", "rings", "round", "rusty", "safe", "says", "scratched", "sea", "set",
    "shine", "shines", "sides", "sits", "size", "skin", "sky", "slightly", "small", "smaller",
    "smooth", "softly", "some", "spreads", "square", "stand", "stands", "steady", "steep", "stone",
    "strings", "strokes", "strong", "style", "swap", "tags", "tall", "texture", "that", "the",
    "thing", "things", "three", "through", "tiny", "top", "tower", "triangular", "two", "upper",
    "user", "vertical", "viewer", "water", "wears", "wet", "where", "wide", "wings", "with",
    "wood", "worn", "wrinkled", "write", "writes", "yellow", "you",
})  # fmt: skip
"""Words of the examples that fit many pictures, and the keys of the answers."""


def example_words(prompt: str) -> frozenset[str]:
    """Returns the words that name things in the examples of a system prompt.

    Args:
        prompt: A system prompt; empty for no prompt.
    """
    starts = [prompt.find(mark) for mark in _MARKS if mark in prompt]
    if not starts:
        return frozenset()
    rules, examples = prompt[: min(starts)], prompt[min(starts) :]
    words = _words(examples) - _words(rules) - _GENERAL
    return frozenset(word for word in words if match_color(word) is None)


def _words(text: str) -> set[str]:
    return set(re.findall(r"[a-z]{3,}", text.lower()))
