"""Reads and checks the lines of a batch file, one JSON object per line."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from lib_omost.canvas import formats
from lib_omost.canvas.limits import parse_integer
from lib_omost.renderer.painting import PictureSpec
from lib_omost.settings import FIELDS

LINE_SETTINGS = tuple(name for name in FIELDS if name not in ("enabled", "canvas", "canvas_source"))
"""Settings that a line may have. Omost is always on in a batch, and a line has its own canvas."""

FIELD_TYPES: dict[str, tuple[tuple[type, ...], str]] = {
    "request": ((str,), "a text"),
    "canvas": ((str, dict, list), "canvas code or canvas JSON"),
    "prompt": ((str,), "a text"),
    "negative": ((str,), "a text"),
    "width": ((int,), "a whole number"),
    "height": ((int,), "a whole number"),
    "steps": ((int,), "a whole number"),
    "cfg": ((int, float), "a number"),
    "seed": ((int,), "a whole number"),
    "sampler": ((str,), "a text"),
}
"""The other keys of a line: the types of their values, and a description for messages."""


class LineError(ValueError):
    """Explains in one sentence why a line cannot become a picture."""


class LinesError(ValueError):
    """Lists all errors of a file, one line of text each, with their line numbers."""


@dataclass(frozen=True)
class JobSpec(PictureSpec):
    """One picture of a batch, with a canvas or with a request for a canvas.

    Attributes:
        request: Words from which a language model composes the canvas; empty if `canvas` is set.
    """

    request: str = ""

    def to_line(self) -> dict[str, Any]:
        """Returns the line of this picture.

        Empty texts and settings with their default values are left out.
        """
        values = {name: getattr(self, name) for name in FIELD_TYPES}
        filled = {name: value for name, value in values.items() if value != ""}
        return {**filled, **json.loads(self.settings.infotext() or "{}")}


@dataclass(frozen=True)
class BatchLine:
    """A line of the file.

    Attributes:
        number: Number of the line, from 1.
        job: The picture of the line.
        fingerprint: Hash of everything that determines the picture. Equal lines have different
            fingerprints.
    """

    number: int
    job: JobSpec
    fingerprint: str

    @property
    def name(self) -> str:
        """The name of the line's files without an extension."""
        return f"{self.number:04}-{self.fingerprint}"


def read_lines(
    file: Path,
    defaults: JobSpec,
    check: Callable[[JobSpec], None] = lambda job: None,
    models: Callable[[JobSpec], Mapping[str, Any]] = lambda job: {},
) -> list[BatchLine]:
    """Reads and checks a file of JSON objects, one per line; blank lines are skipped.

    Args:
        file: The file.
        defaults: Values for the keys that a line leaves out.
        check: Raises ValueError if a picture cannot be painted.
        models: Returns what identifies the models of a line, as JSON values for its fingerprint.

    Raises:
        LinesError: Lines are invalid, or the file has none.
        OSError: The file cannot be read.
    """
    lines: list[BatchLine] = []
    errors: list[str] = []
    counts: Counter[str] = Counter()
    for number, data in enumerate(file.read_bytes().splitlines(), start=1):
        if not data.strip():
            continue
        try:
            job = parse_line(data, defaults)
            check(job)
        except ValueError as error:
            errors.append(f"{file}:{number}: {error}")
            continue
        identity = _identity(job, models(job))
        counts[identity] += 1
        lines.append(BatchLine(number, job, _fingerprint(f"{counts[identity]} {identity}")))
    if errors:
        raise LinesError("\n".join(errors))
    if not lines:
        raise LinesError(
            f"{file}: the file has no lines; a line is an object such as "
            '{"request": "a red circle"}'
        )
    return lines


def _identity(job: JobSpec, models: Mapping[str, Any]) -> str:
    """Returns everything that determines a picture.

    Settings with default values are left out. A setting that a later version adds therefore
    changes no fingerprint.
    """
    return json.dumps([job.to_line(), models], sort_keys=True)


def _fingerprint(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def parse_line(data: bytes, defaults: JobSpec) -> JobSpec:
    """Parses one line.

    Args:
        data: The line, a JSON object in UTF-8.
        defaults: Values for the keys that the line leaves out.

    Raises:
        LineError: The line has a syntax error, an unknown key or a value of a wrong type.
        SettingsError: A setting has an invalid value.
    """
    values = _parse_object(data)
    _check_types(values)
    settings = {name: values.pop(name) for name in LINE_SETTINGS if name in values}
    if bool(str(values.get("request", "")).strip()) == bool(values.get("canvas")):
        raise LineError('give either a "request" in words or a "canvas"')
    if values.get("canvas"):
        values["canvas"] = _check_canvas(values["canvas"])
    if "cfg" in values:
        values["cfg"] = float(values["cfg"])
    return dataclasses.replace(
        defaults, **values, settings=dataclasses.replace(defaults.settings, **settings)
    )


def _parse_object(data: bytes) -> dict[str, Any]:
    try:
        values = json.loads(
            data.decode("utf-8-sig"), parse_int=parse_integer, parse_constant=_refuse_constant
        )
    except UnicodeDecodeError as error:
        raise LineError(f"this is not UTF-8 (byte {error.start + 1})") from error
    except json.JSONDecodeError as error:
        raise LineError(f"this is not JSON: {error.msg} (character {error.colno})") from error
    except RecursionError as error:
        raise LineError("this JSON is nested too deep") from error
    if not isinstance(values, dict):
        raise LineError('a line is an object, such as {"request": "a red circle"}')
    return values


def _refuse_constant(text: str) -> NoReturn:
    """Refuses NaN and Infinity, which Python's JSON parser would accept."""
    raise LineError(f"{text} is not a valid number")


def _check_types(values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        if name in LINE_SETTINGS:
            continue
        if name not in FIELD_TYPES:
            known = ", ".join((*FIELD_TYPES, *LINE_SETTINGS))
            raise LineError(f"unknown key {name!r}; known are {known}")
        if isinstance(value, float) and not math.isfinite(value):
            raise LineError(f"{name!r} is too large a number")
        types, description = FIELD_TYPES[name]
        if not isinstance(value, types) or isinstance(value, bool):  # a bool is an int in Python
            raise LineError(f"{name!r} is {description}, not {value!r:.80}")


def _check_canvas(value: str | Mapping[str, Any] | Sequence[Any]) -> str:
    """Returns the canvas as text. Raises LineError if it cannot be read."""
    text = value if isinstance(value, str) else json.dumps(value)
    reading = formats.read(text)
    if reading.canvas is None:
        reasons = "; ".join(map(str, reading.diagnostics))
        raise LineError(f"the canvas cannot be read: {reasons}")
    return text
