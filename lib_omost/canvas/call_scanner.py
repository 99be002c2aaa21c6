"""Finds the calls of canvas code in a text, repairs their syntax and parses them one by one.

Nothing is executed: each call becomes a syntax tree, and the reader evaluates literals only. Calls
are parsed separately, so that a broken call does not affect the others.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal as Choice

from lib_omost.canvas.limits import MAX_CODE_CHARACTERS, MAX_NESTING, MAX_TOKENS
from lib_omost.canvas.string_literals import (
    OPENING,
    ClosingQuotes,
    read_literal,
    unfinished_literal,
)

Kind = Choice["canvas", "global", "local"]

_ZERO_WIDTH = r"\u200b\u2060\ufeff"  # common in text copied from web pages
_SPACES = rf"(?:[^\S\n]|[{_ZERO_WIDTH}])*"
_CALL = rf"""{_SPACES}(?:\w+[ \t]*=[ \t]*)?(?:
      (?P<canvas>Canvas[ \t]*\((?:[ \t]*\))?)
    | (?:\w+(?:\(\))?[ \t]*\.[ \t]*)*(?i:(?:set|add)_?(?P<kind>global|local|region)\w*)[ \t]*\(
)"""
_CALL_ON_LINE = re.compile(rf"(?:^|;)(?:{_SPACES}```\w*)?{_CALL}", re.MULTILINE | re.VERBOSE)
_CALL_HERE = re.compile(_CALL, re.VERBOSE)
_TOKEN = re.compile(
    rf"""(?P<blank>[\s{_ZERO_WIDTH}]+) | (?P<comment>\#[^\n]*)
      | (?P<open>[(\[{{]) | (?P<close>[)\]}}]) | (?P<comma>,)
      | (?P<field>[A-Za-z_]\w*[ \t]*=(?!=)) | (?P<other>\w+|.)""",
    re.VERBOSE,
)
_BLANK = re.compile(r"\s*")
_NOT_NEWLINE = re.compile(r"[^\n]")
_CLOSING = {"(": ")", "[": "]", "{": "}"}


@dataclass(frozen=True)
class CanvasCall:
    """One call of canvas code.

    Attributes:
        kind: "canvas" for Canvas(), "global" or "local" for the method of that description.
        line: Line of the call, from 1.
        tree: The syntax tree with the line numbers of the text; None if the call is unparsable.
        problem: Why the call is unparsable; empty otherwise.
        repairs: The repaired defects and their lines.
        cut_off: The text ends before the call is closed.
        lost_item: The call's last item was incomplete and is not in the tree.
    """

    kind: Kind
    line: int
    tree: ast.Call | None = None
    problem: str = ""
    repairs: tuple[tuple[str, int], ...] = ()
    cut_off: bool = False
    lost_item: bool = False


@dataclass
class _ScanResult:
    """The repaired source of one call, or the problem that stopped the scanner."""

    end: int
    source: str = ""
    problem: str = ""
    cut_off: bool = False
    lost_item: bool = False
    repairs: dict[str, int] = field(default_factory=dict)


def find_calls(code: str) -> Iterator[CanvasCall]:
    """Yields the calls of `Canvas()` and of its two methods in order, in linear time.

    A call starts a line, or it follows a semicolon or another call. Comments and prose that
    mention a call therefore contain none. Similar method names count ("addLocalDescription").

    Args:
        code: Any text.
    """
    source = _Source(code)
    position, line = 0, 1
    while head := _CALL_HERE.match(code, position) or _CALL_ON_LINE.search(code, position):
        line += code.count("\n", position, head.end())
        if head["canvas"]:
            yield CanvasCall("canvas", line)
            position = head.end()
            continue
        start = head.end() - 1
        call, position = _read_call(
            "global" if head["kind"].lower() == "global" else "local", source, start, line
        )
        yield call
        line += code.count("\n", start, position)


class _Source:
    """Canvas code and the remaining work that the scanners may spend on it.

    A lenient scan follows each failed strict scan and may end earlier in the text. A hostile text
    could therefore make every strict scan read the whole text. After the failed strict scans have
    read twice the length of the text, all further calls are scanned leniently only.
    """

    def __init__(self, code: str) -> None:
        self.code = code
        self.closing_quotes = ClosingQuotes(code)
        self.tokens_left = MAX_TOKENS
        self._strict_characters_left = 2 * len(code)

    def scan(self, start: int, line: int) -> tuple[_ScanResult, ast.Call | None]:
        """Scans and parses the call whose bracket opens at `start`, leniently if need be."""
        if self._strict_characters_left > 0:
            scan = _Scanner(self, start, lenient=False).scan()
            tree = None if scan.problem else _parse(scan, line)
            if tree is not None:
                return scan, tree
            self._strict_characters_left -= scan.end - start
        scan = _Scanner(self, start, lenient=True).scan()
        return scan, None if scan.problem else _parse(scan, line)


def _read_call(kind: Kind, source: _Source, start: int, line: int) -> tuple[CanvasCall, int]:
    """Returns the call whose bracket opens at `start`, and the position of its end."""
    scan, tree = source.scan(start, line)
    repairs = tuple(
        (repair, line + source.code.count("\n", start, position))
        for repair, position in scan.repairs.items()
    )
    call = CanvasCall(kind, line, tree, scan.problem, repairs, scan.cut_off, scan.lost_item)
    return call, scan.end


def _parse(scan: _ScanResult, line: int) -> ast.Call | None:
    try:
        tree = ast.parse(f"f{scan.source}", mode="eval").body
    except SyntaxError as error:
        scan.problem = f"its syntax is not valid Python ({error.msg})"
        return None
    except (ValueError, RecursionError, MemoryError):
        scan.problem = "it has too many parts"
        return None
    ast.increment_lineno(tree, line - 1)
    return tree if isinstance(tree, ast.Call) else None


class _Scanner:
    """Reads one call token by token and writes its repaired source."""

    def __init__(self, source: _Source, start: int, lenient: bool) -> None:
        self.source = source
        self.code = source.code
        self.position = start
        self.lenient = lenient
        self.output: list[str] = []
        self.closing_brackets: list[str] = []
        self.last_kind = ""  # kind of the last token that is not blank
        self.code_characters = 0  # outside strings, blanks and commas
        # Length of `output` and the closing brackets due after the last complete item.
        self.item_end: tuple[int, str] = (1, ")")
        self.repairs: dict[str, int] = {}

    def scan(self) -> _ScanResult:
        """Reads up to the call's closing bracket or to the position where the call is cut off."""
        while self.position < len(self.code):
            self.source.tokens_left -= 1
            if self.source.tokens_left < 0:
                self.position = len(self.code)
                return self._failure(f"the text has more than {MAX_TOKENS:,} parts")
            if OPENING.match(self.code, self.position):
                if not self._read_string():
                    return self._stop_at_open_string()
                continue
            token = _TOKEN.match(self.code, self.position)
            assert token is not None
            kind, text = str(token.lastgroup), token.group()
            if kind == "blank" and "\n" in text and _CALL_HERE.match(self.code, token.end()):
                self._add_repair("a closing bracket", self.position)
                return self._finish_cut_off()
            self.position = token.end()
            if kind in ("blank", "comment"):
                self.output.append(_NOT_NEWLINE.sub(" ", text))
                continue
            self._write_token(kind, text, token.start())
            if not self.closing_brackets:
                return self._result()
            if len(self.closing_brackets) > MAX_NESTING:
                return self._failure(f"it is nested more than {MAX_NESTING} brackets deep")
            if self.code_characters > MAX_CODE_CHARACTERS:
                return self._failure("it holds too much besides texts")
        return self._finish_cut_off()

    def _write_token(self, kind: str, text: str, start: int) -> None:
        self.code_characters += len(text) if kind != "comma" else 0
        if kind == "open":
            self.closing_brackets.append(_CLOSING[text])
        elif kind == "close":
            text = self._close_bracket(text, start)
        elif kind == "field" and self.lenient:
            self._repair_before_field(start)
        self.output.append(text)
        self.last_kind = kind
        if kind == "comma":
            self.item_end = (len(self.output), "".join(self.closing_brackets))

    def _close_bracket(self, bracket: str, start: int) -> str:
        """Closes a bracket; a lenient scan also closes inner ones and drops an unmatched one."""
        if bracket == self.closing_brackets[-1] or not self.lenient:
            self.closing_brackets.pop()
            return bracket
        self._add_repair("brackets that do not match", start)
        closed = ""
        if bracket in self.closing_brackets:
            while not closed.endswith(bracket):
                closed += self.closing_brackets.pop()
        return closed

    def _repair_before_field(self, start: int) -> None:
        """Closes open lists before `name=` and adds a missing comma."""
        if len(self.closing_brackets) > 1:
            self._add_repair("a closing bracket", start)
            while len(self.closing_brackets) > 1:
                self.output.append(self.closing_brackets.pop())
            self.output.append(",")
        elif self.last_kind not in ("open", "comma"):
            self._add_repair("a comma", start)
            self.output.append(",")

    def _read_string(self) -> bool:
        """Reads the string at the current position; returns False if it has no end."""
        literal = read_literal(
            self.code, self.position, self.source.closing_quotes, lenient=self.lenient
        )
        if literal is None:
            if not self.lenient or self._is_last_line_of_call():
                return False
            literal = unfinished_literal(self.code, self.position)
        if literal.repair and self.lenient:
            self._add_repair(literal.repair, self.position)
        self.output.append(literal.source)
        self.position = literal.end
        self.last_kind = "string"
        return True

    def _stop_at_open_string(self) -> _ScanResult:
        if not (self.lenient and self._is_last_line_of_call()):
            return self._failure("a text in it has no closing quote")
        self.last_kind = "broken string"
        return self._finish_cut_off()

    def _is_last_line_of_call(self) -> bool:
        """Returns whether only blanks separate this line from the next call or the text's end.

        A string without an end on this line then marks the position where the call is cut off.
        """
        opening = OPENING.match(self.code, self.position)
        if opening is not None and len(opening["quote"]) == 3:
            return True
        line_end = self.code.find("\n", self.position)
        if line_end < 0:
            return True
        blank = _BLANK.match(self.code, line_end)
        assert blank is not None
        return blank.end() == len(self.code) or bool(_CALL_HERE.match(self.code, blank.end()))

    def _finish_cut_off(self) -> _ScanResult:
        """Closes a call that is cut off and removes its incomplete last item."""
        closing = "".join(self.closing_brackets)
        lost_item = self.last_kind not in ("string", "close", "comma", "open")
        if lost_item or self.last_kind == "open":
            length, closing = self.item_end
            del self.output[length:]
        self.output.extend(reversed(closing))
        if self.last_kind == "broken string":
            end = self.code.find("\n", self.position)
            self.position = end if end >= 0 else len(self.code)
        scan = self._result()
        scan.cut_off, scan.lost_item = True, lost_item
        return scan

    def _result(self) -> _ScanResult:
        return _ScanResult(self.position, "".join(self.output), repairs=self.repairs)

    def _failure(self, problem: str) -> _ScanResult:
        return _ScanResult(self.position, problem=problem, repairs=self.repairs)

    def _add_repair(self, repair: str, position: int) -> None:
        self.repairs.setdefault(repair, position)
