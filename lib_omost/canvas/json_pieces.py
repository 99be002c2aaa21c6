"""Finds canvases in JSON of any shape: inside wrappers, tool calls, numbered keys and texts."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from lib_omost.canvas.bounded_json import NestingError, load_json
from lib_omost.canvas.fields import CANVAS_FIELDS
from lib_omost.canvas.json_forms import JsonForm, find_form
from lib_omost.canvas.lenient_json import (
    CutOffObject,
    LenientValue,
    TooManyPartsError,
    find_values,
)

PLACE_KEYS = ("location", "offset", "area", "distance_to_viewer", "box")
"""Keys that only a region has."""

MAX_TEXT_NESTING = 3
"""Maximum number of JSON texts inside each other: a tool call's arguments are a text in JSON."""

_CODE = re.compile(r"(?i:(?:set|add)_?(?:global|local|region))\w*[ \t]*\(")
_GLOBAL_NAME = re.compile(r"global|canvas_description|set_?description", re.IGNORECASE)
_REGION_NAME = re.compile(r"local|region|add_", re.IGNORECASE)
_CALL_NAMES = ("name", "function", "tool", "tool_name", "recipient_name", "method")
_CALL_ARGUMENTS = ("arguments", "parameters", "input", "args", "kwargs", "params", "tool_input")


@dataclass
class CanvasPieces:
    """One canvas of a JSON text.

    Attributes:
        data: An object with a description or regions, a value in a foreign form, or code.
        values: The values of the text that contain the pieces, in order.
        form: The foreign form of the data; None for this extension's JSON and for code.
        is_whole: Whether the text contains the object itself, so that nothing was assembled.
    """

    data: Any
    values: list[LenientValue]
    form: JsonForm | None = None
    is_whole: bool = True

    @property
    def has_regions(self) -> bool:
        """Tells, before the canvas is read, whether it appears to have regions."""
        if self.form or isinstance(self.data, str):
            return True
        regions = self.data.get("regions")
        return isinstance(regions, list) and bool(regions)


class PieceFinder:
    """Walks through parsed JSON and collects its canvases in order.

    A global description begins a canvas; the regions after it belong to that canvas.

    Attributes:
        canvases: The canvases up to now.
        inner_values: The JSON values inside texts.
        problems: Why texts inside the JSON were not read completely.
        stray_regions: Number of regions outside a canvas that has its own list of regions.
    """

    def __init__(self, *, finished: bool) -> None:
        """Starts without canvases.

        Args:
            finished: Whether to collect the region in which the text ends.
        """
        self.canvases: list[CanvasPieces] = []
        self.inner_values: list[LenientValue] = []
        self.problems: list[str] = []
        self.stray_regions = 0
        self._finished = finished

    def add(self, value: LenientValue) -> None:
        """Collects the canvases of one value of the text."""
        self._value = value
        self._find(value.data, "", 0)

    def _find(self, data: Any, name: str, text_nesting: int) -> None:
        """Collects the canvases of a value.

        Args:
            data: Parsed JSON.
            name: The key or the tool call that contains the value; it may name the value's role.
            text_nesting: Number of texts in JSON that contain the value.
        """
        if isinstance(data, str):
            self._find_in_text(data, name, text_nesting)
            return
        if not isinstance(data, (dict, list)):
            return
        form = find_form(data)
        if form is not None:
            self._add(self._complete(data) if isinstance(data, list) else data, form)
        elif isinstance(data, dict):
            self._find_in_object(data, name, text_nesting)
        else:
            for item in data:
                self._find(item, name, text_nesting)

    def _add(self, data: Any, form: JsonForm | None = None) -> None:
        self.canvases.append(CanvasPieces(data, [self._value], form))

    def _complete(self, regions: list[Any]) -> list[Any]:
        """Drops the region in which an unfinished text ends."""
        if self._finished or not regions or not isinstance(regions[-1], CutOffObject):
            return regions
        return regions[:-1]

    def _find_in_object(self, data: dict[str, Any], name: str, text_nesting: int) -> None:
        if "class_type" in data or "widgets_values" in data:
            return  # a node of a ComfyUI graph, whose texts are not answers
        call = _tool_call(data)
        if isinstance(data.get("regions"), list):
            self._add({**data, "regions": self._complete(data["regions"])})
        elif call is not None:
            called, arguments = call
            self._find(arguments, called, text_nesting)
        elif _is_region(data, name):
            self._add_region(data)
        else:
            if "description" in data or (_GLOBAL_NAME.search(name) and _has_canvas_field(data)):
                self._add(data)
            # A global description begins a canvas, so it comes first.
            items = sorted(data.items(), key=lambda item: not _GLOBAL_NAME.search(item[0]))
            for key, value in items:
                if isinstance(value, (dict, list)) or key not in CANVAS_FIELDS:
                    self._find(value, key, text_nesting)

    def _find_in_text(self, text: str, name: str, text_nesting: int) -> None:
        if text_nesting == MAX_TEXT_NESTING:
            return
        if text.startswith('"'):
            try:
                self._find(load_json(text), name, text_nesting + 1)
            except ValueError:
                return
        elif _CODE.search(text):
            self._add(text)
        elif "{" in text:
            try:
                for value in find_values(text):
                    self.inner_values.append(value)
                    self._find(value.data, name, text_nesting + 1)
            except (NestingError, TooManyPartsError) as error:
                self.problems.append(f"a text inside the JSON is not read to its end: {error}")
        elif re.fullmatch(r"global(?:_description)?", name, re.IGNORECASE):
            self._add({"description": text})

    def _add_region(self, data: dict[str, Any]) -> None:
        if isinstance(data, CutOffObject) and not self._finished:
            return
        last = self.canvases[-1] if self.canvases else None
        if last is None or last.form is not None or isinstance(last.data, str):
            self.canvases.append(CanvasPieces({"regions": [data]}, [self._value], is_whole=False))
            return
        if last.is_whole and last.has_regions:
            self.stray_regions += 1
            return
        if last.is_whole:
            last = CanvasPieces({**last.data, "regions": []}, last.values, is_whole=False)
            self.canvases[-1] = last
        last.data["regions"].append(data)
        if last.values[-1] is not self._value:
            last.values.append(self._value)


def _is_region(data: dict[str, Any], name: str) -> bool:
    if "description" in data and any(key in data for key in PLACE_KEYS):
        return True
    return "description" in data and bool(_REGION_NAME.search(name)) and "global" not in name


def _has_canvas_field(data: dict[str, Any]) -> bool:
    return any(key in data for key in CANVAS_FIELDS)


def _tool_call(data: dict[str, Any]) -> tuple[str, Any] | None:
    """Returns the name and the arguments of an object that is a tool call, else None."""
    function = data.get("function")
    if isinstance(function, dict):
        return _tool_call(function)
    if "description" in data:
        return None  # the definition of a tool
    name = next((data[key] for key in _CALL_NAMES if isinstance(data.get(key), str)), None)
    for key in _CALL_ARGUMENTS:
        if name is not None and isinstance(data.get(key), (dict, list, str)):
            return name, data[key]
    return None
