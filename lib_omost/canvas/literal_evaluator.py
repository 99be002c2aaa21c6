"""Evaluates constant expressions of canvas code without executing it.

Nothing of the text is executed: the evaluator knows a few operations of its own, and everything
else becomes an UnreadableValue. Its work is limited, whatever the text says.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Iterable

from lib_omost.canvas.fields import UnreadableValue, to_number
from lib_omost.canvas.limits import MAX_CHARACTERS, MAX_STATEMENTS, limit_integer

MAX_DEPTH = 60
"""Maximum depth of an expression."""

_CONSTANTS = {"null": None, "nil": None, "undefined": None, "true": True, "false": False}
_OPERATORS: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
}
_TEXT_METHODS: dict[str, Callable[[str], str]] = {
    "lower": str.lower,
    "upper": str.upper,
    "strip": str.strip,
    "title": str.title,
    "capitalize": str.capitalize,
}
_LIST_FUNCTIONS: dict[str, Callable[..., Iterable[object]]] = {
    "zip": lambda *lists: map(list, zip(*lists, strict=False)),
    "enumerate": lambda items, start=0: ([n, item] for n, item in enumerate(items, start)),
    "list": list,
    "tuple": list,
    "reversed": reversed,
}


class LiteralEvaluator:
    """Computes values with the names that are bound to literals.

    Attributes:
        names: The values of the names, which a reader binds while it reads a text.
    """

    def __init__(self) -> None:
        self.names: dict[str, object] = {}
        self._characters_left = MAX_CHARACTERS

    def value(self, node: ast.expr | None, depth: int = 0) -> object:
        """Returns the value of an expression; UnreadableValue for one that is not literal.

        Args:
            node: The expression; None for an unreadable one.
            depth: Depth of the expression in another one.
        """
        if node is None or depth > MAX_DEPTH:
            return UnreadableValue()
        if isinstance(node, ast.Constant):
            return _constant(node.value)
        if isinstance(node, (ast.Name, ast.Attribute)):
            return self._name(node)
        if isinstance(node, (ast.List, ast.Tuple, ast.Set)):
            return self._items(node.elts, depth)
        if isinstance(node, ast.Dict):
            return self._dict(node, depth)
        if isinstance(node, ast.JoinedStr):
            return self._formatted(node, depth)
        if isinstance(node, ast.Subscript):
            return _element(self.value(node.value, depth + 1), self.value(node.slice, depth + 1))
        if isinstance(node, ast.UnaryOp):
            return _signed(node, self.value(node.operand, depth + 1))
        if isinstance(node, ast.BinOp):
            return self._sum(node, depth)
        if isinstance(node, ast.Call):
            return self._call(node, depth)
        return UnreadableValue()

    def _name(self, node: ast.Name | ast.Attribute) -> object:
        name = dotted_name(node)
        if name in self.names:
            return self.names[name]
        if name in _CONSTANTS:
            return _CONSTANTS[name]
        return UnreadableValue(name if isinstance(node, ast.Name) else "")

    def _items(self, nodes: list[ast.expr], depth: int) -> list[object]:
        items: list[object] = []
        for node in nodes:
            if isinstance(node, ast.Starred):
                value = self.value(node.value, depth + 1)
                items += self._limited(value if isinstance(value, list) else [UnreadableValue()])
            else:
                items.append(self.value(node, depth + 1))
        return items

    def _dict(self, node: ast.Dict, depth: int) -> object:
        result: dict[str, object] = {}
        for key, item in zip(node.keys, node.values, strict=True):
            value = self.value(item, depth + 1)
            if key is None:
                if not isinstance(value, dict):
                    return UnreadableValue()
                result.update(value)
                continue
            name = self.value(key, depth + 1)
            if isinstance(name, UnreadableValue):
                name = name.word
            if not isinstance(name, (str, int)):
                return UnreadableValue()
            result[str(name)] = value
        return result

    def _formatted(self, node: ast.JoinedStr, depth: int) -> object:
        texts: list[str] = []
        for part in node.values:
            if isinstance(part, ast.Constant):
                texts.append(str(part.value))
                continue
            assert isinstance(part, ast.FormattedValue)
            value = self.value(part.value, depth + 1)
            format_text = self.value(part.format_spec, depth + 1) if part.format_spec else ""
            if not isinstance(value, (str, int, float)) or not isinstance(format_text, str):
                return UnreadableValue()
            try:
                texts.append(format(value, format_text))
            except (ValueError, OverflowError):
                return UnreadableValue()
        return self._joined(texts)

    def _sum(self, node: ast.BinOp, depth: int) -> object:
        """Returns the value of an operation; iterative, because long sums nest deeply."""
        operations: list[tuple[ast.operator, object]] = []
        left: ast.expr = node
        while isinstance(left, ast.BinOp):
            operations.append((left.op, self.value(left.right, depth + 1)))
            left = left.left
        values = [self.value(left, depth + 1), *(value for _, value in reversed(operations))]
        if all(isinstance(op, ast.Add) for op, _ in operations):
            if all(isinstance(value, str) for value in values):
                return self._joined([str(value) for value in values])
            if all(isinstance(value, list) for value in values):
                return self._limited(
                    [item for value in values if isinstance(value, list) for item in value]
                )
        result = values[0]
        for (op, _), value in zip(reversed(operations), values[1:], strict=True):
            result = _computed(op, result, value)
        return result

    def _call(self, node: ast.Call, depth: int) -> object:
        """Returns the value of a call of a known function, or the arguments of a constructor."""
        arguments = self._items(node.args, depth)
        if self._characters_left < 0:
            return UnreadableValue()
        if isinstance(node.func, ast.Attribute) and not node.keywords:
            value = self.value(node.func.value, depth + 1)
            if not isinstance(value, UnreadableValue):
                return self._method(value, node.func.attr, arguments)
        name = dotted_name(node.func).split(".")[-1]
        if node.keywords and (name == "dict" or not node.args):
            keys = [ast.Constant(keyword.arg) if keyword.arg else None for keyword in node.keywords]
            values = [keyword.value for keyword in node.keywords]
            return self._dict(
                ast.Dict([*([None] * len(node.args)), *keys], [*node.args, *values]), depth
            )
        if name in _LIST_FUNCTIONS:
            try:
                return self._limited(list(_LIST_FUNCTIONS[name](*arguments)))
            except TypeError:
                return UnreadableValue()
        if name == "range":
            numbers = [number for number in arguments if type(number) is int]
            if len(numbers) != len(arguments) or not 1 <= len(numbers) <= 3 or 0 in numbers[2:]:
                return UnreadableValue()
            return list(range(*numbers)[:MAX_STATEMENTS])
        if name.lower() in ("rgb", "color"):
            return arguments
        if name in ("float", "int", "str") and len(arguments) == 1:
            value = arguments[0]
            number = value if name == "str" else to_number(value)
            return UnreadableValue() if number is None else number
        return UnreadableValue()

    def _method(self, value: object, name: str, arguments: list[object]) -> object:
        if isinstance(value, dict):
            views = {"items": map(list, value.items()), "keys": value, "values": value.values()}
            if name == "get" and arguments:
                return value.get(str(arguments[0]), arguments[1] if arguments[1:] else None)
            return self._limited(list(views[name])) if name in views else UnreadableValue()
        if isinstance(value, str) and not arguments and name in _TEXT_METHODS:
            return self._joined([_TEXT_METHODS[name](value)])
        if isinstance(value, str) and name == "format":
            return self._filled(value, arguments)
        if isinstance(value, str) and name == "join" and len(arguments) == 1:
            items = arguments[0] if isinstance(arguments[0], list) else [None]
            texts = [item for item in items if isinstance(item, str)]
            if len(texts) == len(items):
                return self._joined([value.join(texts)])
        return UnreadableValue()

    def _filled(self, text: str, arguments: list[object]) -> object:
        """Returns a text with values in place of its `{}`, as in `text.format(value)`."""
        parts = text.split("{}")
        values = [str(value) for value in arguments if isinstance(value, (str, int, float))]
        if len(values) != len(parts) - 1 or len(values) != len(arguments) or "{" in "".join(parts):
            return UnreadableValue()
        return self._joined(
            [piece for pair in zip(parts, [*values, ""], strict=True) for piece in pair]
        )

    def _joined(self, texts: list[str]) -> object:
        """Joins texts; UnreadableValue after MAX_CHARACTERS of joined texts."""
        self._characters_left -= sum(map(len, texts))
        return "".join(texts) if self._characters_left >= 0 else UnreadableValue()

    def _limited(self, items: list[object]) -> list[object]:
        """Returns a list, or an empty one after MAX_CHARACTERS of computed items."""
        self._characters_left -= len(items)
        return items if self._characters_left >= 0 else []


def dotted_name(node: ast.expr) -> str:
    """Returns a name such as "boat" or "self.boat"; "" for another expression."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(parts)]) if isinstance(node, ast.Name) else ""


def _constant(value: object) -> object:
    """Returns the value of a constant, or UnreadableValue for bytes and complex numbers."""
    if isinstance(value, int) and not isinstance(value, bool):
        return limit_integer(value)
    return value if value is None or isinstance(value, (str, bool, float)) else UnreadableValue()


def _signed(node: ast.UnaryOp, value: object) -> object:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return UnreadableValue()
    if isinstance(node.op, ast.USub):
        return -value
    return value if isinstance(node.op, ast.UAdd) else UnreadableValue()


def _element(value: object, key: object) -> object:
    if isinstance(value, dict) and isinstance(key, str):
        return value.get(key, UnreadableValue())
    if isinstance(value, list) and type(key) is int and -len(value) <= key < len(value):
        return value[key]
    return UnreadableValue()


def _computed(op: ast.operator, left: object, right: object) -> object:
    """Returns the result of arithmetic with two numbers."""
    calculate = _OPERATORS.get(type(op))
    if calculate is None or not all(type(value) in (int, float) for value in (left, right)):
        return UnreadableValue()
    try:
        result = calculate(left, right)  # type: ignore[arg-type]
    except (ArithmeticError, ValueError):
        return UnreadableValue()
    return limit_integer(result) if isinstance(result, int) else result
