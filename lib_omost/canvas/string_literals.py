"""Converts string literals with typographic or unescaped quotes to valid Python literals.

Two rules determine the end of a string. The strict rule is Python's: the first unescaped quote of
the same kind closes the string. The lenient rule allows unescaped apostrophes and typographic
quotes: a quote closes the string only if the text after it looks like code.
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
    # The mark is not consumed, because three quotes may overlap with three others.
    mark: re.compile(rf"\\.|(?={mark})", re.DOTALL)
    for mark in ("'", '"', "'''", '"""', "\n")
}


@dataclass(frozen=True)
class StringLiteral:
    """A string literal of the text.

    Attributes:
        source: An equivalent Python literal.
        end: Position after the literal in the text.
        repair: The repaired defect; empty if the literal was valid.
    """

    source: str
    end: int
    repair: str = ""


class ClosingQuotes:
    """Index of the unescaped quotes of a text; finds the end of a literal by the strict rule.

    One pass over the text serves all literals: no literal opens after a backslash, therefore a
    quote is escaped or not regardless of the literal's beginning.
    """

    def __init__(self, code: str) -> None:
        self._code = code
        self._positions: dict[str, list[int]] = {}

    def end(self, start: int, quote: str) -> int | None:
        """Returns the position after the literal whose content begins at `start`, None if unclosed.

        Args:
            start: Position after the opening quote.
            quote: The opening quote; a single one must close on its line.
        """
        if quote not in ("'", '"', "'''", '"""'):
            return None
        position = self._next(quote, start)
        if position is None or (
            len(quote) == 1 and (self._next("\n", start) or position) < position
        ):
            return None
        return position + len(quote)

    def _next(self, mark: str, start: int) -> int | None:
        """Returns the position of the first unescaped mark from `start` on."""
        if mark not in self._positions:
            matches = _MARKS[mark].finditer(self._code)
            self._positions[mark] = [match.start() for match in matches if not match.group()]
        positions = self._positions[mark]
        index = bisect_left(positions, start)
        return positions[index] if index < len(positions) else None


def read_literal(
    code: str, start: int, closing_quotes: ClosingQuotes, *, lenient: bool
) -> StringLiteral | None:
    """Reads the string literal that opens at `start`.

    Args:
        code: The text.
        start: Position of the prefix or of the opening quote.
        closing_quotes: The index of the same text.
        lenient: Whether to apply the lenient rule instead of the strict one.

    Returns:
        The literal with all its line breaks, so that line numbers stay valid; None if the literal
        has no end, or none on its line for a single quote.
    """
    opening = OPENING.match(code, start)
    if opening is None:
        return None
    prefix, quote = opening["prefix"].lower(), opening["quote"]
    if lenient and len(quote) == 1:
        end = _lenient_end(code, opening.end(), quote)
    else:
        end = closing_quotes.end(opening.end(), quote)
    if end is None:
        return None
    body = code[opening.end() : end - len(quote)]
    source = _source(prefix, body, is_triple=len(quote) == 3)
    return StringLiteral(source, end, _repair(quote, code[end - 1], body))


def unfinished_literal(code: str, start: int) -> StringLiteral:
    """Reads a literal without a closing quote up to the end of its line, without a last comma."""
    opening = OPENING.match(code, start)
    assert opening is not None
    end = code.find("\n", start)
    body = code[opening.end() : end if end >= 0 else len(code)].rstrip(" \t,")
    return StringLiteral(
        _source(opening["prefix"].lower(), body, is_triple=False),
        opening.end() + len(body),
        "a closing quote",
    )


def _lenient_end(code: str, start: int, quote: str) -> int | None:
    family = _SINGLE_OR_END if quote in SINGLE else _DOUBLE_OR_END
    for match in family.finditer(code, start):
        if match.group() == "\n":
            return None
        if match.group()[0] != "\\" and _AFTER_CLOSING.match(code, match.end()):
            return match.end()
    return None


def _source(prefix: str, body: str, *, is_triple: bool) -> str:
    """Returns a valid Python literal of a body, with corrected escapes and without the prefix."""
    if "f" in prefix and "{" in body:
        return (
            "(" + "\n" * body.count("\n") + "formatted_text)"
        )  # a name, which the reader treats as computed
    if "r" in prefix:
        body = _TO_ESCAPE.sub(r"\\\g<0>", body)
    else:
        body = _SPECIAL.sub(lambda m: m[0] if len(m[0]) > 1 else f"\\{m[0]}", body)
    quote = '"""' if is_triple else '"'
    return f"{quote}{body}{quote}"


def _repair(opening: str, closing: str, body: str) -> str:
    if opening[0] not in "'\"" or closing not in "'\"":
        return "typographic quotes"
    if opening in _ESCAPED.sub("", body):
        return "quotes inside a text"
    return ""
