"""Reads and checks the lines of a batch file: a request in words, or a JSON object, per line."""

from __future__ import annotations

import codecs
import dataclasses
import hashlib
import json
import math
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from lib_omost.canvas import formats
from lib_omost.canvas.limits import parse_integer
from lib_omost.renderer.painting import PictureSpec
from lib_omost.setting_fields import describe_unknown
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

WEBUI_NAMES = {"negative_prompt": "negative", "cfg_scale": "cfg", "sampler_name": "sampler"}
"""Names of the WebUI's API for keys of FIELD_TYPES that have another name here."""

KEYS = (*FIELD_TYPES, *WEBUI_NAMES, *LINE_SETTINGS)
"""All keys of a line."""

JSON_START = re.compile(r'[\[\]{}"]')
"""Matches the beginning of a line that is JSON; other lines are words."""

NO_REQUEST = {
    re.compile(r"canvas\s*[.=]|```"): 'this is canvas code; write {"canvas": "..."} in one line',
    re.compile("--"): 'a line has no options; write {"request": "a red circle", "steps": 30}',
}
"""Beginnings of lines that are neither JSON nor a request, with the advice for each."""


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
    """Reads and checks a file with one picture per line.

    Blank lines and lines that begin with # are skipped.

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
    data = file.read_bytes().removeprefix(codecs.BOM_UTF8)
    for number, line in enumerate(data.splitlines(), start=1):
        if not line.strip() or line.lstrip().startswith(b"#"):
            continue
        try:
            job = parse_line(line, defaults)
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
            f"{file}: the file has no lines; a line is a request in words or an object such as "
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
        data: The line in UTF-8: a JSON object, or a request in words.
        defaults: Values for the keys that the line leaves out.

    Raises:
        LineError: The line has a syntax error, an unknown key or a value of a wrong type.
        SettingsError: A setting has an invalid value.
    """
    text = _decode(data).strip()
    values = _parse_object(text) if JSON_START.match(text) else _parse_words(text)
    _check_types(values)
    values = _rename(values)
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


def _decode(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise LineError(f"this is not UTF-8 (byte {error.start + 1})") from error


def _parse_words(text: str) -> dict[str, Any]:
    """Returns the values of a line in words. Raises LineError for canvas code and options."""
    for beginning, advice in NO_REQUEST.items():
        if beginning.match(text):
            raise LineError(advice)
    return {"request": text}


def _parse_object(text: str) -> dict[str, Any]:
    try:
        values = json.loads(text, parse_int=parse_integer, parse_constant=_refuse_constant)
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
        if name not in KEYS:
            raise LineError(describe_unknown("key", name, KEYS))
        if isinstance(value, float) and not math.isfinite(value):
            raise LineError(f"{name!r} is too large a number")
        types, description = FIELD_TYPES[WEBUI_NAMES.get(name, name)]
        if not isinstance(value, types) or isinstance(value, bool):  # a bool is an int in Python
            raise LineError(f"{name!r} is {description}, not {value!r:.80}")


def _rename(values: dict[str, Any]) -> dict[str, Any]:
    """Replaces the WebUI's names. Raises LineError if a value has both names."""
    renamed: dict[str, Any] = {}
    for name, value in values.items():
        own_name = WEBUI_NAMES.get(name, name)
        if own_name in renamed:
            raise LineError(f"{own_name!r} has two values; give it once")
        renamed[own_name] = value
    return renamed


def _check_canvas(value: str | Mapping[str, Any] | Sequence[Any]) -> str:
    """Returns the canvas as text. Raises LineError if it cannot be read."""
    text = value if isinstance(value, str) else json.dumps(value)
    reading = formats.read(text)
    if reading.canvas is None:
        reasons = "; ".join(map(str, reading.diagnostics))
        raise LineError(f"the canvas cannot be read: {reasons}")
    return text
