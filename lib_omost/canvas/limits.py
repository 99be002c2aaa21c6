"""How much a reader of canvases takes in; more than this is refused or left out with a message."""

from __future__ import annotations

import math

MAX_CHARACTERS = 400_000
"""Of a text to read. An answer of six described regions has about 13,000."""

MAX_REGIONS = 100
"""On one canvas. Each costs tokens in every attention layer; the language models write 3 to 8."""

MAX_NESTING = 24
"""Brackets within brackets, in code and in JSON. Canvas code needs two."""

MAX_CODE_CHARACTERS = 5_000
"""Of one call outside its strings, blanks and commas. A full call has about 250."""

MAX_CALLS = 300
"""Of canvas code in one text. A canvas of the most regions has 102, an answer of a model 9."""

MAX_TOKENS = 50_000
"""Of canvas code in one text. A canvas of the most regions has about 10,000."""

MAX_EXTRA_NESTING = MAX_NESTING - 4
"""Of an unknown key's value. Each form of file has it within four lists and objects at most."""

MAX_DIGITS = 300
"""Of a whole number. More make no float, and Python takes long to write them."""


def bounded(number: int) -> int | float:
    """Return the number, infinity where it has more than MAX_DIGITS digits."""
    if -(10**MAX_DIGITS) < number < 10**MAX_DIGITS:
        return number
    return math.inf if number > 0 else -math.inf


def number_of(digits: str) -> int | float:
    """Return the whole number that the digits write; infinity for more than MAX_DIGITS of them."""
    if len(digits) <= MAX_DIGITS:
        return int(digits)
    return -math.inf if digits.startswith("-") else math.inf


def too_long(text: str) -> str:
    """Say that a text is longer than is read; nothing where it is not."""
    if len(text) <= MAX_CHARACTERS:
        return ""
    return (
        f"the text has {len(text):,} characters; at most {MAX_CHARACTERS:,} are read. "
        "Paste the last answer alone."
    )
