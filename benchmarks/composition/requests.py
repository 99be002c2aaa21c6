"""The requests and follow-ups of the benchmark, read from the JSON files beside this module."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lib_omost.canvas import formats
from lib_omost.canvas.model import Canvas

FOLDER = Path(__file__).parent

RELATIONS = (
    "left of",
    "right of",
    "in front of",
    "above",
    "below",
    "under",
    "behind",
    "between",
    "beside",
    "with",
    "on",
    "in",
)
"""The relations between two things. "with" and "beside" say nothing about the boxes."""

OVERLAPPING = frozenset({"on", "in", "under", "behind", "in front of", "with"})
"""Relations that allow the nearer thing to hide the farther one."""


@dataclass(frozen=True)
class Relation:
    """A relation between things, such as "cat left of dog" or "ball between cat and dog"."""

    first: str
    kind: str
    others: tuple[str, ...]


@dataclass(frozen=True)
class Request:
    """A request for a new canvas and what its canvas must show.

    Attributes:
        id: Number of the request, "r001" for the first one.
        kind: The kind of picture, such as "portraits".
        text: The request.
        things: The named things: for each the words that may name it on a canvas, in lower case.
        language: The language of the request, such as "de".
        counts: The number of some things.
        colors: The colour family of some things.
        palette: Colour families, each with the side of a region that has it ("the left one in
            blue").
        sides: The side of some things: left, right, center, or a corner such as "top left".
        relations: Relations between two or three things.
        texts: Words that are written on some things, in lower case.
        only: The request ends with "nothing else".
    """

    id: str
    kind: str
    text: str
    things: Mapping[str, tuple[str, ...]]
    language: str = "en"
    counts: Mapping[str, int] = field(default_factory=dict)
    colors: Mapping[str, str] = field(default_factory=dict)
    palette: Mapping[str, str] = field(default_factory=dict)
    sides: Mapping[str, str] = field(default_factory=dict)
    relations: tuple[Relation, ...] = ()
    texts: Mapping[str, str] = field(default_factory=dict)
    only: bool = False


@dataclass(frozen=True)
class FollowUp:
    """A follow-up on a given canvas and what may change.

    Attributes:
        id: Number of the follow-up, "f01" for the first one.
        kind: The kind of change: color, move, swap, remove, add, scene, size, depth, text.
        text: The request.
        canvas: The canvas that the request changes.
        names: The name of each region of the canvas, in order.
        things: For each region the words that may name its thing; for added things as well.
        fields: The fields of a region that must or may change, by its name.
        global_fields: The fields of the whole picture that may change.
        expected: What the canvas must show afterwards (follow_up_rules.EXPECTATIONS).
    """

    id: str
    kind: str
    text: str
    canvas: Canvas
    names: tuple[str, ...]
    things: Mapping[str, tuple[str, ...]]
    fields: Mapping[str, tuple[str, ...]]
    global_fields: tuple[str, ...]
    expected: Mapping[str, Any]


def load_requests() -> list[Request]:
    """Returns the requests for new canvases."""
    return _requests("requests.json", "r")


def load_unseen_requests() -> list[Request]:
    """Returns requests that were written after the reader of plans was finished (2026-11-30)."""
    return _requests("unseen_requests.json", "u")


def _requests(file: str, letter: str) -> list[Request]:
    records = json.loads((FOLDER / file).read_text(encoding="utf-8"))
    return [
        request_of(f"{letter}{number:03}", record) for number, record in enumerate(records, start=1)
    ]


def request_of(name: str, record: Mapping[str, Any]) -> Request:
    """Builds a request from its JSON object.

    Raises:
        ValueError: The record refers to a thing that it does not list.
    """
    values = dict(record)
    things = {thing: tuple(words) for thing, words in values.pop("things").items()}
    relations = tuple(parse_relation(text, things) for text in values.pop("relations", ()))
    for key in ("counts", "colors", "sides", "texts"):
        unknown = set(values.get(key, {})) - set(things)
        if unknown:
            raise ValueError(f"{name}: {key} of unknown things: {sorted(unknown)}")
    text = values.pop("request")
    return Request(id=name, text=text, things=things, relations=relations, **values)


def parse_relation(text: str, things: Mapping[str, Any]) -> Relation:
    """Parses "cat left of dog" or "ball between cat and dog".

    Raises:
        ValueError: The relation or a thing is unknown.
    """
    for kind in RELATIONS:
        first, found, rest = text.partition(f" {kind} ")
        others = tuple(rest.split(" and "))
        if found and all(name in things for name in (first, *others)):
            return Relation(first, kind, others)
    raise ValueError(f"no relation between known things: {text!r}")


def load_follow_ups() -> list[FollowUp]:
    """Returns the follow-ups with their canvases."""
    data = json.loads((FOLDER / "follow_ups.json").read_text(encoding="utf-8"))
    return [
        follow_up_of(f"f{number:02}", record, data["canvases"][record["canvas"]])
        for number, record in enumerate(data["follow_ups"], start=1)
    ]


def follow_up_of(name: str, record: Mapping[str, Any], canvas: Mapping[str, Any]) -> FollowUp:
    """Builds a follow-up from its JSON object and the object of its canvas.

    Raises:
        ValueError: The canvas cannot be read, or the record names an unknown region.
    """
    reading = formats.read(json.dumps(canvas["canvas"], ensure_ascii=False))
    if reading.canvas is None or reading.diagnostics:
        raise ValueError(f"{name}: {reading.diagnostics}")
    things = {thing: tuple(words) for thing, words in canvas["things"].items()}
    added = {thing: tuple(words) for thing, words in record.get("added", {}).items()}
    names = tuple(things)
    if len(names) != len(reading.canvas.regions):
        raise ValueError(f"{name}: the canvas needs one list of words for each region")
    fields = {thing: tuple(keys) for thing, keys in record.get("fields", {}).items()}
    if not set(fields) <= set(names):
        raise ValueError(f"{name}: fields of unknown regions: {sorted(fields)}")
    return FollowUp(
        id=name,
        kind=record["kind"],
        text=record["request"],
        canvas=reading.canvas,
        names=names,
        things={**things, **added},
        fields=fields,
        global_fields=tuple(record.get("global", ())),
        expected={**record.get("expected", {}), **({"added": list(added)} if added else {})},
    )
