"""Reads the strings of damaged JSON: finds their end despite inner quotes and decodes them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from lib_omost.canvas.string_literals import DOUBLE, SINGLE

_CLOSING = {
    '"': '"＂',
    "'": "'＇",
    "`": "`",
    **dict.fromkeys("＂", '"＂'),
    **dict.fromkeys("＇", "'＇"),
    **dict.fromkeys(DOUBLE.replace('"', ""), DOUBLE),
    **dict.fromkeys(SINGLE.replace("'", ""), SINGLE),
    "「": "」",
    "『": "』",
}
"""The quotes that can close a string, by the quote that opens it."""

QUOTES = "".join(_CLOSING)
"""All quotes that can open a string."""

MAX_KEY_CHARACTERS = 200
"""Maximum length of a damaged key. In prose, a bracket and a quote may be all signs of JSON."""

_VALID_BODY = re.compile(r'"(?:[^"\\\n]|\\.)*')
_KEY_END = re.compile(r'"[ \t\r\n]*:')
_WITH_FULL_WIDTH_QUOTE = re.compile(r'"(?:[^"\\\n＂]|\\.)*＂(?:[^"\\\n]|\\.)*"')
"""A valid string that contains a quote which may close a damaged one."""

_STOPS = {
    # A fence ends a string: the text was cut off inside a code block, and prose follows.
    quote: re.compile(rf"\\.|[{re.escape(closing)}]|\n[ \t]*```", re.DOTALL)
    for quote, closing in _CLOSING.items()
}
_TRIPLE = re.compile(r"\"\"\"|'''")
_GAP = r"[\s\ufeff\u200b\u2060]*"
_COLON = re.compile(rf"{_GAP}[:：=]")
_AFTER_STRING = re.compile(
    rf"""{_GAP}(?:
        $ | [}}\])｝］】] | // | /\* | \+{_GAP}[{QUOTES}] | \x23
      | [,，、;；]{_GAP}(?:
            $ | [{QUOTES}{{}}\[\]()｛｝［］\d\-\x23/] | [\w$]+[ \t]*[:：=]
          | (?:true|false|null|True|False|None)\b )
    ) | [ \t]*\r?\n{_GAP}(?:[{QUOTES}{{\[｛［] | [\w$]+[ \t]*[:：=])
      | [ \t]+[{QUOTES}][\w$]+[{QUOTES}]{_GAP}[:：]""",
    re.VERBOSE,
)
"""Matches the text behind a closing quote: a bracket, a comma and the next value, a comment."""

_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(.))", re.DOTALL)
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "\n": "", '"': '"', "\\": "\\",
            "/": "/"}  # fmt: skip


@dataclass(frozen=True)
class LenientString:
    """A string of damaged JSON.

    Attributes:
        text: The decoded text.
        end: Position behind the string.
        repairs: The repaired defects.
    """

    text: str
    end: int
    repairs: tuple[str, ...] = ()


class KeyReader:
    """Reads the quoted keys of a text.

    Args:
        text: The text.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._first_possible = 0
        """Before this position no valid key opens.

        A string that opened before it ends here, and no colon follows. Its inner quotes are
        escaped, so from each of them the string would end at the same place.
        """

    def read(self, start: int) -> LenientString | None:
        """Reads the key that opens at `start`; None if it does not end soon, on its line.

        A valid key, with its colon behind it, may be of any length.
        """
        text, end = self._text, self._valid_end(start)
        if end is not None:
            return _decode(text, start, end, end + 1)
        line = text[start : start + MAX_KEY_CHARACTERS].partition("\n")[0]
        for stop in _STOPS[text[start]].finditer(line, 1):
            if stop.group()[0] != "\\":
                return _decode(text, start, start + stop.start(), start + stop.end())
        return None

    def _valid_end(self, start: int) -> int | None:
        """Returns the position of the closing quote of a valid key."""
        if start < self._first_possible:
            return None
        body = _VALID_BODY.match(self._text, start)
        if body is None:
            return None
        if _KEY_END.match(self._text, body.end()):
            return body.end()
        self._first_possible = body.end()
        return None


def read_string(text: str, start: int, *, in_list: bool) -> LenientString | None:
    """Reads the string value that opens at `start`.

    Args:
        text: The text.
        start: Position of the opening quote.
        in_list: Whether the string is an item of a list. A colon may follow it if the list's
            bracket is missing and the string is the next key.

    Returns:
        The string; None if the text ends inside it.
    """
    triple = _TRIPLE.match(text, start)
    if triple:
        end = text.find(triple.group(), triple.end())
        return None if end < 0 else _decode(text, start + 2, end, end + 3, "triple quotes")
    valid = _WITH_FULL_WIDTH_QUOTE.match(text, start)
    if valid and _AFTER_STRING.match(text, valid.end()):
        return _decode(text, start, valid.end() - 1, valid.end())
    former = -1  # the quote before the current one
    for stop in _STOPS[text[start]].finditer(text, start + 1):
        if stop.group()[0] == "\\":
            continue
        if stop.group()[0] == "\n":
            return None
        if _COLON.match(text, stop.end()):
            if in_list and former < 0:
                return _decode(text, start, stop.start(), stop.end())
            if former >= 0 and _last_character(text, start + 1, former) in ("{", ",", "\n"):
                return _unclosed(text, start, former)
        elif _AFTER_STRING.match(text, stop.end()):
            inner = "quotes inside a text" if former >= 0 else ""
            return _decode(text, start, stop.start(), stop.end(), inner)
        former = stop.start()
    return None


def _last_character(text: str, start: int, end: int) -> str:
    """Returns the last character of a part of a text that is no blank, "" for none."""
    while end > start and text[end - 1] in " \t":
        end -= 1
    return text[end - 1 : end] if end > start else ""


def _unclosed(text: str, start: int, next_key: int) -> LenientString:
    """Ends a string without a closing quote at its line's end, or before the next key."""
    line_end = text.find("\n", start, next_key)
    end = line_end if line_end >= 0 else next_key
    end = start + len(text[start:end].rstrip(" \t,"))
    return _decode(text, start, end, end, "a text without a closing quote")


def _decode(text: str, start: int, close: int, end: int, repair: str = "") -> LenientString:
    """Decodes the string between the opening quote at `start` and the closing one at `close`."""
    body = text[start + 1 : close]
    quote = text[start]
    repairs = [repair] if repair else []
    if quote == "'":
        repairs.append("single quotes")
    elif quote != '"':
        repairs.append("typographic quotes")
    if "\n" in body:
        repairs.append("a line break inside a text")
        body = _join_lines(body)
    if "\\" in body:
        unknown = [found[3] for found in _ESCAPE.finditer(body) if found[3]]
        if any(char not in _ESCAPED for char in unknown):
            repairs.append("backslashes before other characters")
        body = _ESCAPE.sub(_unescape, body)
        # Two escapes may be the halves of one character.
        body = body.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")
    return LenientString(body, end, tuple(repairs))


def _join_lines(body: str) -> str:
    """Joins the lines of a wrapped text with blanks; keeps the blanks at both ends."""
    lines = body.replace("\\\n", "").split("\n")
    if len(lines) == 1:
        return lines[0]
    first, *middle, last = lines
    return " ".join((first.rstrip(), *(line.strip() for line in middle), last.lstrip()))


def _unescape(escape: re.Match[str]) -> str:
    code = escape[1] or escape[2]
    return chr(int(code, 16)) if code else _ESCAPED.get(escape[3], escape[3])
