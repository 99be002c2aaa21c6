"""Named values, as code or JSON gave them, to a canvas and its regions.

Values that are nearly right are mended and the mending is reported; what cannot be read is left
out and reported. Code and JSON share these rules.
"""

from __future__ import annotations

import math
import reprlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from lib_omost.canvas import place_names
from lib_omost.canvas.colors import match_color
from lib_omost.canvas.diagnostics import Findings
from lib_omost.canvas.model import Box, Canvas, Color, Described, Place, Region, Syntax

CANVAS_FIELDS = ("description", "detailed_descriptions", "tags", "HTML_web_color_name")
"""Of set_global_description, in the order of its parameters (seed, "Symbols")."""

REGION_FIELDS = (
    "location",
    "offset",
    "area",
    "distance_to_viewer",
    "description",
    "detailed_descriptions",
    "tags",
    "atmosphere",
    "style",
    "quality_meta",
    "HTML_web_color_name",
)
"""Of add_local_description, in the order of its parameters (seed, "Symbols")."""

SYNTAX = "syntax"
"""Our own field of both, 'webui' for text that keeps the host's prompt syntax."""


class UnreadableValue:
    """Stands for a value that is computed, so that only running the code would give it."""


@dataclass(frozen=True)
class NamedValues:
    """A value that somebody wrote, and on which line."""

    value: object
    line: int | None = None


class FieldReader:
    """Reads the fields of one canvas or region; `where` names it in what is reported."""

    def __init__(
        self,
        given: Mapping[str, NamedValues],
        where: str,
        findings: Findings,
        line: int | None = None,
    ) -> None:
        self.given = given
        self.where = where
        self.findings = findings
        self.line = line

    def canvas(self, extra: Mapping[str, Any]) -> Canvas:
        """The global description, without regions."""
        if not self._is_text("description"):
            self._warn("description", "has no description that can be read; it is empty now")
        return Canvas(**self._described(), extra=extra)

    def region(self, extra: Mapping[str, Any], box: Box | None = None) -> Region | None:
        """The region; None, and a warning, where its place or description cannot be read."""
        if not self._is_text("description"):
            self._warn("description", "has no description that can be read; it is left out")
            return None
        place = box or self.place()
        if place is None:
            return None
        return Region(
            **self._described(),
            place=place,
            distance_to_viewer=self.distance(),
            atmosphere=self.text("atmosphere"),
            style=self.text("style"),
            quality_meta=self.text("quality_meta"),
            extra=extra,
        )

    def _described(self) -> dict[str, Any]:
        return {
            "description": self.text("description"),
            "detailed_descriptions": self.texts("detailed_descriptions"),
            "tags": self.text("tags"),
            "color": self.color("color" if "color" in self.given else "HTML_web_color_name"),
            "syntax": self.syntax(),
        }

    def text(self, name: str) -> str:
        """A text; empty where it is missing. A list of texts is joined, a number written out."""
        value = self._value(name)
        if value is None:
            return ""
        if isinstance(value, str):
            return whole_text(value)
        if isinstance(value, (list, tuple)) and all(isinstance(part, str) for part in value):
            self._note(name, f"{name} is a list; its texts are joined by commas")
            return whole_text(", ".join(value))
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            self._note(name, f"{name} is a number; it is read as a text")
            return shown(value)
        self._warn(name, f"{name} must be a text, not {shown(value)}; it is left out")
        return ""

    def texts(self, name: str) -> tuple[str, ...]:
        """Texts; empty where they are missing. A single text is read as a list of one."""
        value = self._value(name)
        if value is None:
            return ()
        if isinstance(value, str):
            self._note(name, f"{name} is one text, not a list; it is read as a list of one")
            return (whole_text(value),)
        if not isinstance(value, (list, tuple)):
            self._warn(name, f"{name} must be a list of texts, not {shown(value)}; it is left out")
            return ()
        for number, part in enumerate(value, start=1):
            if not isinstance(part, str):
                what = "is computed" if isinstance(part, UnreadableValue) else f"is {shown(part)}"
                self._warn(name, f"item {number} of {name} {what}, not a text; it is left out")
        return tuple(whole_text(part) for part in value if isinstance(part, str))

    def distance(self) -> float:
        """The distance to the viewer: a number above 0, 1 where none can be read."""
        name = "distance_to_viewer"
        value = self._value(name)
        if value is None:
            if name not in self.given:
                self._warn(name, f"{name} is missing; 1 is assumed")
            return 1.0
        number = to_number(value)
        if isinstance(value, str) and number is not None:
            self._note(name, f"{name} is written as a text; it is read as {number:g}")
        if number is None or not (math.isfinite(number) and number > 0):
            self._warn(name, f"{name} must be a number above 0, not {shown(value)}; 1 is assumed")
            return 1.0
        return number

    def color(self, name: str) -> Color:
        """The colour; grey where none can be read."""
        value = self._value(name)
        default = Described.color
        if value is None:
            return default
        if isinstance(value, str):
            match = match_color(value)
            if match is None:
                self._warn(name, f"{shown(value)} is not a colour that is known; grey is assumed")
                return default
            if not match.sure:
                self._warn(name, f"colour {shown(value)} is read as {match.name!r}")
            elif match.name != value:
                self._note(name, f"colour {shown(value)} is read as {match.name!r}")
            return match.color
        color = to_color(value)
        if color is None:
            self._warn(
                name, f"{name} must be a colour's name or three numbers, not {shown(value)}; "
                "grey is assumed"
            )  # fmt: skip
        return color or default

    def syntax(self) -> Syntax:
        """How the texts are to be read; plain where nothing is said."""
        value = self._value(SYNTAX)
        if value == "webui":
            return "webui"
        if value not in (None, "plain"):
            self._warn(SYNTAX, f"syntax must be 'plain' or 'webui', not {shown(value)}")
        return "plain"

    def place(self) -> Place | None:
        """The place that location, offset and area name; None where one is no literal."""
        names: dict[str, str] = {}
        matchers = (
            ("location", place_names.match_location, Place.location),
            ("offset", place_names.match_offset, Place.offset),
            ("area", place_names.match_area, Place.area),
        )
        for kind, match, default in matchers:
            name = self._place_name(kind, match, default)
            if name is None:
                return None
            names[kind] = name
        return Place(**names)

    def _place_name(
        self, kind: str, match: Callable[[str], place_names.PlaceMatch | None], default: str
    ) -> str | None:
        given = self.given.get(kind)
        if given is None:
            self._warn(kind, f"{kind} is missing; {default!r} is assumed")
            return default
        if given.value is None and kind == "offset":
            return default
        if not isinstance(given.value, str):
            self._warn(kind, f"{kind} cannot be read as a text; the region is left out")
            return None
        found = match(given.value)
        if found is None:
            self._warn(kind, f"{kind} {shown(given.value)} is not known; {default!r} is assumed")
            return default
        if not found.sure:
            self._warn(kind, f"{kind} {shown(given.value)} is not known; read as {found.name!r}")
        elif found.name != given.value:
            self._note(kind, f"{kind} {shown(given.value)} is read as {found.name!r}")
        return found.name

    def _is_text(self, name: str) -> bool:
        given = self.given.get(name)
        value = given.value if given else None
        return isinstance(value, str) or (
            isinstance(value, list) and bool(value) and all(isinstance(part, str) for part in value)
        )

    def _value(self, name: str) -> object:
        """The value of a field; None where it is missing, or is computed, which is reported."""
        given = self.given.get(name)
        if given is None:
            return None
        if isinstance(given.value, UnreadableValue):
            self._warn(name, f"{name} is computed, not written out; it is left out")
            return None
        return given.value

    def _note(self, name: str, message: str) -> None:
        self.findings.note(f"{self.where}: {message}", self._line(name))

    def _warn(self, name: str, message: str) -> None:
        self.findings.warning(f"{self.where}: {message}", self._line(name))

    def _line(self, name: str) -> int | None:
        given = self.given.get(name)
        return given.line if given else self.line


def to_number(value: object) -> float | None:
    """Return a number, or a text that is one, as a float; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        return float(value)
    except (ValueError, OverflowError):
        return None


def to_color(value: object) -> Color | None:
    """Return three whole numbers from 0 to 255 as a colour; None for anything else."""
    if not isinstance(value, (list, tuple)) or len(value) != 3:
        return None
    if not all(type(part) is int and 0 <= part <= 255 for part in value):
        return None
    red, green, blue = value
    return (red, green, blue)


def whole_text(text: str) -> str:
    """Join surrogate pairs, and replace lone surrogates, which no file can hold."""
    if text.isascii():
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def shown(value: object) -> str:
    """Return a value as a message shows it: on one line, not too long."""
    if isinstance(value, UnreadableValue):
        return "something computed"
    if isinstance(value, str):
        value = value[:60]
        text = repr(value) if value.isprintable() else ascii(value)
    else:
        text = _SHORT.repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


class _Short(reprlib.Repr):
    """Writes the beginning of any value, however deep or long it is."""

    def repr_int(self, number: int, level: int) -> str:
        return repr(number) if abs(number) < 10**30 else "a very large number"


_SHORT = _Short()
_SHORT.maxstring = _SHORT.maxother = _SHORT.maxlist = _SHORT.maxtuple = _SHORT.maxdict = 60
