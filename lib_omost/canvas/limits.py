"""Limits of the canvas readers: length, regions, nesting and digits.

A reader refuses a text above a limit, or it drops the excess and reports it.
"""

from __future__ import annotations

import math

MAX_CHARACTERS = 400_000
"""Maximum length of a canvas text. A model answer with six described regions has about 13,000."""

MAX_REGIONS = 100
"""Maximum number of regions on a canvas.

Each region adds tokens to every cross-attention layer. The language models write 3 to 8 regions.
"""

MAX_NESTING = 24
"""Maximum nesting depth of brackets in code, and of lists and objects in JSON. Code needs two."""

MAX_CODE_CHARACTERS = 5_000
"""Maximum number of characters of one call outside strings, blanks and commas.

A call with all parameters has about 250.
"""

MAX_STATEMENTS = 2_000
"""Maximum number of statements in one text. A canvas of MAX_REGIONS has 102, a model answer 9."""

MAX_TOKENS = 50_000
"""Maximum number of Python tokens in one text. A canvas of MAX_REGIONS has about 10,000."""

MAX_EXTRA_NESTING = MAX_NESTING - 4
"""Maximum nesting depth of the value of an unknown key.

Each JSON form puts these values inside at most four lists and objects.
"""

MAX_DIGITS = 300
"""Maximum number of digits of an integer. Longer ones fit no float and are slow to print."""


def limit_integer(number: int) -> int | float:
    """Returns the number, or an infinity of its sign if it has more than MAX_DIGITS digits."""
    if -(10**MAX_DIGITS) < number < 10**MAX_DIGITS:
        return number
    return math.inf if number > 0 else -math.inf


def parse_integer(digits: str) -> int | float:
    """Parses an integer; returns an infinity for more than MAX_DIGITS characters."""
    if len(digits) <= MAX_DIGITS:
        return int(digits)
    return -math.inf if digits.startswith("-") else math.inf


def length_error(text: str) -> str:
    """Returns an error message if the text exceeds MAX_CHARACTERS, else an empty string."""
    if len(text) <= MAX_CHARACTERS:
        return ""
    return (
        f"the text has {len(text):,} characters; at most {MAX_CHARACTERS:,} are read. "
        "Paste the last answer alone."
    )
