"""Find the calls of canvas code in a text and parse each one, repaired where it needs it.

Nothing is executed: a call becomes a syntax tree, of which only literals are read. Each call is
parsed for itself, so that a broken one takes no other with it.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal as Choice

from lib_omost.canvas.limits import MAX_CODE_CHARACTERS, MAX_NESTING, MAX_TOKENS
from lib_omost.canvas.string_literals import OPENING, Closings, read_literal, unfinished_literal

Kind = Choice["canvas", "global", "local"]

_UNSEEN = r"\u200b\u2060\ufeff"  # blanks without width, as text copied from web pages has them
_GAP = rf"(?:[^\S\n]|[{_UNSEEN}])*"
_CALL = rf"""{_GAP}(?:\w+[ \t]*=[ \t]*)?(?:
      (?P<canvas>Canvas[ \t]*\((?:[ \t]*\))?)
    | (?:\w+(?:\(\))?[ \t]*\.[ \t]*)*(?i:(?:set|add)_?(?P<kind>global|local|region)\w*)[ \t]*\(
)"""
_CALL_ON_LINE = re.compile(rf"(?:^|;)(?:{_GAP}```\w*)?{_CALL}", re.MULTILINE | re.VERBOSE)
_CALL_HERE = re.compile(_CALL, re.VERBOSE)
_TOKEN = re.compile(
    rf"""(?P<blank>[\s{_UNSEEN}]+) | (?P<comment>\#[^\n]*) | (?P<open>[(\[{{]) | (?P<close>[)\]}}])
      | (?P<comma>,) | (?P<field>[A-Za-z_]\w*[ \t]*=(?!=)) | (?P<other>\w+|.)""",
    re.VERBOSE,
)
_BLANK = re.compile(r"\s*")
_NOT_NEWLINE = re.compile(r"[^\n]")
_CLOSING = {"(": ")", "[": "]", "{": "}"}


@dataclass(frozen=True)
class CanvasCall:
    """One call found in a text.

    tree: the call, its lines numbered from the text's first; None where it cannot be parsed, and
    `problem` says why. repairs: what was mended, with the line. cut: it never closes; unfinished:
    its last item was broken off, and is left out.
    """

    kind: Kind
    line: int
    tree: ast.Call | None = None
    problem: str = ""
    repairs: tuple[tuple[str, int], ...] = ()
    cut: bool = False
    unfinished: bool = False


@dataclass
class _Scan:
    """What one pass over a call found: its repaired source, or the problem that stopped it."""

    end: int
    source: str = ""
    problem: str = ""
    cut: bool = False
    unfinished: bool = False
    repairs: dict[str, int] = field(default_factory=dict)


def find_calls(code: str) -> Iterator[CanvasCall]:
    """Yield the calls of `canvas = Canvas()` and of its two methods, in order.

    A call must start a line, or follow a semicolon or another call; so a comment, or prose that
    mentions one, holds none. Methods of similar names count ("addLocalDescription"). Takes time
    in proportion to the text, whatever is in it.
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
    """Canvas code, and how much more of it the scanners may read.

    A strict scan that fails is followed by a lenient one of the same text, which may end before
    it; so calls can be made whose strict scans all read the whole text. Once failed ones have read
    it all, and as much again, calls are scanned leniently alone.
    """

    def __init__(self, code: str) -> None:
        self.code = code
        self.closings = Closings(code)
        self.tokens_left = MAX_TOKENS
        self._strictly = 2 * len(code)

    def scan(self, start: int, line: int) -> tuple[_Scan, ast.Call | None]:
        """Scan the call whose bracket opens at `start`, strictly, else leniently, and parse it."""
        if self._strictly > 0:
            scan = _Scanner(self, start, lenient=False).scan()
            tree = None if scan.problem else _parse(scan, line)
            if tree is not None:
                return scan, tree
            self._strictly -= scan.end - start
        scan = _Scanner(self, start, lenient=True).scan()
        return scan, None if scan.problem else _parse(scan, line)


def _read_call(kind: Kind, source: _Source, start: int, line: int) -> tuple[CanvasCall, int]:
    """Read the call whose bracket opens at `start`; returns where it ends, too."""
    scan, tree = source.scan(start, line)
    repairs = tuple(
        (what, line + source.code.count("\n", start, where)) for what, where in scan.repairs.items()
    )
    return CanvasCall(kind, line, tree, scan.problem, repairs, scan.cut, scan.unfinished), scan.end


def _parse(scan: _Scan, line: int) -> ast.Call | None:
    try:
        tree = ast.parse(f"f{scan.source}", mode="eval").body
    except SyntaxError as error:
        scan.problem = f"Python would not read it either ({error.msg})"
        return None
    except (ValueError, RecursionError, MemoryError):
        scan.problem = "it has too many parts"
        return None
    ast.increment_lineno(tree, line - 1)
    return tree if isinstance(tree, ast.Call) else None


class _Scanner:
    """Walks over one call, token by token, writing its source anew."""

    def __init__(self, source: _Source, start: int, lenient: bool) -> None:
        self.source = source
        self.code = source.code
        self.position = start
        self.lenient = lenient
        self.out: list[str] = []
        self.closers: list[str] = []
        self.last = ""  # the kind of the last token that was not blank
        self.weight = 0  # characters outside strings, blanks and commas
        self.item_end: tuple[int, str] = (1, ")")  # length of `out` and open brackets there
        self.repairs: dict[str, int] = {}

    def scan(self) -> _Scan:
        """Read to the call's closing bracket, or to where the call is broken off."""
        while self.position < len(self.code):
            self.source.tokens_left -= 1
            if self.source.tokens_left < 0:
                self.position = len(self.code)
                return self._failed(f"the text has more than {MAX_TOKENS:,} parts")
            if OPENING.match(self.code, self.position):
                if not self._string():
                    return self._broken_string()
                continue
            token = _TOKEN.match(self.code, self.position)
            assert token is not None
            kind, text = str(token.lastgroup), token.group()
            if kind == "blank" and "\n" in text and _CALL_HERE.match(self.code, token.end()):
                self._repaired("a closing bracket", self.position)
                return self._cut()
            self.position = token.end()
            if kind in ("blank", "comment"):
                self.out.append(_NOT_NEWLINE.sub(" ", text))
                continue
            self._write(kind, text, token.start())
            if not self.closers:
                return self._done()
            if len(self.closers) > MAX_NESTING:
                return self._failed(f"it is nested more than {MAX_NESTING} brackets deep")
            if self.weight > MAX_CODE_CHARACTERS:
                return self._failed("it holds too much besides texts")
        return self._cut()

    def _write(self, kind: str, text: str, start: int) -> None:
        self.weight += len(text) if kind != "comma" else 0
        if kind == "open":
            self.closers.append(_CLOSING[text])
        elif kind == "close":
            text = self._close(text, start)
        elif kind == "field" and self.lenient:
            self._before_field(start)
        self.out.append(text)
        self.last = kind
        if kind == "comma":
            self.item_end = (len(self.out), "".join(self.closers))

    def _close(self, bracket: str, start: int) -> str:
        """Close a bracket; a lenient scan closes those left open in it, and drops a stray one."""
        if bracket == self.closers[-1] or not self.lenient:
            self.closers.pop()
            return bracket
        self._repaired("brackets that do not match", start)
        closed = ""
        if bracket in self.closers:
            while not closed.endswith(bracket):
                closed += self.closers.pop()
        return closed

    def _before_field(self, start: int) -> None:
        """Before `name=`: close the list that was left open, add the comma that was left out."""
        if len(self.closers) > 1:
            self._repaired("a closing bracket", start)
            while len(self.closers) > 1:
                self.out.append(self.closers.pop())
            self.out.append(",")
        elif self.last not in ("open", "comma"):
            self._repaired("a comma", start)
            self.out.append(",")

    def _string(self) -> bool:
        """Read the string here; False where it does not end."""
        literal = read_literal(self.code, self.position, self.source.closings, lenient=self.lenient)
        if literal is None:
            if not self.lenient or self._nothing_after_line():
                return False
            literal = unfinished_literal(self.code, self.position)
        if literal.repair and self.lenient:
            self._repaired(literal.repair, self.position)
        self.out.append(literal.source)
        self.position = literal.end
        self.last = "string"
        return True

    def _broken_string(self) -> _Scan:
        if not (self.lenient and self._nothing_after_line()):
            return self._failed("a text in it has no closing quote")
        self.last = "broken string"
        return self._cut()

    def _nothing_after_line(self) -> bool:
        """Whether the string that opens here is where the call is broken off.

        It is when nothing but blanks follows its line up to the next call or the end.
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

    def _cut(self) -> _Scan:
        """End a call that is broken off: an unfinished last item is left out."""
        closers = "".join(self.closers)
        unfinished = self.last not in ("string", "close", "comma", "open")
        if unfinished or self.last == "open":
            length, closers = self.item_end
            del self.out[length:]
        self.out.extend(reversed(closers))
        if self.last == "broken string":
            end = self.code.find("\n", self.position)
            self.position = end if end >= 0 else len(self.code)
        scan = self._done()
        scan.cut, scan.unfinished = True, unfinished
        return scan

    def _done(self) -> _Scan:
        return _Scan(self.position, "".join(self.out), repairs=self.repairs)

    def _failed(self, problem: str) -> _Scan:
        return _Scan(self.position, problem=problem, repairs=self.repairs)

    def _repaired(self, what: str, position: int) -> None:
        self.repairs.setdefault(what, position)
