"""Translates the texts of the page into the language of the host's Settings.

Both hosts store a language as a JSON object from texts to translations, in the folder
`localizations/` of the WebUI or of an extension, and translate complete texts in the browser. This
module translates texts with placeholders, because a filled-in text is no key of that object.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from lib_omost.canvas import vocabulary
from lib_omost.compose.answer_ends import ANSWER_ENDS
from lib_omost.options import OPTIONS
from lib_omost.program.current import current
from lib_omost.settings import FIELDS
from lib_omost.ui import messages, standalone_texts, texts

_PATTERNS = {
    template: re.compile(re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>.+)", re.escape(template)))
    for template in messages.MESSAGES
    if "{" in template
}
"""Matches the messages with values, by their templates."""


def say(text: str, **values: Any) -> str:
    """Returns a translated text with its placeholders filled in.

    Args:
        text: The English text.
        values: Values of the placeholders. Without values, braces stay in the text.
    """
    translated = _language().get(text) or text
    if not values:
        return translated
    try:
        return translated.format(**values)
    except (LookupError, ValueError):  # the translation has wrong placeholders
        return text.format(**values)


def say_message(message: str) -> str:
    """Returns a translated message whose values are filled in already.

    Args:
        message: The English message of another module; one of no template stays as it is.
    """
    for template, pattern in _PATTERNS.items():
        match = pattern.fullmatch(message)
        if match:
            return say(template, **match.groupdict())
    return say(message)


def counted(count: int, noun: str) -> str:
    """Returns a number with its translated noun.

    Args:
        count: The number.
        noun: A key of `texts.COUNTED`.
    """
    one, many = texts.COUNTED[noun]
    return say(one) if count == 1 else say(many, count=f"{count:,}")


def all_texts() -> list[str]:
    """Returns every translatable text of the page once, in a stable order."""
    tables = {**vars(texts), **vars(standalone_texts), **vars(messages)}
    own = (_texts_in(value) for name, value in tables.items() if name.isupper())
    found = [text for group in own for text in group] + list(ANSWER_ENDS.values())
    for field in FIELDS.values():
        found += [field.label, field.help, *field.choices]
    found += [*vocabulary.LOCATIONS, *vocabulary.OFFSETS, *vocabulary.AREAS]
    for option in OPTIONS.values():
        found += [
            option.label,
            f"({option.info})",
        ]  # the host shows an option's information in parentheses
    return list(dict.fromkeys(found))


def template(known: Mapping[str, str]) -> str:
    """Returns a localisation file as JSON.

    Untranslated texts are their own translations, as both hosts show an empty translation as
    nothing.

    Args:
        known: The existing translations.
    """
    translations = {text: known.get(text) or text for text in all_texts()}
    return json.dumps({**known, **translations}, ensure_ascii=False, indent=4) + "\n"


def _texts_in(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        if value:
            yield value
        return
    for item in value.values() if isinstance(value, Mapping) else value:
        yield from _texts_in(item)


def _language() -> Mapping[str, str]:
    return _read(current().localisation_files())


@functools.lru_cache(maxsize=4)
def _read(files: tuple[str, ...]) -> Mapping[str, str]:
    """Reads a language's files without unreadable ones, which the host has already reported."""
    language: dict[str, str] = {}
    for file in files:
        try:
            language |= json.loads(Path(file).read_text(encoding="utf-8"))
        except (OSError, TypeError, ValueError):
            continue
    return language
