"""String literals as people and models write them, made into what Python reads.

There are two readings of where a string ends. The strict one is Python's: at the first quote of
its kind that no backslash precedes. The lenient one is for unescaped apostrophes and typographic
quotes: a quote closes the string only if what follows it looks like code again.
"""

from __future__ import annotations

import re
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


@dataclass(frozen=True)
class Literal:
    """A string literal: its source for Python, where it ends, and what was repaired in it."""

    source: str
    end: int
    repair: str = ""


def read_literal(code: str, start: int, *, lenient: bool) -> Literal | None:
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
        end = _strict_end(code, opening.end(), quote)
    if end is None:
        return None
    closing = len(quote)
    body = code[opening.end() : end - closing]
    return Literal(_source(prefix, body, closing == 3), end, _repair(quote, code[end - 1], body))


def unfinished_literal(code: str, start: int) -> Literal:
    """Read a literal without its closing quote: it ends with its line, before a comma there."""
    opening = OPENING.match(code, start)
    assert opening is not None
    end = code.find("\n", start)
    body = code[opening.end() : end if end >= 0 else len(code)].rstrip(" \t,")
    return Literal(
        _source(opening["prefix"].lower(), body, False),
        opening.end() + len(body),
        "a closing quote",
    )


def _strict_end(code: str, start: int, quote: str) -> int | None:
    if quote not in ("'", '"', "'''", '"""'):
        return None
    newline = "" if len(quote) == 3 else r"|\n"
    for step in re.compile(rf"\\.|{quote}{newline}", re.DOTALL).finditer(code, start):
        if step.group() == quote:
            return step.end()
        if step.group() == "\n":
            return None
    return None


def _lenient_end(code: str, start: int, quote: str) -> int | None:
    family = SINGLE if quote in SINGLE else DOUBLE
    for step in re.compile(rf"\\.|[{family}]|\n").finditer(code, start):
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
        body = re.sub(r'["\\]', r"\\\g<0>", body)
    else:
        body = _SPECIAL.sub(lambda m: m[0] if len(m[0]) > 1 else f"\\{m[0]}", body)
    quote = '"""' if long else '"'
    return f"{quote}{body}{quote}"


def _repair(opening: str, closing: str, body: str) -> str:
    if opening[0] not in "'\"" or closing not in "'\"":
        return "typographic quotes"
    if opening in re.sub(r"\\.", "", body, flags=re.DOTALL):
        return "quotes inside a text"
    return ""
