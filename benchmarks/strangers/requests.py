"""The strangers' requests, read from the JSON file beside this module."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("requests.json")

SEALED_EVERY = 3
"""Every third request is sealed: only final figures come from it."""


@dataclass(frozen=True)
class RequestedObject:
    """One requested object.

    Attributes:
        name: Name of the object.
        color: Name of its colour; None if the request leaves the colour open.
    """

    name: str
    color: str | None


@dataclass(frozen=True)
class Relation:
    """A relation between requested objects.

    Attributes:
        kind: Such as "left of", "between" or "at".
        objects: Indices of the objects, in the order of the sentence.
        place: The part of the picture for "at", such as "top-left"; "" for other relations.
    """

    kind: str
    objects: tuple[int, ...]
    place: str = ""


@dataclass(frozen=True)
class StrangerRequest:
    """A request and the least that a person expects of its picture.

    Attributes:
        id: Number of the request, "s001" for the first one.
        text: The request.
        objects: The objects, one entry for each copy.
        relations: Relations that the request states.
        background: Name of the background's colour; None if the request leaves it open.
        exclusive: The picture must show nothing else.
        sealed: The request must not be looked at while the models are improved.
    """

    id: str
    text: str
    objects: tuple[RequestedObject, ...]
    relations: tuple[Relation, ...] = ()
    background: str | None = None
    exclusive: bool = True
    sealed: bool = False


def load_requests() -> list[StrangerRequest]:
    """Reads all requests."""
    records = json.loads(FILE.read_text(encoding="utf-8"))
    return [request_of(number, record) for number, record in enumerate(records, 1)]


def request_of(number: int, record: dict[str, Any]) -> StrangerRequest:
    """Builds a request from its number in the file, from 1, and its JSON object."""
    return StrangerRequest(
        id=f"s{number:03}",
        text=record["text"],
        objects=tuple(_object(words) for words in record["objects"]),
        relations=tuple(_relation(parts) for parts in record.get("relations", ())),
        background=record.get("background"),
        exclusive=record.get("exclusive", True),
        sealed=number % SEALED_EVERY == 0,
    )


def _object(words: str) -> RequestedObject:
    color, _, name = words.rpartition(" ")
    return RequestedObject(name, color or None)


def _relation(parts: list[Any]) -> Relation:
    kind, *rest = parts
    if kind == "at":
        return Relation(kind, (rest[0],), rest[1])
    return Relation(kind, tuple(rest))
