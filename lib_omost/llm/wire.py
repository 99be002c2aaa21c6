"""Tasks and events as JSON lines, between this process and one that runs the model."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from typing import IO, Any

from lib_omost.llm.engine import Done, Event, Failed, Progress, Task, Text

EVENTS: dict[str, type[Any]] = {kind.__name__: kind for kind in (Progress, Text, Done, Failed)}

LONGEST = 64 << 20
"""Characters of a line; the longest that we send hold a picture or a conversation."""

_VALUES: dict[str, tuple[type, ...]] = {
    "message": (str,),
    "text": (str,),
    "reason": (str,),
    "fraction": (float, int, type(None)),
    "tokens": (int,),
    "remarks": (list,),
    "refused": (bool,),
}
"""The types of the fields of events."""


class WireError(ValueError):
    """A line is not one of ours."""


def lines(pipe: IO[str], longest: int = LONGEST) -> Iterator[str]:
    """Yield the lines of a pipe. Raises WireError for one that has more than `longest` letters."""
    while line := pipe.readline(longest + 1):
        if len(line) > longest:
            raise WireError(f"a line of more than {longest} characters")
        yield line


def dump(**message: Any) -> str:
    """Write a message as one line of ASCII."""
    return json.dumps(message) + "\n"


def load(line: str) -> dict[str, Any]:
    """Read a message. Raises WireError for a line that holds none."""
    try:
        message = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise WireError(line[:80]) from error
    if not isinstance(message, dict):
        raise WireError(line[:80])
    return message


def event_line(event: Event) -> str:
    """Write an event."""
    return dump(event=type(event).__name__, **dataclasses.asdict(event))


def event_of(message: dict[str, Any]) -> Event:
    """Return the event of a message. Raises WireError where it is none."""
    # The message itself is not told: to write one that is nested deeply can fail.
    fields = dict(message)
    name = fields.pop("event", "")
    kind = EVENTS.get(name) if isinstance(name, str) else None
    if kind is None or not _required(kind) <= set(fields) <= _named(kind):
        raise WireError("a message that is no event")
    if not all(isinstance(value, _VALUES[field]) for field, value in fields.items()):
        raise WireError("an event with a wrong value")
    if "remarks" in fields:
        fields["remarks"] = tuple(fields["remarks"])
        if not all(isinstance(remark, str) for remark in fields["remarks"]):
            raise WireError("an event with a wrong remark")
    event: Event = kind(**fields)
    return event


def _named(kind: type[Any]) -> set[str]:
    return {field.name for field in dataclasses.fields(kind)}


def _required(kind: type[Any]) -> set[str]:
    fields = dataclasses.fields(kind)
    return {field.name for field in fields if field.default is dataclasses.MISSING}


def count_of(message: dict[str, Any]) -> tuple[int, int | None]:
    """Return a question's number and the tokens counted for it. Raises WireError."""
    number, count = message.get("id"), message["count"]
    if type(number) is not int or not (count is None or type(count) is int):
        raise WireError("no answer to a question for tokens")
    return number, count


def task_fields(task: Task) -> dict[str, Any]:
    """Return a task as plain values."""
    return dataclasses.asdict(task)


def task_of(fields: dict[str, Any]) -> Task:
    """Return the task of plain values."""
    return Task(**{**fields, "messages": tuple(fields["messages"])})
