"""Converts string literals with typographic or unescaped quotes to valid Python literals.

Two rules determine the end of a string. The strict rule is Python's: the first unescaped quote of
the same kind closes the string. The lenient rule allows unescaped apostrophes and typographic
quotes: a quote closes the string only if the text after it looks like code.
"""

from __future__ import annotations

import keyword
import re
from bisect import bisect_left
from dataclasses import dataclass

SINGLE = "'‘’‚‛′＇"
DOUBLE = '"“”„‟″«»＂「」『』'
QUOTE = f"[{SINGLE}{DOUBLE}]"

OPENING = re.compile(rf"(?P<prefix>[rRbBuUfF]{{0,2}})(?P<quote>'''|\"\"\"|{QUOTE})")
_AFTER_CLOSING = re.compile(
    rf"""[ \t]*(?:
        $ | \n | \#                              # the end of the line
      | \+ | [=＝] | [:：][ \t]*(?:{QUOTE}|[-\d[({{])  # a sum, a quoted name, a key
      | [)\]}}）］｝]+[ \t]*(?:$|[\n,;\#)\]}}+，）])  # a bracket
      | [,，][ \t]*(?:$|[\n\#)\]}}）\[(]|[-+]?\d|{QUOTE}|\w+[ \t]*[=:＝：])  # the next item
      | (?<=[ \t])\w+[ \t]*=(?!=)               # the next field, its comma left out
      | (?<=[ \t]){QUOTE}(?=[^\s,.])             # an adjacent literal
    )""",
    re.VERBOSE,
)
_OTHER_QUOTE = re.compile(r"[^\n\"']+[\"'](?=[ \t]*(?:,[ \t]*\w+[ \t]*=|\)[ \t;]*(?:\n|$)))")
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
_LOOKS_LIKE_CODE = re.compile(
    rf"""[ \t]*(?:
        $ | \n | [\#)\]}}）] | {QUOTE} | ``` | ~~~ | \w+[ \t]*[=:＝：] | [\w.]+[(（]
    )""",
    re.VERBOSE,
)
_LINE_BREAK = re.compile(r"(?:(?<![ \t])[ \t]+)?\n[ \t]*")
_REPLACEMENT_FIELD = re.compile(
    r"""\{\{ | \}\}
      | \{[ ]* (?P<name>[A-Za-z_]\w*)
        (?P<access>(?:\.[A-Za-z_]\w*|\[\d{1,4}\]|\[(?:'[\w ]*'|"[\w ]*")\])*
        (?:[ ]?[-+*/][ ]?\d{1,4})?)
        [ ]*(?P<format>(?:![rs])?(?::[<>^]?\d{0,2}(?:\.\d)?[dfgs]?)?) \}
      | [{}]""",
    re.VERBOSE,
)
MAX_WRAPPED_LINES = 12
"""Lines over which a text with ordinary quotes may extend, as terminals wrap long lines."""

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
    if len(quote) == 1 and lenient and (line_breaks := body.count("\n")):
        source = _source(prefix, _LINE_BREAK.sub(" ", body), is_triple=False)
        return StringLiteral(source + "\n" * line_breaks, end, "a line break inside a text")
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
    """Returns the position after a closing quote by the lenient rule; None if there is none.

    The text may extend over line ends as long as the lines after them do not look like code.
    """
    family = _SINGLE_OR_END if quote in SINGLE else _DOUBLE_OR_END
    lines = 0
    for match in family.finditer(code, start):
        if match.group() == "\n":
            lines += 1
            if lines > MAX_WRAPPED_LINES or _LOOKS_LIKE_CODE.match(code, match.end()):
                break
        elif match.group()[0] != "\\" and _AFTER_CLOSING.match(code, match.end()):
            return match.end()
    other = _OTHER_QUOTE.match(code, start)
    return other.end() if other and quote in "'\"" else None


def _source(prefix: str, body: str, *, is_triple: bool) -> str:
    """Returns a valid Python literal of a body, with corrected escapes and without quotes in it."""
    quote = '"""' if is_triple else '"'
    if "f" not in prefix or not ("{" in body or "}" in body):
        return f"{quote}{_escape(prefix, body)}{quote}"
    parts: list[str] = []
    position = 0
    for field in _REPLACEMENT_FIELD.finditer(body):
        parts.append(_escape(prefix, body[position : field.start()]))
        position = field.end()
        name = field["name"]
        if field[0] in ("{", "}") or (name and keyword.iskeyword(name)):
            # a name, which the reader treats as computed
            return "(" + "\n" * body.count("\n") + "formatted_text)"
        access = (field["access"] or "").replace('"', "'")
        parts.append(f"{{{name}{access}{field['format']}}}" if name else field[0])
    parts.append(_escape(prefix, body[position:]))
    return f"f{quote}{''.join(parts)}{quote}"


def _escape(prefix: str, text: str) -> str:
    if "r" in prefix:
        return _TO_ESCAPE.sub(r"\\\g<0>", text)
    return _SPECIAL.sub(lambda match: match[0] if len(match[0]) > 1 else f"\\{match[0]}", text)


def _repair(opening: str, closing: str, body: str) -> str:
    if opening in "＇＂" or closing in "＇＂":
        return "full-width punctuation"
    if opening[0] not in "'\"" or closing not in "'\"":
        return "typographic quotes"
    if len(opening) == 1 and opening != closing:
        return "quotes that do not match"
    if opening in _ESCAPED.sub("", body):
        return "quotes inside a text"
    return ""
