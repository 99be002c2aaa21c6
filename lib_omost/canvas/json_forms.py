"""All JSON forms beside this extension's canvas JSON, each with its test and its reader."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from lib_omost.canvas.comfy_conditions import is_comfy, read_comfy
from lib_omost.canvas.diagnostics import DiagnosticCollector
from lib_omost.canvas.edits import is_edits, refuse_edits
from lib_omost.canvas.layouts import comfy_boxes, fibo, flux3, grounding, ideogram, other_files
from lib_omost.canvas.model import Canvas
from lib_omost.canvas.plans.plan_format import is_plan, read_plan


@dataclass(frozen=True)
class ParsedJson:
    """One JSON value of a text.

    Attributes:
        data: The parsed value.
        before: The text before the value; a FLUX 3 layout has its paragraph there.
    """

    data: Any
    before: str = ""


@dataclass(frozen=True)
class JsonForm:
    """A form of a canvas in JSON.

    Attributes:
        matches: Returns whether an object or a list has this form; never raises, and looks at
            the items and their items only, because it sees every object and list of a text.
        read: Reads a value that matches; returns None after an error if it is not a canvas.
        title: The name of another program's layout for people; "" for other forms.
    """

    matches: Callable[[Any], bool]
    read: Callable[[ParsedJson, DiagnosticCollector], Canvas | None]
    title: str = ""


class DataLayout(Protocol):
    """A module that reads a layout from parsed JSON."""

    def matches(self, data: object) -> bool:
        """Returns whether parsed JSON has this layout; never raises."""

    def read(self, data: Any, diagnostics: DiagnosticCollector) -> Canvas:
        """Reads parsed JSON that matches."""


def _layout(title: str, layout: DataLayout) -> JsonForm:
    return JsonForm(layout.matches, lambda value, report: layout.read(value.data, report), title)


def _report_other_file(value: ParsedJson, diagnostics: DiagnosticCollector) -> None:
    diagnostics.error(other_files.name_data(value.data))


FORMS: tuple[JsonForm, ...] = (
    JsonForm(is_edits, lambda value, report: refuse_edits(value.data, report)),
    JsonForm(is_plan, lambda value, report: read_plan(value.data, report)),
    _layout("an Ideogram 4 caption", ideogram),
    JsonForm(
        flux3.matches,
        lambda value, report: flux3.read(value.data, value.before, report),
        "a FLUX 3 layout",
    ),
    _layout("a list of ComfyUI's node Create Bounding Boxes", comfy_boxes),
    _layout("a list of boxes of a vision model", grounding),
    _layout("a structured prompt of FIBO", fibo),
    JsonForm(other_files.has_misleading_texts, _report_other_file),
    JsonForm(is_comfy, lambda value, report: read_comfy(value.data, report)),
)
"""All forms other than this extension's JSON; the first one that matches reads the value."""


def find_form(data: Any) -> JsonForm | None:
    """Returns the form of parsed JSON; None for this extension's JSON and for unknown data.

    Args:
        data: An object or a list.
    """
    if isinstance(data, dict) and "omost_canvas" in data:
        return None
    return next((form for form in FORMS if form.matches(data)), None)
