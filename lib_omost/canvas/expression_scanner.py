"""Reads one call or value of canvas code token by token, repairs its syntax and parses it.

Nothing is executed: an expression becomes a syntax tree. Expressions are parsed separately, so
that a broken one does not affect the others.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal as Choice

from lib_omost.canvas.limits import MAX_CODE_CHARACTERS, MAX_NESTING, MAX_TOKENS
from lib_omost.canvas.string_literals import (
    OPENING,
    ClosingQuotes,
    read_literal,
    unfinished_literal,
)

ZERO_WIDTH = r"\u200b\u2060\ufeff"  # common in text copied from web pages

MatchAt = Callable[[str, int], "re.Match[str] | None"]
"""Matches a pattern at a position of a text."""

Extent = Choice["call", "line", "header"]
"""The end of an expression: its closing bracket, the end of its line, or a colon."""

TOO_LONG = f"the text has more than {MAX_TOKENS:,} parts"
"""Problem of an expression that is not read because the ones before it used up the limit."""

_FULL_WIDTH = str.maketrans("（）［］｛｝，、：＝", "()[]{},,:=")
_TOKEN = re.compile(
    rf"""(?P<blank>[\s{ZERO_WIDTH}]+) | (?P<comment>\#[^\n]*)
      | (?P<open>[(\[{{（［｛]) | (?P<close>[)\]}}）］｝]) | (?P<comma>[,，、])
      | (?P<field>[A-Za-z_]\w*[ \t]*[=＝](?!=)) | (?P<key>[A-Za-z_]\w*[ \t]*[:：](?!=))
      | (?P<colon>[:：]) | (?P<semicolon>;) | (?P<other>\w+|.)""",
    re.VERBOSE,
)
_BLANK = re.compile(r"\s*")
_NOT_NEWLINE = re.compile(r"[^\n]")
_QUOTED_NAME = re.compile(r"[\"'](?P<name>[A-Za-z_]\w*)[\"']$")
_AFTER_QUOTED_NAME = re.compile(r"[ \t]*[:=：＝](?!=)")
_UNQUOTED_TEXT = re.compile(
    r"""[ \t]*(?P<text>\#[0-9a-fA-F]{6}\b | \#[0-9a-fA-F]{3}\b
      | (?:rgb|hsl|hsv)a?\([^()\n]{0,40}\)
      | [A-Za-z]\w*(?:[ ]+(?!(?:and|or|if|for|in|not|is)\b)[A-Za-z]\w*|-[A-Za-z]\w*)+[.!]?)
      [ \t]*(?=[,，)）\n]|$)""",
    re.VERBOSE,
)
_CLOSING = {"(": ")", "[": "]", "{": "}"}


@dataclass
class ScannedExpression:
    """An expression of the text and what its repair costs.

    Attributes:
        end: Position after the expression.
        source: The repaired source; empty if there is a problem.
        tree: The syntax tree with line numbers of the text; None if it cannot be parsed.
        problem: Why the expression cannot be parsed; empty otherwise.
        cut_off: The text, or the next call, begins before the expression is closed.
        lost_item: The last item was incomplete and is not in the tree.
        repairs: The repaired defects and their positions.
    """

    end: int
    source: str = ""
    tree: ast.expr | None = None
    problem: str = ""
    cut_off: bool = False
    lost_item: bool = False
    repairs: dict[str, int] = field(default_factory=dict)


class ExpressionReader:
    """Reads the expressions of one text with bounded work.

    A lenient scan follows each failed strict scan and may end earlier in the text. A hostile text
    could therefore make every strict scan read the whole text. After the failed strict scans have
    read twice the length of the text, all further expressions are scanned leniently only.

    Args:
        code: The text.
        match_next_call: Matches the beginning of the next call; a call that is not closed ends
            there.
    """

    def __init__(self, code: str, match_next_call: MatchAt) -> None:
        self.code = code
        self.match_next_call = match_next_call
        self.closing_quotes = ClosingQuotes(code)
        self.tokens_left = MAX_TOKENS
        self._strict_characters_left = 2 * len(code)

    def read(self, start: int, line: int, extent: Extent) -> ScannedExpression:
        """Reads an expression strictly, or leniently if its syntax is broken.

        Args:
            start: Position of the opening bracket of a call's arguments, or of a value.
            line: Line of `start`, from 1.
            extent: Where the expression ends.
        """
        if self._strict_characters_left > 0:
            scan = _Scanner(self, start, extent, lenient=False).scan()
            if not scan.problem and _parse(scan, line, extent):
                return scan
            self._strict_characters_left -= scan.end - start
        scan = _Scanner(self, start, extent, lenient=True).scan()
        if not scan.problem:
            _parse(scan, line, extent)
        return scan


def _parse(scan: ScannedExpression, line: int, extent: Extent) -> bool:
    function = "f" if extent == "call" else ""
    try:
        tree = ast.parse(f"{function}{scan.source}", mode="eval").body
    except SyntaxError as error:
        scan.problem = f"its syntax is not valid Python ({error.msg})"
        return False
    except (ValueError, RecursionError, MemoryError):
        scan.problem = "it has too many parts"
        return False
    ast.increment_lineno(tree, line - 1)
    scan.tree = tree
    return True


class _Scanner:
    """Reads one expression token by token and writes its repaired source."""

    def __init__(
        self, reader: ExpressionReader, start: int, extent: Extent, *, lenient: bool
    ) -> None:
        self.reader = reader
        self.code = reader.code
        self.position = start
        self.extent = extent
        self.lenient = lenient
        # A value has no bracket of its own; a bracket around it permits line breaks in its source.
        self.output: list[str] = [] if extent == "call" else ["("]
        self.closing_brackets: list[str] = [] if extent == "call" else [")"]
        self.call_depths: list[int] = []  # of the calls that are open, in brackets
        self.last_kind = "other" if extent == "call" else ""  # of the last token but blanks
        self.code_characters = 0  # outside strings, blanks and commas
        # Length of `output` and the closing brackets due after the last complete item.
        self.item_end: tuple[int, str] = (1, ")")
        self.repairs: dict[str, int] = {}

    def scan(self) -> ScannedExpression:
        """Reads up to the end of the expression or to the position where it is cut off."""
        while self.position < len(self.code):
            self.reader.tokens_left -= 1
            if self.reader.tokens_left < 0:
                self.position = len(self.code)
                return self._failure(TOO_LONG)
            if OPENING.match(self.code, self.position):
                if not self._read_string():
                    return self._stop_at_open_string()
                continue
            token = _TOKEN.match(self.code, self.position)
            assert token is not None
            kind, text = str(token.lastgroup), token.group()
            if kind == "key" and not (self.lenient and self._is_argument()):
                kind, text = "other", text.rstrip(" \t:：")
            if self._ends_value(kind, text):
                return self._finish_value()
            if (
                kind == "blank"
                and "\n" in text
                and self.reader.match_next_call(self.code, token.end())
            ):
                self._add_repair("a closing bracket", self.position)
                return self._finish_cut_off()
            self.position = token.start() + len(text)
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
        return self._finish_value() if self._is_outside_brackets() else self._finish_cut_off()

    def _is_outside_brackets(self) -> bool:
        return self.extent != "call" and len(self.closing_brackets) == 1

    def _ends_value(self, kind: str, text: str) -> bool:
        if not self._is_outside_brackets():
            return False
        if self.extent == "header" and kind == "colon":
            return True
        return (kind == "blank" and "\n" in text) or kind in ("semicolon", "close")

    def _write_token(self, kind: str, text: str, start: int) -> None:
        written = text.translate(_FULL_WIDTH)
        if written != text:
            self._add_repair("full-width punctuation", start)
        self.code_characters += len(text) if kind != "comma" else 0
        if kind == "open":
            self.closing_brackets.append(_CLOSING[written])
            if written == "(" and self.last_kind == "other":
                self.call_depths.append(len(self.closing_brackets))
        elif kind == "close":
            written = self._close_bracket(written, start)
            while self.call_depths and self.call_depths[-1] > len(self.closing_brackets):
                self.call_depths.pop()
        elif kind == "field" and self.lenient:
            self._repair_before_field(start)
        elif kind == "key":
            self._repair_before_field(start)
            self._add_repair("a colon in place of an equals sign", start)
            written, kind = written.replace(":", "="), "field"
        self.output.append(written)
        self.last_kind = kind
        if kind == "comma":
            self.item_end = (len(self.output), "".join(self.closing_brackets))
        elif kind == "field":
            self._quote_unquoted_text()

    def _is_argument(self) -> bool:
        """Returns whether the position is between the arguments of a call."""
        return bool(self.call_depths) and len(self.closing_brackets) == self.call_depths[-1]

    def _quote_unquoted_text(self) -> None:
        """Adds the missing quotes of a text of several words, or of a colour like #ff0000."""
        unquoted = _UNQUOTED_TEXT.match(self.code, self.position)
        if unquoted and (self.lenient or unquoted["text"].startswith("#")):
            self._add_repair("missing quotes", self.position)
            self.output.append(f'"{unquoted["text"]}"')
            self.position = unquoted.end()
            self.last_kind = "string"

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
        if self.call_depths and not self._is_argument():
            self._add_repair("a closing bracket", start)
            while not self._is_argument():
                self.output.append(self.closing_brackets.pop())
            self.output.append(",")
        elif self.last_kind not in ("open", "comma"):
            self._add_repair("a comma", start)
            self.output.append(",")

    def _read_string(self) -> bool:
        """Reads the string at the current position; returns False if it has no end."""
        literal = read_literal(
            self.code, self.position, self.reader.closing_quotes, lenient=self.lenient
        )
        if literal is None:
            if not self.lenient or self._is_last_line_of_call():
                return False
            literal = unfinished_literal(self.code, self.position)
        if literal.repair and self.lenient:
            self._add_repair(literal.repair, self.position)
        name = _QUOTED_NAME.match(literal.source) if self.lenient and self._is_argument() else None
        sign = name and _AFTER_QUOTED_NAME.match(self.code, literal.end)
        if name and sign:
            self._repair_before_field(self.position)
            self._add_repair("quotes around a field's name", self.position)
            self.output.append(f"{name['name']}=")
            self.last_kind, self.position = "field", sign.end()
        else:
            self.output.append(literal.source)
            self.last_kind, self.position = "string", literal.end
        return True

    def _stop_at_open_string(self) -> ScannedExpression:
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
        return blank.end() == len(self.code) or bool(
            self.reader.match_next_call(self.code, blank.end())
        )

    def _finish_value(self) -> ScannedExpression:
        self.output.append(")")
        return self._result()

    def _finish_cut_off(self) -> ScannedExpression:
        """Closes an expression that is cut off and removes its incomplete last item."""
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

    def _result(self) -> ScannedExpression:
        return ScannedExpression(self.position, "".join(self.output), repairs=self.repairs)

    def _failure(self, problem: str) -> ScannedExpression:
        return ScannedExpression(self.position, problem=problem, repairs=self.repairs)

    def _add_repair(self, repair: str, position: int) -> None:
        self.repairs.setdefault(repair, position)
