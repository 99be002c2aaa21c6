"""Tasks and events as JSON lines, between this process and one that runs the model."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

from lib_omost.llm.engine import Done, Event, Failed, Progress, Task, Text

EVENTS: dict[str, type[Any]] = {kind.__name__: kind for kind in (Progress, Text, Done, Failed)}


class WireError(ValueError):
    """A line is not one of ours."""


def dump(**message: Any) -> str:
    """Write a message as one line of ASCII."""
    return json.dumps(message) + "\n"


def load(line: str) -> dict[str, Any]:
    """Read a message. Raises WireError for a line that holds none."""
    try:
        message = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise WireError(line) from error
    if not isinstance(message, dict):
        raise WireError(line)
    return message


def event_line(event: Event) -> str:
    """Write an event."""
    return dump(event=type(event).__name__, **dataclasses.asdict(event))


def event_of(message: dict[str, Any]) -> Event:
    """Return the event of a message. Raises WireError where it is none."""
    fields = dict(message)
    kind = EVENTS.get(str(fields.pop("event", "")))
    if kind is None or set(fields) != {field.name for field in dataclasses.fields(kind)}:
        raise WireError(str(message))
    if "remarks" in fields:
        fields["remarks"] = tuple(fields["remarks"])
    event: Event = kind(**fields)
    return event


def task_fields(task: Task) -> dict[str, Any]:
    """Return a task as plain values."""
    return dataclasses.asdict(task)


def task_of(fields: dict[str, Any]) -> Task:
    """Return the task of plain values."""
    return Task(**{**fields, "messages": tuple(fields["messages"])})
