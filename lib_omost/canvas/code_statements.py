"""Finds the statements of canvas code in a text: calls, values of names, loops and functions."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal as Choice

from lib_omost.canvas.expression_scanner import ZERO_WIDTH, ExpressionReader, Extent, MatchAt

Kind = Choice["canvas", "global", "local", "other", "value", "loop", "function"]

MAX_PARAMETER_CHARACTERS = 2_000
"""Maximum length of a function's parameters."""

_SPACES = rf"(?:[^\S\n]|[{ZERO_WIDTH}])*"
_DESCRIBING = r"(?:set|add)_?(?P<kind>global|local|region)\w*"
_CANVAS = r"(?:(?:\w+[ \t]*\.[ \t]*)*\w*Canvas[ \t]*[(（]|canvas[ \t]*\((?=[ \t]*\)))"
_RECEIVER = r"(?:\.[ \t]*|(?:\w+(?:\(\))?[ \t]*\.[ \t]*)*)"
_TARGET = r"[\w.]+(?:[ \t]*:[ \t]*[\w.\[\]]+)?[ \t]*=(?!=)[ \t]*"
_STATEMENT = rf"""(?:
      (?:async[ \t]+)?for[ \t]+(?P<items>\w[\w, \t()]{{0,100}}?)[ \t]+in[ \t]+(?=\S)
    | (?:async[ \t]+)?def[ \t]+(?P<function>\w+)[ \t]*\(
      (?P<parameters>[^()]{{0,{MAX_PARAMETER_CHARACTERS}}}(?:\([^()]{{0,99}}\)[^()]{{0,999}}){{0,9}})\)
      [^:\n]{{0,99}}:
    | (?:[(\[][ \t]*)* (?:(?P<target>{_TARGET})(?:[(\[][ \t]*)*)?
      (?:(?P<canvas>{_CANVAS}) | (?P<call>(?P<receiver>{_RECEIVER})(?P<method>\w+)[ \t]*[(（]))
    | (?P<name>{_TARGET})(?=\S)
)"""
_PREFIX = (
    r"(?:```\w{0,20}(?!\w)[ \t]*|`|[*•][ \t]+"
    r"|(?:await|assert|return|yield|const|let|var)[ \t]+){0,2}"
)
_STATEMENT_ON_LINE = re.compile(
    rf"(?:^|;)(?P<indent>{_SPACES}){_PREFIX}{_STATEMENT}", re.MULTILINE | re.VERBOSE
)
_STATEMENT_HERE = re.compile(rf"{_SPACES}{_STATEMENT}", re.VERBOSE)
_NEXT_CALL = re.compile(
    rf"""{_SPACES}{_PREFIX}(?:{_TARGET})?(?:[(\[][ \t]*)*(?:
      {_CANVAS} | {_RECEIVER}(?i:{_DESCRIBING})[ \t]*[(（] | (?:self\.)?canvas\.\w+[ \t]*[(（]
    )""",
    re.VERBOSE,
)
_DESCRIBING_METHOD = re.compile(_DESCRIBING, re.IGNORECASE)
_DESCRIBING_ARGUMENTS = re.compile(
    r"\s*(?:\w+[ \t]*[=:＝：]|\*\*|\{|[\"']\w+[\"'][ \t]*[:=]|[A-Z]\w*[ \t]*\()"
)
_MENTION = re.compile(
    r"\W{0,20}(?:\w{1,40}\b\W{1,5}){0,2}(?i:add_?(?:local|region)\w{0,40})"
    r"[ \t]*(?:[(\[{（]|\w+[ \t]*=)"
)
_NO_CODE_LINE = re.compile(r"[ \t]*(?:#|//|(?:async[ \t]+)?def\b)")
_EMPTY_ARGUMENTS = re.compile(r"[ \t]*[)）]")
_EXTRA_BRACKETS = re.compile(r"[ \t]*[)）]+")
_COLON = re.compile(r"[ \t]*[:：][ \t]*")
_DEFINED = re.compile(r"^[ \t]*(?:async[ \t]+)?def[ \t]+(\w+)", re.MULTILINE)
_LIST_METHODS = ("append", "extend", "insert")


@dataclass(frozen=True)
class Statement:
    """One statement of canvas code.

    Attributes:
        kind: "canvas" for Canvas(), "global" or "local" for the method of that description,
            "other" for another call, "value" for `name = ...`, "loop" for the head of a loop,
            "function" for the head of a function.
        line: Line of the statement, from 1.
        indent: Width of the blanks before it; statements in the body of a head have a larger one.
        name: The called method, the name of a value or function, or the variables of a loop.
        receiver: The object before the method, such as "canvas"; empty for none.
        tree: The syntax tree with the line numbers of the text; None if it is unparsable.
        parameters: The parameters of a function; None if they are unparsable.
        problem: Why the statement is unparsable; empty otherwise.
        repairs: The repaired defects and their lines.
        cut_off: The text ends before the call is closed.
        lost_item: The last item was incomplete and is not in the tree.
    """

    kind: Kind
    line: int
    indent: int = 0
    name: str = ""
    receiver: str = ""
    tree: ast.expr | None = None
    parameters: ast.arguments | None = None
    problem: str = ""
    repairs: tuple[tuple[str, int], ...] = ()
    cut_off: bool = False
    lost_item: bool = False


def find_statements(code: str) -> Iterator[Statement]:
    """Yields the statements of canvas code in order, in linear time.

    A statement starts a line, or it follows a semicolon or another statement. Comments and prose
    that mention a call therefore contain none. Similar method names count ("addLocalDescription").

    Args:
        code: Any text.
    """
    return _StatementFinder(code).find()


def count_mentions(code: str) -> int:
    """Returns how many lines of code begin with a method that adds a region, readable or not."""
    return sum(
        bool(_MENTION.match(line))
        for line in code.split("\n")
        if "add" in line.lower() and not _NO_CODE_LINE.match(line)
    )


class _StatementFinder:
    """Reads a text from statement to statement."""

    def __init__(self, code: str) -> None:
        self.code = code
        self.reader = ExpressionReader(code, _NEXT_CALL.match)
        self.functions = set(_DEFINED.findall(code))
        self.canvases = {"canvas"}  # names of canvases
        self.position, self.line, self.indent = 0, 1, 0
        self.open_brackets = False  # whether a call may stand in brackets

    def find(self) -> Iterator[Statement]:
        """Yields the statements up to the end of the text."""
        while head := self._next_head():
            self.line += self.code.count("\n", self.position, head.end())
            self.position = head.end()
            if head["items"]:
                yield self._read("loop", head["items"], extent="header")
                self._skip(_COLON.match)
                self.indent += 1
            elif head["function"]:
                yield self._function(head["function"], head["parameters"])
                self.indent += 1
            elif head["name"]:
                yield self._read("value", _target_name(head["name"]), extent="line")
            else:
                yield from self._call(head)

    def _next_head(self) -> re.Match[str] | None:
        head = _STATEMENT_HERE.match(self.code, self.position)
        if head is None:
            head = _STATEMENT_ON_LINE.search(self.code, self.position)
            if head is not None and not head.group().startswith(";"):
                self.indent = len(head["indent"].expandtabs())
        return head

    def _call(self, head: re.Match[str]) -> Iterator[Statement]:
        target = _target_name(head["target"] or "")
        self.open_brackets |= "(" in head.group()[:-1].replace("()", "")
        if head["canvas"]:
            self.canvases.add(target or "canvas")
            if self._skip(_EMPTY_ARGUMENTS.match):
                yield Statement("canvas", self.line, self.indent)
            else:
                yield self._read_call("canvas", "Canvas")
            return
        method, receiver = head["method"], re.sub(r"\s|\.\s*$", "", head["receiver"])
        describing = _DESCRIBING_METHOD.match(method)
        if target and not describing and (not receiver or method[0].isupper()):
            self.position = head.start("call")
            yield self._read("value", target, extent="line")
        elif describing:
            self.canvases.add(receiver)
            kind: Kind = "global" if describing["kind"].lower() == "global" else "local"
            yield self._read_call(kind, method, receiver)
        elif self._is_relevant(method, head["receiver"], receiver):
            yield self._read_call("other", method, receiver)
        else:
            self.open_brackets = True

    def _is_relevant(self, method: str, written: str, receiver: str) -> bool:
        """Returns whether a call of an unknown name may describe a region."""
        return (
            method in self.functions
            or (bool(written) and (not receiver or receiver in self.canvases))
            or (bool(receiver) and method in _LIST_METHODS)
            or receiver.split(".")[-1] == "canvas"
            or bool(_DESCRIBING_ARGUMENTS.match(self.code, self.position))
        )

    def _read_call(self, kind: Kind, method: str, receiver: str = "") -> Statement:
        self.position -= 1  # at the opening bracket
        return self._read(kind, method, receiver, extent="call")

    def _read(self, kind: Kind, name: str, receiver: str = "", *, extent: Extent) -> Statement:
        """Reads the expression at the current position."""
        start, line = self.position, self.line
        scan = self.reader.read(start, line, extent)
        self.position = scan.end
        if extent == "call" and not self.open_brackets and self._skip(_EXTRA_BRACKETS.match):
            scan.repairs.setdefault("an extra closing bracket", scan.end)
        repairs = tuple(
            (repair, line + self.code.count("\n", start, position))
            for repair, position in scan.repairs.items()
        )
        self.line += self.code.count("\n", start, self.position)
        return Statement(
            kind,
            line,
            self.indent,
            name,
            receiver,
            scan.tree,
            problem=scan.problem,
            repairs=repairs,
            cut_off=scan.cut_off,
            lost_item=scan.lost_item,
        )

    def _function(self, name: str, parameters: str) -> Statement:
        arguments = None
        if len(parameters) <= MAX_PARAMETER_CHARACTERS:
            try:
                tree = ast.parse(f"def f({parameters}): pass").body[0]
                arguments = tree.args if isinstance(tree, ast.FunctionDef) else None
            except (SyntaxError, ValueError, RecursionError, MemoryError):
                arguments = None
        return Statement("function", self.line, self.indent, name, parameters=arguments)

    def _skip(self, match_at: MatchAt) -> bool:
        match = match_at(self.code, self.position)
        if match:
            self.position = match.end()
        return match is not None


def _target_name(target: str) -> str:
    """Returns the name in "name: type = "."""
    return re.split(r"[\s:=]", target, maxsplit=1)[0]
