"""Resolves the statements of canvas code to calls with literal arguments.

Loops over literals are unrolled, names are replaced by their literals, and functions that wrap
calls are entered. What only executing the code would produce is reported.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal as Choice

from lib_omost.canvas.code_statements import Statement
from lib_omost.canvas.fields import FieldValue, UnreadableValue, match_field
from lib_omost.canvas.limits import MAX_STATEMENTS
from lib_omost.canvas.literal_evaluator import LiteralEvaluator
from lib_omost.canvas.place_names import match_location

MAX_STEPS = 5_000
"""Maximum number of statements that are resolved in one text, those of loops repeatedly."""

MAX_BODIES = 10
"""Maximum number of loops and functions in each other."""

Kind = Choice["canvas", "global", "local", "lost"]


@dataclass
class ResolvedCall:
    """One call with literal arguments.

    Attributes:
        kind: "canvas" for Canvas(), "global" or "local" for the method of that description, "lost"
            for a call that cannot be read.
        statement: The call in the text.
        positional: The positional arguments.
        keywords: The keyword arguments in order; None as name stands for a ** argument.
        problem: Why the call is lost; empty otherwise.
        known_as: The method that the call is read as, if its own name is unknown.
    """

    kind: Kind
    statement: Statement
    positional: list[FieldValue] = field(default_factory=list)
    keywords: list[tuple[str | None, FieldValue]] = field(default_factory=list)
    problem: str = ""
    known_as: str = ""


def resolve_calls(statements: Sequence[Statement]) -> list[ResolvedCall]:
    """Returns the calls of canvas code in the order in which Python would execute them.

    Args:
        statements: The statements in the order of the text.
    """
    resolver = _Resolver(statements)
    resolver.run(statements)
    return resolver.calls


class _Resolver:
    """Walks through statements and binds names to literals."""

    def __init__(self, statements: Sequence[Statement]) -> None:
        self.calls: list[ResolvedCall] = []
        self.evaluator = LiteralEvaluator()
        self.functions: dict[str, tuple[ast.arguments, Sequence[Statement]]] = {}
        self.called = {
            _function_name(statement) for statement in statements if statement.kind != "function"
        }
        self.has_global = any(statement.kind == "global" for statement in statements)
        self.steps_left = MAX_STEPS
        self.depth = 0

    def run(self, statements: Sequence[Statement]) -> None:
        """Resolves statements in order."""
        self.depth += 1
        position = 0
        while position < len(statements) and self.depth <= MAX_BODIES:
            statement = statements[position]
            position += 1
            self.steps_left -= 1
            if self.steps_left < 0:
                if self.steps_left == -1:
                    self._lose(statement, f"only the first {MAX_STEPS:,} statements are read")
                break
            if statement.kind in ("loop", "function"):
                body = _body(statements, position, statement)
                position += len(body)
                if statement.kind == "loop":
                    self._run_loop(statement, body)
                else:
                    self._define(statement, body)
            elif statement.kind == "value":
                self._bind_value(statement)
            else:
                self._resolve(statement)
        self.depth -= 1

    def _run_loop(self, loop: Statement, body: Sequence[Statement]) -> None:
        values = self.evaluator.value(loop.tree)
        if isinstance(values, dict):
            values = list(values)
        if not isinstance(values, list):
            if any(statement.kind != "value" for statement in body):
                self._lose(
                    loop,
                    "the loop runs over values that only executing the code would produce; its "
                    "calls are read once",
                )
            self.run(body)
            return
        for value in values[:MAX_STATEMENTS] if body else ():
            self._bind(_parse_target(loop.name), value)
            self.run(body)

    def _bind(self, target: ast.expr | None, value: object) -> None:
        """Binds the variables of a loop to a value."""
        if isinstance(target, ast.Name):
            self.evaluator.names[target.id] = value
        elif isinstance(target, (ast.Tuple, ast.List)):
            parts = value if isinstance(value, list) else []
            for number, part in enumerate(target.elts):
                self._bind(part, parts[number] if number < len(parts) else UnreadableValue())

    def _bind_value(self, statement: Statement) -> None:
        if _function_name(statement) in self.functions:
            assert isinstance(statement.tree, ast.Call)
            self._enter(_function_name(statement), statement.tree)
        self.evaluator.names[statement.name] = self.evaluator.value(statement.tree)

    def _define(self, statement: Statement, body: Sequence[Statement]) -> None:
        """Stores a function that the text calls; the body of another one counts as it stands."""
        if statement.name in self.called and statement.parameters and body:
            self.functions[statement.name] = (statement.parameters, body)
        else:
            self.run(body)

    def _enter(self, name: str, call: ast.Call) -> None:
        """Resolves the body of a function with the arguments of a call."""
        parameters, body = self.functions[name]
        outer = self.evaluator.names
        self.evaluator.names = {**outer, **self._arguments(parameters, call)}
        self.run(body)
        self.evaluator.names = outer

    def _arguments(self, parameters: ast.arguments, call: ast.Call) -> dict[str, object]:
        value = self.evaluator.value
        names = [parameter.arg for parameter in (*parameters.posonlyargs, *parameters.args)]
        names = [name for name in names if name not in ("self", "cls")]
        arguments: dict[str, object] = {name: UnreadableValue() for name in names}
        defaults = parameters.defaults
        arguments.update(
            zip(names[len(names) - len(defaults) :], map(value, defaults), strict=False)
        )
        for parameter, default in zip(parameters.kwonlyargs, parameters.kw_defaults, strict=True):
            arguments[parameter.arg] = value(default)
        arguments.update(zip(names, map(value, call.args), strict=False))
        given: dict[str, object] = {}
        for keyword in call.keywords:
            spread = value(keyword.value) if keyword.arg is None else None
            given.update(spread if isinstance(spread, dict) else {})
            if keyword.arg is not None:
                given[keyword.arg] = value(keyword.value)
        arguments.update(given)
        if parameters.kwarg is not None:
            others = {name: item for name, item in given.items() if name not in names}
            arguments[parameters.kwarg.arg] = others
        return arguments

    def _resolve(self, statement: Statement) -> None:
        """Appends the call of a statement."""
        if _function_name(statement) in self.functions and isinstance(statement.tree, ast.Call):
            self._enter(_function_name(statement), statement.tree)
            return
        kind: Kind = "local" if statement.kind == "other" else statement.kind  # type: ignore
        call = ResolvedCall(kind, statement)
        if isinstance(statement.tree, ast.Call):
            self._read_arguments(statement.tree, call)
        if statement.kind == "canvas":
            self._resolve_constructor(call)
        elif statement.kind == "other":
            self._resolve_unknown(call)
        else:
            self.calls.append(call)

    def _read_arguments(self, tree: ast.Call, call: ResolvedCall) -> None:
        for argument in tree.args:
            if isinstance(argument, ast.Starred):
                values = self.evaluator.value(argument.value)
                parts = values if isinstance(values, list) else [UnreadableValue()]
                call.positional += [FieldValue(part, argument.lineno) for part in parts]
            else:
                value = self.evaluator.value(argument)
                call.positional.append(FieldValue(value, argument.lineno))
        for keyword in tree.keywords:
            value = self.evaluator.value(keyword.value)
            line = keyword.value.lineno
            if keyword.arg is None and isinstance(value, dict):
                call.keywords += [(key, FieldValue(item, line)) for key, item in value.items()]
            else:
                call.keywords.append((keyword.arg, FieldValue(value, line)))
        if len(call.positional) == 1 and isinstance(call.positional[0].value, dict):
            record = call.positional.pop()
            assert isinstance(record.value, dict)
            call.keywords += [
                (key, FieldValue(item, record.line)) for key, item in record.value.items()
            ]

    def _resolve_constructor(self, call: ResolvedCall) -> None:
        """Appends a canvas, and the descriptions among the arguments of its constructor."""
        self.calls.append(ResolvedCall("canvas", call.statement))
        regions = [value.value for name, value in call.keywords if name == "regions"]
        call.keywords = [(name, value) for name, value in call.keywords if name != "regions"]
        if _has_description(call):
            call.kind = "global"
            self.calls.append(call)
        for region in regions[0] if regions and isinstance(regions[0], list) else []:
            fields = region.items() if isinstance(region, dict) else []
            line = call.statement.line
            described = ResolvedCall("local", call.statement)
            described.keywords += [(str(name), FieldValue(value, line)) for name, value in fields]
            self.calls.append(described)

    def _resolve_unknown(self, call: ResolvedCall) -> None:
        """Appends a call of an unknown method if it describes something."""
        statement = call.statement
        values = self.evaluator.names.get(statement.receiver)
        if isinstance(values, list) and statement.name in ("append", "extend", "insert"):
            self._append(values, statement)
            return
        if _has_description(call) or _is_positional_region(call):
            place = any(match_field(name, _PLACE) in _PLACE for name, _ in call.keywords)
            is_global = not (place or self.has_global or call.positional) and any(
                word in statement.name.lower() for word in ("set", "global", "describe", "init")
            )
            call.kind = "global" if is_global else "local"
            self.has_global |= is_global
            call.known_as = "set_global_description" if is_global else "add_local_description"
            self.calls.append(call)
        elif _has_text(statement) or call.keywords or statement.problem:
            reason = statement.problem or "it is not a call of canvas code and has no description"
            self._lose(statement, f"{_written_name(statement)}(...) cannot be read: {reason}")

    def _append(self, values: list[object], statement: Statement) -> None:
        arguments = statement.tree.args if isinstance(statement.tree, ast.Call) else []
        for argument in arguments[-1:]:
            value = self.evaluator.value(argument)
            values += value if statement.name == "extend" and isinstance(value, list) else [value]

    def _lose(self, statement: Statement, problem: str) -> None:
        self.calls.append(ResolvedCall("lost", statement, problem=problem))


_PLACE = ("location", "offset", "area", "distance_to_viewer", "bbox")


def _body(statements: Sequence[Statement], start: int, head: Statement) -> Sequence[Statement]:
    """Returns the statements in the body of a loop or function, which begins at `start`.

    The body of a loop without indented statements is the next call, as in code that has lost its
    indentation.
    """
    end = start
    while end < len(statements) and statements[end].indent > head.indent:
        end += 1
    return statements[start : end + (end == start and head.kind == "loop")]


def _function_name(statement: Statement) -> str:
    """Returns the function that a statement calls; "" for a method or another statement."""
    if statement.kind == "value":
        tree = statement.tree
        return (
            tree.func.id if isinstance(tree, ast.Call) and isinstance(tree.func, ast.Name) else ""
        )
    return statement.name if statement.receiver in ("", "self") else ""


def _has_description(call: ResolvedCall) -> bool:
    names = [match_field(name, ("description",)) for name, _ in call.keywords]
    return "description" in names


def _is_positional_region(call: ResolvedCall) -> bool:
    """Returns whether the positional arguments are a region; completes a description alone."""
    texts = [value.value for value in call.positional]
    if len(texts) >= 5 and isinstance(texts[4], str):
        return True
    is_alone = len(texts) == 1 and isinstance(texts[0], str) and match_location(texts[0]) is None
    if is_alone and call.statement.name.lower().startswith(("add", "region", "create")):
        call.keywords.append(("description", call.positional.pop()))
        return True
    return False


def _has_text(statement: Statement) -> bool:
    nodes: Iterable[ast.AST] = ast.walk(statement.tree) if statement.tree else ()
    return any(isinstance(node, ast.Constant) and isinstance(node.value, str) for node in nodes)


def _written_name(statement: Statement) -> str:
    return ".".join(filter(None, (statement.receiver, statement.name)))


def _parse_target(variables: str) -> ast.expr | None:
    """Parses the variables of a loop, such as "number, (name, color)"."""
    try:
        return ast.parse(variables.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
