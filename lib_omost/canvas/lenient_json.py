"""Finds JSON in a text and parses it despite the defects of models, chats and copying.

The parser is the project's own, because it runs in the host's process, which ships neither json5
nor json_repair, and because neither of them fits: json5 refuses cut texts and line breaks inside
texts; json_repair takes quadratic time for quotes without an end, takes a half-written text for a
finished one, and does not report the lines of its repairs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from lib_omost.canvas.bounded_json import NestingError
from lib_omost.canvas.lenient_strings import MAX_KEY_CHARACTERS, QUOTES, KeyReader, read_string
from lib_omost.canvas.limits import MAX_NESTING, MAX_TOKENS, parse_integer

_ZERO_WIDTH = r"\ufeff\u200b\u2060"
_BLANKS = re.compile(rf"[\s{_ZERO_WIDTH}]*")
_COMMENT = re.compile(r"//[^\n]*|\x23(?![0-9a-fA-F]{3,8}\b)[^\n]*|/\*")
_START = re.compile(
    rf"""[{{｛][\s{_ZERO_WIDTH}]*(?:$|[}}｝{QUOTES}/\x23,]|[\w$-]+[ \t]*[:：])
      | [\[［][\s{_ZERO_WIDTH}]*(?:$|[\[{{\](｛］{QUOTES}\d/\x23-])""",
    re.VERBOSE,
)
"""Matches the beginning of JSON in prose: a bracket and the beginning of its first item."""

_OPENING = re.compile(r"[{｛\[［]")
_NUMBER = re.compile(r"[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?(?![\w.%])")
_BARE_KEY = re.compile(r"[\w$-]+(?=[ \t]*[:：=])")
_BARE = re.compile(r"(?:[^,，\n{}\[\]()｛｝［］\"/]|/(?![/*]))+")
_CONSTANTS = {
    "true": True, "false": False, "null": None, "True": True, "False": False, "None": None,
    "undefined": None, "NaN": float("nan"), "Infinity": float("inf"), "-Infinity": float("-inf"),
}  # fmt: skip
_CLOSERS = {"{": "}", "｛": "}", "[": "]", "［": "]", "(": ")"}
_HALF_WIDTH = {"｝": "}", "］": "]", "）": ")", "，": ",", "、": ",", "；": ",", ";": ","}
_FENCE = re.compile(r"\n[ \t]*```")
_NEXT_ITEM = re.compile(rf"[\s{_ZERO_WIDTH}]*,[\s{_ZERO_WIDTH}]*\{{")
_CUT = object()
"""The value of a member or an item in which the text ends."""


class CutOffObject(dict[str, Any]):
    """An object in which the text ends; it has the members that are complete."""


@dataclass
class LenientValue:
    """A JSON object or array of a text.

    Attributes:
        data: The value; the objects in which the text ends are CutOffObject.
        start: Position of its opening bracket.
        end: Position behind it.
        cut_off: The text, or its code block, ends inside the value.
        repairs: The repaired defects, with the position of the first one of each kind.
        losses: The same for defects whose repair lost characters.
    """

    data: Any
    start: int
    end: int
    cut_off: bool = False
    repairs: dict[str, int] = field(default_factory=dict)
    losses: dict[str, int] = field(default_factory=dict)


class TooManyPartsError(ValueError):
    """The JSON of a text has more parts than MAX_TOKENS; the message contains the limit."""


def find_values(text: str) -> Iterator[LenientValue]:
    """Yields the JSON objects and arrays of a text in order, in linear time.

    Args:
        text: A chat answer or JSON. Prose, fences and tags around the values are skipped.

    Raises:
        NestingError: A value is nested more than MAX_NESTING deep.
        TooManyPartsError: The values have more than MAX_TOKENS parts.
    """
    parts_left = MAX_TOKENS
    position = 0
    while opening := _OPENING.search(text, position):
        position = opening.start() + 1
        if _START.match(text, opening.start()):
            parser = _Parser(text, opening.start(), parts_left)
            value = parser.parse()
            parts_left = parser.parts_left
            if value is not None:
                yield value
            position = max(position, parser.position)


class _Parser:
    """Parses one value by recursive descent and collects the repairs."""

    def __init__(self, text: str, start: int, parts_left: int) -> None:
        self.text = text
        self.keys = KeyReader(text)
        self.position = start
        self.parts_left = parts_left
        self.value = LenientValue(None, start, start)
        self.due: list[str] = []  # the closing brackets of the open objects and lists

    def parse(self) -> LenientValue | None:
        """Parses the value; returns None if an object has no key, which is prose in braces."""
        self.value.data = self._container()
        self.value.end = self.position
        return None if self.value.data is _CUT else self.value

    def _container(self) -> Any:
        opening = self.text[self.position]
        if opening in "｛［":
            self._repair("full-width punctuation")
        if len(self.due) == MAX_NESTING:
            raise NestingError(f"this JSON is nested more than {MAX_NESTING} deep")
        self.due.append(_CLOSERS[opening])
        self.position += 1
        result = self._object() if opening in "{｛" else self._list()
        self.due.pop()
        return result

    def _object(self) -> Any:
        members: dict[str, Any] = {}
        after_comma = True
        while mark := self._next_mark():
            if mark == ",":
                after_comma = self._comma(after_comma, bool(members))
            elif mark in "}])":
                if self._closes(mark, after_comma and bool(members)):
                    return members
            elif mark in "{[(":
                self._repair("a missing bracket")
                return members
            else:
                if not after_comma:
                    self._repair("a missing comma")
                key = self._key()
                if key is None and not members and len(self.due) == 1:
                    return _CUT
                value = self._value() if key is not None else self._skip_junk()
                if value is not _CUT and key is not None:
                    if key in members:
                        self._lose(f"two values of {key[:40]!r}")
                    members[key] = value
                after_comma = False
        return CutOffObject(members)

    def _list(self) -> list[Any]:
        items: list[Any] = []
        after_comma = True
        while mark := self._next_mark():
            if mark == ",":
                after_comma = self._comma(after_comma, bool(items))
            elif mark in "}])":
                if self._closes(mark, after_comma and bool(items)):
                    break
            else:
                start = self.position
                item = self._value(in_list=True)
                if self._is_key(item):
                    self.position = start  # the list lacks its bracket: this is the next key
                    self._repair("a missing bracket")
                    break
                if not after_comma:
                    self._repair("a missing comma")
                if item is not _CUT:
                    items.append(item)
                after_comma = False
        return items

    def _is_key(self, item: Any) -> bool:
        """Returns whether a colon follows an item of a list inside an object."""
        if not isinstance(item, str) or len(item) > MAX_KEY_CHARACTERS or "}" not in self.due:
            return False
        return self._next_mark() == ":"

    def _comma(self, after_comma: bool, has_items: bool) -> bool:
        if after_comma:
            self._repair("a comma too many" if has_items else "a comma before the first item")
        self.position += 1
        return True

    def _closes(self, bracket: str, after_comma: bool) -> bool:
        """Returns whether a closing bracket ends the current container, and consumes it if so."""
        if bracket == self.due[-1]:
            self.position += 1
            if after_comma:
                self._repair("a comma before a closing bracket")
            return True
        self._repair("brackets that do not match")
        is_surplus = self.due[-1] == "]" and _NEXT_ITEM.match(self.text, self.position + 1)
        if bracket in self.due and not is_surplus:
            return True  # the container that this bracket closes will consume it
        self.position += 1
        return False

    def _next_mark(self) -> str:
        """Skips blanks and comments, and returns the next character; "" at the end or a fence."""
        while True:
            blanks = _BLANKS.match(self.text, self.position)
            assert blanks is not None
            self.position = blanks.end()
            comment = _COMMENT.match(self.text, self.position)
            if comment is None:
                break
            self._repair("a comment")
            end = comment.end()
            if comment.group() == "/*":
                found = self.text.find("*/", end)
                end = found + 2 if found >= 0 else len(self.text)
            self.position = end
        self.parts_left -= 1
        if self.parts_left < 0:
            raise TooManyPartsError(f"the text has more than {MAX_TOKENS:,} parts")
        if self.position >= len(self.text) or self.text.startswith("```", self.position):
            self.value.cut_off = True
            return ""
        mark = self.text[self.position]
        if mark in _HALF_WIDTH:
            self._repair("a semicolon" if mark == ";" else "full-width punctuation")
        mark = {"｛": "{", "［": "[", "：": ":"}.get(mark, mark)
        return _HALF_WIDTH.get(mark, mark)

    def _key(self) -> str | None:
        """Reads a key and its colon; returns None if there is no key here."""
        start = self.position
        bare = _BARE_KEY.match(self.text, start)
        if bare:
            self._repair("a key without quotes")
            key, self.position = bare.group(), bare.end()
        elif self.text[start] in QUOTES:
            quoted = self.keys.read(start)
            if quoted is None:
                return None
            self._repair(*quoted.repairs)
            key, self.position = quoted.text, quoted.end
        else:
            return None
        mark = self._next_mark()
        if mark in (":", "="):
            if self.text[self.position] != ":":
                self._repair("another character than a colon")
            self.position += 1
            if self.text.startswith(">", self.position):
                self.position += 1
        elif mark in (",", "}", "]", ")"):
            self.position = start
            return None
        elif mark and (mark in "{[" or mark in QUOTES):
            self._repair("a missing colon")
        elif mark:
            self.position = start
            return None
        return key

    def _value(self, *, in_list: bool = False) -> Any:
        mark = self._next_mark()
        if not mark:
            return _CUT
        if mark in "{[(":
            return self._container()
        if mark in QUOTES:
            return self._string(in_list)
        if mark in ",}])":
            self._lose("a key without a value")
            return _CUT
        return self._atom()

    def _string(self, in_list: bool) -> Any:
        """Reads a string and the strings that `+` joins to it."""
        texts: list[str] = []
        while True:
            string = read_string(self.text, self.position, in_list=in_list)
            if string is None:
                fence = _FENCE.search(self.text, self.position)
                self.position = fence.start() if fence else len(self.text)
                return _CUT
            self._repair(*string.repairs)
            texts.append(string.text)
            self.position = string.end
            if self._next_mark() != "+":
                return "".join(texts)
            self._repair("a sum of texts")
            self.position += 1
            if self._next_mark() not in QUOTES:
                return "".join(texts)

    def _atom(self) -> Any:
        """Reads a number, a constant or a text without quotes; _CUT if the text ends with it."""
        number = _NUMBER.match(self.text, self.position)
        bare = number or _BARE.match(self.text, self.position)
        if bare is None:
            return self._skip_junk()
        self.position = bare.end()
        if self.position == len(self.text):
            return _CUT
        word = bare.group().strip()
        if number:
            return parse_integer(word) if word.lstrip("+-").isdigit() else float(word)
        if word in _CONSTANTS:
            if word not in ("true", "false", "null", "NaN", "Infinity", "-Infinity"):
                self._repair("a constant of Python or JavaScript")
            return _CONSTANTS[word]
        if not any(char.isalnum() for char in word):
            self._lose(repr(word[:20]))
            return _CUT
        self._repair("a text without quotes")
        return word

    def _skip_junk(self) -> Any:
        """Skips characters that are no JSON, at least one."""
        bare = _BARE.match(self.text, self.position + 1)
        end = bare.end() if bare else self.position + 1
        if end < len(self.text):
            self._lose(repr(self.text[self.position : end].strip()[:20]))
        self.position = end
        return _CUT

    def _repair(self, *repairs: str) -> None:
        for repair in repairs:
            self.value.repairs.setdefault(repair, self.position)

    def _lose(self, loss: str) -> None:
        self.value.losses.setdefault(loss, self.position)
