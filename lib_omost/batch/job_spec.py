"""What a batch is asked for: the lines of a file of JSON objects, read before anything starts."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

from lib_omost.canvas import files
from lib_omost.canvas.limits import number_of
from lib_omost.settings import FIELDS, Settings

OWN_SETTINGS = tuple(name for name in FIELDS if name not in ("enabled", "canvas", "canvas_source"))
"""What a line may say of the settings class; it is switched on, and its canvas is its own."""

KINDS: dict[str, tuple[tuple[type, ...], str]] = {
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
"""What else it may say."""


class LineError(ValueError):
    """Why one line cannot be made into a picture."""


class LinesError(ValueError):
    """All that is wrong with a file's lines, each with its place."""


@dataclass(frozen=True)
class JobSpec:
    """One picture: a request, which is composed first, or a canvas; and how it is to be sampled.

    canvas: text that `files.read` can read, "" for a request. width, height: in pixels. The
    settings' own `canvas` stays empty.
    """

    request: str = ""
    canvas: str = ""
    prompt: str = ""
    negative: str = ""
    width: int = 512
    height: int = 512
    steps: int = 20
    cfg: float = 7.0
    seed: int = 0
    sampler: str = "Euler a"
    settings: Settings = field(default_factory=Settings)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        return self.width, self.height

    def to_line(self) -> dict[str, Any]:
        """What a line says that asks for this alone, without empty texts and usual settings."""
        own = {name: getattr(self, name) for name in KINDS}
        said = {name: value for name, value in own.items() if value != ""}
        return {**said, **json.loads(self.settings.infotext() or "{}")}


@dataclass(frozen=True)
class BatchLine:
    """A line of the file, from 1, and what it asks for.

    fingerprint: of all that makes its picture what it is; that of an equal line differs.
    """

    number: int
    wanted: JobSpec
    fingerprint: str

    @property
    def name(self) -> str:
        """How its files begin."""
        return f"{self.number:04}-{self.fingerprint}"


def read_lines(
    file: Path,
    defaults: JobSpec,
    check: Callable[[JobSpec], None] = lambda wanted: None,
    models: Callable[[JobSpec], Mapping[str, Any]] = lambda wanted: {},
) -> list[BatchLine]:
    """Read a file of JSON objects, one a line; blank lines are left out.

    defaults: what lines leave open. check: raises ValueError for what cannot be made. models: what
    composes and paints a line, for its fingerprint.
    Raises LinesError that tells of every bad line, and OSError.
    """
    lines: list[BatchLine] = []
    wrong: list[str] = []
    seen: Counter[str] = Counter()
    for number, data in enumerate(file.read_bytes().splitlines(), start=1):
        if not data.strip():
            continue
        try:
            wanted = _wanted(data, defaults)
            check(wanted)
        except ValueError as error:
            wrong.append(f"{file}:{number}: {error}")
            continue
        what = _identity(wanted, models(wanted))
        seen[what] += 1
        lines.append(BatchLine(number, wanted, _fingerprint(f"{seen[what]} {what}")))
    if wrong:
        raise LinesError("\n".join(wrong))
    if not lines:
        raise LinesError(f'{file}: there is no line in it such as {{"request": "a red circle"}}')
    return lines


def _identity(wanted: JobSpec, models: Mapping[str, Any]) -> str:
    """All that makes a picture what it is; settings that a later version adds change nothing."""
    return json.dumps([wanted.to_line(), models], sort_keys=True)


def _fingerprint(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _wanted(data: bytes, defaults: JobSpec) -> JobSpec:
    values = _values(data)
    _check_kinds(values)
    settings = {name: values.pop(name) for name in OWN_SETTINGS if name in values}
    if bool(str(values.get("request", "")).strip()) == bool(values.get("canvas")):
        raise LineError('give either a "request" in words or a "canvas"')
    if values.get("canvas"):
        values["canvas"] = _canvas(values["canvas"])
    if "cfg" in values:
        values["cfg"] = float(values["cfg"])
    return dataclasses.replace(
        defaults, **values, settings=dataclasses.replace(defaults.settings, **settings)
    )


def _values(data: bytes) -> dict[str, Any]:
    try:
        values = json.loads(
            data.decode("utf-8-sig"), parse_int=number_of, parse_constant=_no_number
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


def _no_number(text: str) -> NoReturn:
    raise LineError(f"{text} is no number that can be used")


def _check_kinds(values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        if name in OWN_SETTINGS:
            continue
        if name not in KINDS:
            known = ", ".join((*KINDS, *OWN_SETTINGS))
            raise LineError(f"unknown: {name!r}; known: {known}")
        if isinstance(value, float) and not math.isfinite(value):
            raise LineError(f"{name!r} is a number beyond all that can be used")
        kinds, meant = KINDS[name]
        if not isinstance(value, kinds) or isinstance(value, bool):  # to Python true is a number
            raise LineError(f"{name!r} is {meant}, not {value!r:.80}")


def _canvas(given: str | Mapping[str, Any] | Sequence[Any]) -> str:
    text = given if isinstance(given, str) else json.dumps(given)
    reading = files.read(text)
    if reading.canvas is None:
        reasons = "; ".join(map(str, reading.diagnostics))
        raise LineError(f"the canvas cannot be read: {reasons}")
    return text
