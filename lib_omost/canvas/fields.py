"""Converts parameter values of code or JSON to the fields of a canvas or region.

Near misses are corrected, unreadable values are left out, and both are reported. The same rules
apply to code and JSON.
"""

from __future__ import annotations

import difflib
import math
import reprlib
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lib_omost.canvas import place_names
from lib_omost.canvas.colors import match_color
from lib_omost.canvas.diagnostics import DiagnosticCollector
from lib_omost.canvas.distance_words import match_distance
from lib_omost.canvas.model import (
    WHOLE_CANVAS,
    Box,
    Canvas,
    Color,
    DescribedPart,
    Place,
    Region,
    Syntax,
)

CANVAS_FIELDS = ("description", "detailed_descriptions", "tags", "HTML_web_color_name")
"""Parameters of set_global_description in order ("Canvas" in docs/omost-format.md)."""

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
"""Parameters of add_local_description in order ("Canvas" in docs/omost-format.md)."""

_SYNONYMS = {
    synonym: name
    for name, synonyms in {
        "location": "position place",
        "area": "size",
        "distance_to_viewer": "distance depth",
        "description": "desc prompt caption text content",
        "detailed_descriptions": "details",
        "tags": "keywords",
        "quality_meta": "quality",
        "HTML_web_color_name": "color colour html_color web_color background_color",
    }.items()
    for synonym in synonyms.split()
}

SYNTAX = "syntax"
"""Additional parameter of both, an extension of the format: "plain" or "webui"."""

HIDDEN = "hidden"
"""Key of a region in this extension's JSON; code and other formats have no hidden regions."""


@dataclass(frozen=True)
class UnreadableValue:
    """Placeholder for a computed value, which only executing the code would produce.

    Attributes:
        word: The word, if the value is a single word without quotes; "" otherwise.
    """

    word: str = ""


@dataclass(frozen=True)
class FieldValue:
    """The value of one parameter and the line that contains it, None if unknown."""

    value: object
    line: int | None = None


class FieldReader:
    """Reads the fields of one canvas or region and reports corrections.

    Args:
        values: The values by parameter name.
        where: The name of the canvas or region in diagnostics, such as "region 2".
        diagnostics: Receives the diagnostics.
        line: Line for diagnostics about missing parameters.
    """

    def __init__(
        self,
        values: Mapping[str, FieldValue],
        where: str,
        diagnostics: DiagnosticCollector,
        line: int | None = None,
    ) -> None:
        self.values = values
        self.where = where
        self.diagnostics = diagnostics
        self.line = line

    def read_canvas(self, extra: Mapping[str, Any]) -> Canvas:
        """Reads the global description into a canvas without regions."""
        if not self._is_text("description"):
            self._warn("description", "has no readable description; it is empty now")
        return Canvas(**self._described(), extra=extra)

    def read_region(self, extra: Mapping[str, Any], box: Box | None = None) -> Region | None:
        """Reads a region.

        Args:
            extra: Unknown keys to store in the region.
            box: The region's box; None if location, offset and area name it.

        Returns:
            The region; None after a warning if its description is unreadable.
        """
        if not self._is_text("description") and not self._replace_description():
            self._warn("description", "has no readable description; it is left out")
            return None
        return Region(
            **self._described(),
            place=box or self.read_place(),
            distance_to_viewer=self.read_distance(),
            atmosphere=self.read_text("atmosphere"),
            style=self.read_text("style"),
            quality_meta=self.read_text("quality_meta"),
            hidden=self.read_hidden(),
            extra=extra,
        )

    def _replace_description(self) -> bool:
        """Makes the detailed descriptions or tags the description; returns False without them."""
        for name in ("detailed_descriptions", "tags"):
            value = self.values[name].value if name in self.values else None
            text = next(iter(value), None) if isinstance(value, list) else value
            if isinstance(text, str) and text.strip():
                self._warn("description", f"has no readable description; {name} take its place")
                self.values = {**self.values, "description": FieldValue(text, self.line)}
                return True
        return False

    def _described(self) -> dict[str, Any]:
        return {
            "description": self.read_text("description"),
            "detailed_descriptions": self.read_texts("detailed_descriptions"),
            "tags": self.read_text("tags"),
            "color": self.read_color("color" if "color" in self.values else "HTML_web_color_name"),
            "syntax": self.read_syntax(),
        }

    def read_text(self, name: str) -> str:
        """Reads one text; joins a list of texts and prints a number. A missing text is empty."""
        value = self._value(name)
        if value is None:
            return ""
        if isinstance(value, str):
            return replace_surrogates(value)
        if isinstance(value, (list, tuple)) and all(isinstance(part, str) for part in value):
            self._note(name, f"{name} is a list; its texts are joined by commas")
            return replace_surrogates(", ".join(value))
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            self._note(name, f"{name} is a number; it is read as a text")
            return describe_value(value)
        self._warn(name, f"{name} must be a text, not {describe_value(value)}; it is left out")
        return ""

    def read_texts(self, name: str) -> tuple[str, ...]:
        """Reads a list of texts; a single text becomes a list of one. A missing list is empty."""
        value = self._value(name)
        if value is None:
            return ()
        if isinstance(value, str):
            self._note(name, f"{name} is one text, not a list; it is read as a list of one")
            return (replace_surrogates(value),)
        if isinstance(value, dict):
            self._note(name, f"{name} is an object; its values are read")
            value = list(value.values())
        if isinstance(value, (list, tuple)) and any(isinstance(part, list) for part in value):
            self._note(name, f"{name} contains lists; they are read as one list")
            value = [
                item for part in value for item in (part if isinstance(part, list) else [part])
            ]
        if not isinstance(value, (list, tuple)):
            self._warn(
                name, f"{name} must be a list of texts, not {describe_value(value)}; it is left out"
            )
            return ()
        for number, part in enumerate(value, start=1):
            if not isinstance(part, str):
                problem = (
                    "is computed"
                    if isinstance(part, UnreadableValue)
                    else f"is {describe_value(part)}"
                )
                self._warn(name, f"item {number} of {name} {problem}, not a text; it is left out")
        return tuple(replace_surrogates(part) for part in value if isinstance(part, str))

    def read_distance(self) -> float:
        """Reads the distance to the viewer, a number above 0; an unreadable one becomes 1."""
        name = "distance_to_viewer"
        value = self._single_value(name, " ")
        if value is None:
            if not self._is_computed(name):
                self._warn(name, f"{name} is missing; 1 is assumed")
            return 1.0
        number = to_number(value)
        match = match_distance(value) if isinstance(value, str) and number is None else None
        if match is not None and not match.certain:
            self._warn(
                name, f"{name} {describe_value(value)} is read as {match.distance:g}, a guess"
            )
            return match.distance
        number = match.distance if match is not None else number
        if number is None or not (math.isfinite(number) and number > 0):
            self._warn(
                name, f"{name} must be a number above 0, not {describe_value(value)}; 1 is assumed"
            )
            return 1.0
        if isinstance(value, str):
            self._note(name, f"{name} is written as a text; it is read as {number:g}")
        return number

    def read_color(self, name: str) -> Color:
        """Reads a colour by name or as three numbers; an unreadable one becomes grey."""
        value = self._single_value(name, " and ")
        default = DescribedPart.color
        if value is None:
            return default
        if isinstance(value, str):
            match = match_color(value)
            if match is None:
                self._warn(name, f"{describe_value(value)} is not a known colour; grey is assumed")
                return default
            if not match.certain:
                self._warn(name, f"colour {describe_value(value)} is read as {match.name!r}")
            elif match.name not in (value, value.strip().lower()):
                self._note(name, f"colour {describe_value(value)} is read as {match.name!r}")
            return match.color
        color = to_color(value)
        if color is None:
            self._warn(
                name,
                f"{name} must be a colour's name or three numbers from 0 to 255, not "
                f"{describe_value(value)}; grey is assumed",
            )
        return color or default

    def read_syntax(self) -> Syntax:
        """Reads the syntax of the texts; a missing or unknown one becomes "plain"."""
        value = self._value(SYNTAX)
        if value == "webui":
            return "webui"
        if value not in (None, "plain"):
            self._warn(SYNTAX, f"syntax must be 'plain' or 'webui', not {describe_value(value)}")
        return "plain"

    def read_hidden(self) -> bool:
        """Reads whether a region is hidden; a missing or unreadable value means that it is not."""
        value = self._value(HIDDEN)
        if value not in (None, True, False):
            self._warn(HIDDEN, f"hidden must be true or false, not {describe_value(value)}")
        return value is True

    def read_place(self) -> Place | Box:
        """Reads location, offset and area; defaults take the place of unreadable ones."""
        names: dict[str, str] = {}
        matchers = (
            ("location", place_names.match_location, Place.location),
            ("offset", place_names.match_offset, Place.offset),
            ("area", place_names.match_area, Place.area),
        )
        for kind, match, default in matchers:
            names[kind] = self._place_name(kind, match, default)
            if names[kind] == place_names.WHOLE_CANVAS:
                if kind != "area" and "area" in self.values:
                    self._warn("area", "it covers the whole canvas; its area is left out")
                return WHOLE_CANVAS
        return Place(**names)

    def _place_name(
        self, kind: str, match: Callable[[str], place_names.PlaceMatch | None], default: str
    ) -> str:
        value = self._single_value(kind, " ")
        if value is None:
            is_missing = kind not in self.values or kind != "offset"
            if is_missing and not self._is_computed(kind):
                self._warn(kind, f"{kind} is missing; {default!r} is assumed")
            return default
        if not isinstance(value, str):
            self._warn(
                kind,
                f"{kind} must be a place's name, not {describe_value(value)}; "
                f"{default!r} is assumed",
            )
            return default
        result = match(value)
        if result is None:
            self._warn(kind, f"{kind} {describe_value(value)} is unknown; {default!r} is assumed")
            return default
        if not result.certain:
            self._warn(kind, f"{kind} {describe_value(value)} is read as {result.name!r}, a guess")
        elif result.name != value:
            self._note(kind, f"{kind} {describe_value(value)} is read as {result.name!r}")
        return result.name

    def _is_text(self, name: str) -> bool:
        field_value = self.values.get(name)
        value = field_value.value if field_value else None
        return isinstance(value, str) or (
            isinstance(value, list) and bool(value) and all(isinstance(part, str) for part in value)
        )

    def _value(self, name: str) -> object:
        """Returns a field's value; None if it is missing or, after a warning, if it is computed."""
        field_value = self.values.get(name)
        if field_value is None:
            return None
        if isinstance(field_value.value, UnreadableValue):
            self._warn(name, f"{name} is computed, not a literal; it is left out")
            return None
        return field_value.value

    def _single_value(self, name: str, separator: str) -> object:
        """Returns the value of a field that holds one word or number.

        Args:
            name: The field.
            separator: Joins the texts of a list.
        """
        field_value = self.values.get(name)
        value = field_value.value if field_value else None
        if isinstance(value, UnreadableValue) and value.word:
            self._note(name, f"{name} has no quotes; it is read as {value.word!r}")
            return value.word
        value = self._value(name)
        if not isinstance(value, (list, tuple)) or not value:
            return value
        if len(value) > 1 and not all(isinstance(part, str) for part in value):
            return value
        self._note(name, f"{name} is a list; it is read as one value")
        return separator.join(value) if len(value) > 1 else value[0]

    def _is_computed(self, name: str) -> bool:
        field_value = self.values.get(name)
        return field_value is not None and isinstance(field_value.value, UnreadableValue)

    def _note(self, name: str, message: str) -> None:
        self.diagnostics.note(f"{self.where}: {message}", self._line(name))

    def _warn(self, name: str, message: str) -> None:
        self.diagnostics.warning(f"{self.where}: {message}", self._line(name))

    def _line(self, name: str) -> int | None:
        field_value = self.values.get(name)
        return field_value.line if field_value else self.line


def match_field(
    word: str | None, names: Sequence[str], used_names: Container[str | None] = ()
) -> str | None:
    """Returns the parameter that a possibly misspelt name means.

    Args:
        word: The name as a model wrote it; None for none.
        names: The known parameters.
        used_names: All names of the same call; a misspelt name never means one of them.

    Returns:
        One of the parameters; None for an unknown name.
    """
    if word is None or word in names:
        return word
    lower = {name.lower(): name for name in names}
    name = lower.get(word.lower()) or _SYNONYMS.get(word.lower())
    if name is None and len(word) < 40:
        similar = difflib.get_close_matches(word.lower(), lower, 1, cutoff=0.85)
        name = lower[similar[0]] if similar else None
    return name if name in names and name not in used_names else None


def to_number(value: object) -> float | None:
    """Converts a number or a numeric text to a float; returns None for anything else."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        return float(value)
    except (ValueError, OverflowError):
        return None


def to_color(value: object) -> Color | None:
    """Converts three integers from 0 to 255 to a colour; returns None for anything else."""
    if not isinstance(value, (list, tuple)) or len(value) != 3:
        return None
    if not all(type(part) is int and 0 <= part <= 255 for part in value):
        return None
    red, green, blue = value
    return (red, green, blue)


def replace_surrogates(text: str) -> str:
    """Joins surrogate pairs and replaces lone surrogates, which UTF-8 cannot encode."""
    if text.isascii():
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def describe_value(value: object) -> str:
    """Formats a value for a diagnostic: one line of at most 60 characters."""
    if isinstance(value, UnreadableValue):
        return "a computed value"
    if isinstance(value, str):
        value = value[:60]
        text = repr(value) if value.isprintable() else ascii(value)
    else:
        text = _SHORT_REPR.repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


class _ShortRepr(reprlib.Repr):
    """Formats the beginning of any value in bounded time, even of deep or long ones."""

    def repr_int(self, number: int, level: int) -> str:
        return repr(number) if abs(number) < 10**30 else "a very large number"


_SHORT_REPR = _ShortRepr()
_SHORT_REPR.maxstring = _SHORT_REPR.maxother = 60
_SHORT_REPR.maxlist = _SHORT_REPR.maxtuple = _SHORT_REPR.maxdict = 60
