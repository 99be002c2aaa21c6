"""String literals as people and models write them, made into what Python reads.

There are two readings of where a string ends. The strict one is Python's: at the first quote of
its kind that no backslash precedes. The lenient one is for unescaped apostrophes and typographic
quotes: a quote closes the string only if what follows it looks like code again.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass

SINGLE = "'‘’‚‛′"
DOUBLE = '"“”„‟″«»'
QUOTE = f"[{SINGLE}{DOUBLE}]"

OPENING = re.compile(rf"(?P<prefix>[rRbBuUfF]{{0,2}})(?P<quote>'''|\"\"\"|{QUOTE})")
_AFTER_CLOSING = re.compile(
    rf"""[ \t]*(?:
        $ | \n | \#                              # the end of the line
      | \+ | = | [)\]}}]+[ \t]*(?:$|[\n,;\#)\]}}+])  # a sum, a quoted name, a bracket
      | ,[ \t]*(?:$|[\n\#)\]}}\[(]|[-+]?\d|{QUOTE}|\w+[ \t]*=)  # the next item or field
      | (?<=[ \t])\w+[ \t]*=(?!=)               # the next field, its comma left out
      | (?<=[ \t]){QUOTE}(?=[^\s,.])             # an adjacent literal
    )""",
    re.VERBOSE,
)
_ESCAPE = re.compile(
    r"""\\(?:
        x[0-9a-fA-F]{2} | u[0-9a-fA-F]{4} | U00(?:0[0-9a-fA-F]|10)[0-9a-fA-F]{4}
      | [\\'"abfnrtv0-7\n]
    )""",
    re.VERBOSE,
)
_SPECIAL = re.compile(rf'{_ESCAPE.pattern}|["\\]', re.VERBOSE)
_TO_ESCAPE = re.compile(r'["\\]')
_ESCAPED = re.compile(r"\\.", re.DOTALL)
_SINGLE_OR_END = re.compile(rf"\\.|[{SINGLE}]|\n")
_DOUBLE_OR_END = re.compile(rf"\\.|[{DOUBLE}]|\n")
_MARKS = {
    # Nothing is consumed where the mark is: three quotes may begin within three others.
    mark: re.compile(rf"\\.|(?={mark})", re.DOTALL)
    for mark in ("'", '"', "'''", '"""', "\n")
}


@dataclass(frozen=True)
class StringLiteral:
    """A string literal: its source for Python, where it ends, and what was repaired in it."""

    source: str
    end: int
    repair: str = ""


class Closings:
    """Finds where literals of a code end, in the strict reading, without reading on each time.

    No literal opens behind a backslash of its own, so a quote is escaped or not wherever the
    literal around it opens.
    """

    def __init__(self, code: str) -> None:
        self._code = code
        self._places: dict[str, list[int]] = {}

    def end(self, start: int, quote: str) -> int | None:
        """Return the end of the literal whose text starts there; None where it has none."""
        if quote not in ("'", '"', "'''", '"""'):
            return None
        place = self._next(quote, start)
        if place is None or (len(quote) == 1 and (self._next("\n", start) or place) < place):
            return None
        return place + len(quote)

    def _next(self, mark: str, start: int) -> int | None:
        """Return the first place from `start` on where the mark is, not escaped."""
        if mark not in self._places:
            steps = _MARKS[mark].finditer(self._code)
            self._places[mark] = [step.start() for step in steps if not step.group()]
        places = self._places[mark]
        number = bisect_left(places, start)
        return places[number] if number < len(places) else None


def read_literal(
    code: str, start: int, closings: Closings, *, lenient: bool
) -> StringLiteral | None:
    """Read the literal that opens at `start`; None where it does not end (on its line).

    The returned source keeps the literal's line breaks, so that lines stay what they were.
    """
    opening = OPENING.match(code, start)
    if opening is None:
        return None
    prefix, quote = opening["prefix"].lower(), opening["quote"]
    if lenient and len(quote) == 1:
        end = _lenient_end(code, opening.end(), quote)
    else:
        end = closings.end(opening.end(), quote)
    if end is None:
        return None
    closing = len(quote)
    body = code[opening.end() : end - closing]
    return StringLiteral(
        _source(prefix, body, closing == 3), end, _repair(quote, code[end - 1], body)
    )


def unfinished_literal(code: str, start: int) -> StringLiteral:
    """Read a literal without its closing quote: it ends with its line, before a comma there."""
    opening = OPENING.match(code, start)
    assert opening is not None
    end = code.find("\n", start)
    body = code[opening.end() : end if end >= 0 else len(code)].rstrip(" \t,")
    return StringLiteral(
        _source(opening["prefix"].lower(), body, False),
        opening.end() + len(body),
        "a closing quote",
    )


def _lenient_end(code: str, start: int, quote: str) -> int | None:
    family = _SINGLE_OR_END if quote in SINGLE else _DOUBLE_OR_END
    for step in family.finditer(code, start):
        if step.group() == "\n":
            return None
        if step.group()[0] != "\\" and _AFTER_CLOSING.match(code, step.end()):
            return step.end()
    return None


def _source(prefix: str, body: str, long: bool) -> str:
    """Write the body as a literal that Python reads: escapes made valid, the prefix resolved."""
    if "f" in prefix and "{" in body:
        return "(" + "\n" * body.count("\n") + "formatted_text)"  # a name: no literal to read
    if "r" in prefix:
        body = _TO_ESCAPE.sub(r"\\\g<0>", body)
    else:
        body = _SPECIAL.sub(lambda m: m[0] if len(m[0]) > 1 else f"\\{m[0]}", body)
    quote = '"""' if long else '"'
    return f"{quote}{body}{quote}"


def _repair(opening: str, closing: str, body: str) -> str:
    if opening[0] not in "'\"" or closing not in "'\"":
        return "typographic quotes"
    if opening in _ESCAPED.sub("", body):
        return "quotes inside a text"
    return ""
