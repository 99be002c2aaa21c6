"""Encodes tasks and events as JSON lines between this process and a worker process."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from typing import IO, Any

from lib_omost.llm.engine import Done, Event, Failed, Progress, Task, Text, Thinking

EVENTS: dict[str, type[Any]] = {
    kind.__name__: kind for kind in (Progress, Thinking, Text, Done, Failed)
}

MAX_LINE_CHARACTERS = 64 << 20
"""Maximum length of a line in characters; a line can hold a picture or a conversation."""

_FIELD_TYPES: dict[str, tuple[type, ...]] = {
    "message": (str,),
    "text": (str,),
    "reason": (str,),
    "fraction": (float, int, type(None)),
    "tokens": (int,),
    "remarks": (list,),
    "refused": (bool,),
    "thinking_tokens": (int,),
    "only_thinking": (bool,),
}
"""The types of the fields of events."""


class MessageError(ValueError):
    """A line or a message violates the protocol."""


def read_lines(pipe: IO[str], max_characters: int = MAX_LINE_CHARACTERS) -> Iterator[str]:
    """Yields the lines of a pipe.

    Args:
        pipe: The pipe.
        max_characters: Maximum length of a line.

    Raises:
        MessageError: A line is longer than `max_characters`.
    """
    while line := pipe.readline(max_characters + 1):
        if len(line) > max_characters:
            raise MessageError(f"a line of more than {max_characters} characters")
        yield line


def dump(**message: Any) -> str:
    """Encodes a message as one line of ASCII."""
    return json.dumps(message) + "\n"


def load(line: str) -> dict[str, Any]:
    """Decodes a line.

    Args:
        line: A line of the pipe.

    Raises:
        MessageError: The line is not a JSON object.
    """
    try:
        message = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise MessageError(line[:80]) from error
    if not isinstance(message, dict):
        raise MessageError(line[:80])
    return message


def event_line(event: Event) -> str:
    """Encodes an event as one line."""
    return dump(event=type(event).__name__, **dataclasses.asdict(event))


def parse_event(message: dict[str, Any]) -> Event:
    """Returns the event in a message.

    Args:
        message: A decoded message.

    Raises:
        MessageError: The message is not a valid event.
    """
    # Errors omit the message, because encoding a deeply nested one can fail.
    fields = dict(message)
    name = fields.pop("event", "")
    kind = EVENTS.get(name) if isinstance(name, str) else None
    if kind is None or not _required_fields(kind) <= set(fields) <= _field_names(kind):
        raise MessageError("a message is not an event")
    if not all(isinstance(value, _FIELD_TYPES[field]) for field, value in fields.items()):
        raise MessageError("an event has a value of a wrong type")
    if "remarks" in fields:
        fields["remarks"] = tuple(fields["remarks"])
        if not all(isinstance(remark, str) for remark in fields["remarks"]):
            raise MessageError("an event has a remark of a wrong type")
    event: Event = kind(**fields)
    return event


def _field_names(kind: type[Any]) -> set[str]:
    return {field.name for field in dataclasses.fields(kind)}


def _required_fields(kind: type[Any]) -> set[str]:
    fields = dataclasses.fields(kind)
    return {field.name for field in fields if field.default is dataclasses.MISSING}


def parse_count(message: dict[str, Any]) -> tuple[int, int | None]:
    """Returns the id of a question and the number of tokens that answers it.

    Args:
        message: A decoded message with the key "count".

    Raises:
        MessageError: The id or the count has a wrong type.
    """
    number, count = message.get("id"), message["count"]
    if type(number) is not int or not (count is None or type(count) is int):
        raise MessageError("a token count or its id has a wrong type")
    return number, count


def task_fields(task: Task) -> dict[str, Any]:
    """Returns a task as JSON values."""
    return dataclasses.asdict(task)


def parse_task(fields: dict[str, Any]) -> Task:
    """Returns the task of JSON values.

    Args:
        fields: The result of `task_fields`.
    """
    return Task(**{**fields, "messages": tuple(fields["messages"])})
