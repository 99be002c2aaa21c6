"""The language that the host's Settings choose, for the texts of texts.py.

Both hosts keep a language as JSON, an object from whole texts to their translations, in
`localizations/` of the WebUI or of an extension, and put it to work in the browser. A text with
values filled in is no key of theirs any more: it is translated here, before that.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from lib_omost.compose.answer_ends import ANSWER_ENDS
from lib_omost.options import OPTIONS
from lib_omost.program.current import current
from lib_omost.settings import FIELDS
from lib_omost.ui import texts


def say(text: str, **values: Any) -> str:
    """Translate a text and fill in its values; without values braces in it stay as they are."""
    translated = _language().get(text) or text
    if not values:
        return translated
    try:
        return translated.format(**values)
    except (LookupError, ValueError):  # a translator's slip
        return text.format(**values)


def counted(count: int, what: str) -> str:
    """Say how many there are of something; what: a key of texts.COUNTED."""
    one, many = texts.COUNTED[what]
    return say(one) if count == 1 else say(many, count=f"{count:,}")


def all_texts() -> list[str]:
    """Return every text of the page that can be translated, each once, in a stable order."""
    own = (_texts_in(value) for name, value in vars(texts).items() if name.isupper())
    found = [text for group in own for text in group] + list(ANSWER_ENDS.values())
    for field in FIELDS.values():
        found += [field.label, field.help]
    for option in OPTIONS.values():
        found += [option.label, f"({option.info})"]  # so the host shows what is to be known
    return list(dict.fromkeys(found))


def template(known: Mapping[str, str]) -> str:
    """Write a localisation file; known: the translations that are there already.

    What is missing stands for itself: both hosts would show nothing in place of a text whose
    translation is empty.
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


@functools.lru_cache(maxsize=1)
def _read(files: tuple[str, ...]) -> Mapping[str, str]:
    """Read a language's files, as the host does: what it cannot read it has reported itself."""
    language: dict[str, str] = {}
    for file in files:
        try:
            language |= json.loads(Path(file).read_text(encoding="utf-8"))
        except (OSError, TypeError, ValueError):
            continue
    return language
