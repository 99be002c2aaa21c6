"""Chooses the language of a visitor of the stand-alone page by the browser's Accept-Language."""

from __future__ import annotations

import re
from contextvars import ContextVar
from pathlib import Path

FOLDER = Path(__file__).parents[2] / "localizations"

ENGLISH = "en"
"""The language of the texts themselves, which needs no file."""

FILES = {file.stem.partition("_")[0]: file for file in sorted(FOLDER.glob("??_??.json"))}
"""Files of the other languages by their codes, such as "de"."""

LANGUAGES = (ENGLISH, *FILES)

_ITEM = re.compile(r"\s*(?P<code>[a-z]+)[\w-]*\s*(?:;\s*q=(?P<weight>[\d.]+)\s*)?", re.IGNORECASE)

_language: ContextVar[str] = ContextVar("visitor_language", default=ENGLISH)


def preferred_language(header: str) -> str:
    """Returns the known language that a browser prefers, English for none.

    Args:
        header: The value of Accept-Language, such as "fr, de-AT;q=0.8, en;q=0.5".
    """
    weights: dict[str, float] = {}
    for item in map(_ITEM.fullmatch, header.split(",")):
        if item and item["code"].lower() in LANGUAGES:
            weights.setdefault(item["code"].lower(), _weight(item["weight"]))
    accepted = [code for code, weight in weights.items() if weight > 0]
    return max(accepted, key=weights.__getitem__, default=ENGLISH)


def set_visitor_language(header: str) -> None:
    """Sets the language of the request that this context answers, by its Accept-Language."""
    _language.set(preferred_language(header))


def visitor_language() -> str:
    """Returns the language of the request that this context answers."""
    return _language.get()


def _weight(text: str | None) -> float:
    try:
        return float(text or 1)
    except ValueError:
        return 0.0
