"""The settings of one generation: the single source for UI, API, infotext and command line."""
# ruff: noqa: RUF009 - `setting` makes a dataclass field; ruff does not see it for Literal types

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

from lib_omost.attention.regional_options import Method, Overlap, RegionalOptions
from lib_omost.canvas.bounded_json import load_json
from lib_omost.canvas.fields import shown
from lib_omost.canvas.limits import too_long
from lib_omost.canvas.model import Syntax

CanvasSource = Literal["page", "prompt"]
PromptRole = Literal["whole picture", "every region", "ignored"]

METHODS: tuple[Method, ...] = get_args(Method)
OVERLAPS: tuple[Overlap, ...] = get_args(Overlap)
CANVAS_SOURCES: tuple[CanvasSource, ...] = get_args(CanvasSource)
PROMPT_ROLES: tuple[PromptRole, ...] = get_args(PromptRole)
CANVAS_TEXTS: tuple[Syntax, ...] = get_args(Syntax)

TIED = -1
"""The composition seed that stands for each image's own."""


class SettingsError(ValueError):
    """A setting that cannot be used; the message says which, why, and what would do."""


def setting(
    default: Any,
    label: str,
    help: str,
    *,
    choices: tuple[str, ...] = (),
    low: float | None = None,
    high: float | None = None,
) -> Any:
    """Declare a setting: its default, its label and tooltip, and what values it takes."""
    hints = {"label": label, "help": help, "choices": choices, "low": low, "high": high}
    return dataclasses.field(default=default, metadata=hints)


@dataclass(frozen=True)
class Settings:
    """What a user can set; a new setting is one line here.

    Raises SettingsError for a value of the wrong type or outside its range.
    """

    enabled: bool = setting(False, "Enabled", "Let the canvas take part in the sampling.")
    canvas: str | tuple[str, ...] = setting(
        "",
        "Canvas",
        "Canvas code, a whole answer of the language model, or canvas JSON. "
        "Over the API also a list: image i of the job follows the i-th.",
    )
    canvas_source: CanvasSource = setting(
        "page",
        "Canvas from",
        "page: the canvas above; prompt: each picture's prompt is composed at Generate by the "
        "language model chosen above, and beside that canvas only its LoRA tags act.",
        choices=CANVAS_SOURCES,
    )
    composition_seed: int = setting(
        TIED,
        "Composition seed",
        "With which a canvas is composed from the prompt; -1: each picture's own seed.",
        low=TIED,
        high=2**32 - 1,
    )
    method: Method = setting(
        "omost",
        "Method",
        "omost: one attention over all regions; couple: one for each region, blended; "
        "area: one prediction for each region, blended (slow).",
        choices=METHODS,
    )
    overlap: Overlap = setting(
        "all",
        "Overlap",
        "Where regions overlap: all of them count, overlay gives the place to the nearest, "
        "average gives each an equal share.",
        choices=OVERLAPS,
    )
    prompt_role: PromptRole = setting(
        "whole picture",
        "Prompt box describes",
        "What the prompt above describes: the whole picture beside the canvas, "
        "every region as well, or nothing (LoRA tags in it always work).",
        choices=PROMPT_ROLES,
    )
    canvas_text: Syntax = setting(
        "plain",
        "Canvas text",
        "plain: brackets in descriptions are text; webui: they are emphasis, as in the prompt box.",
        choices=CANVAS_TEXTS,
    )
    global_strength: float = setting(
        1.0, "Global strength", "Weight of the global description; 1 is neutral.", low=0, high=2
    )
    region_strength: float = setting(
        1.0, "Region strength", "Weight of the regions; 1 is neutral, 0 is absent.", low=0, high=2
    )
    sharpness: float = setting(
        1.0,
        "Sharpness",
        "How much more sharply small regions attend (omost): the power of H·W / area on their "
        "logits; 1 is Omost's own, 0 none.",
        low=0,
        high=2,
    )
    start: float = setting(
        0.0, "Start", "Fraction of each pass's steps at which regions begin.", low=0, high=1
    )
    end: float = setting(
        1.0, "End", "Fraction of each pass's steps at which regions cease.", low=0, high=1
    )
    start_from_colors: bool = setting(
        False,
        "Start from the colours",
        "Begin with the canvas's colours, blurred, instead of noise alone (txt2img).",
    )
    color_denoising: float = setting(
        0.95,
        "Colour denoising",
        "How much of the colours is painted over when starting from them; 1 is nearly all.",
        low=0.05,
        high=1,
    )
    ignore_unsupported: bool = setting(
        False,
        "Go on without Omost",
        "With a model that has no cross-attention to steer (Flux and the like), "
        "make the picture without regions instead of stopping.",
    )

    def __post_init__(self) -> None:
        for field in dataclasses.fields(self):
            object.__setattr__(self, field.name, _checked(field, getattr(self, field.name)))
        if self.start > self.end:
            raise SettingsError(f"start ({self.start:g}) must not be after end ({self.end:g})")

    @classmethod
    def from_mapping(cls, values: Mapping[str, Any]) -> Settings:
        """Build settings from named values, as the API gives them.

        Raises SettingsError for an unknown name, naming the known ones.
        """
        unknown = [name for name in values if name not in FIELDS]
        if unknown:
            raise SettingsError(f"unknown setting {unknown[0]!r}; known: {', '.join(FIELDS)}")
        return cls(**values)

    @property
    def regional(self) -> RegionalOptions:
        """The part that regional attention is given."""
        names = [field.name for field in dataclasses.fields(RegionalOptions)]
        return RegionalOptions(**{name: getattr(self, name) for name in names})

    def infotext(self) -> str | None:
        """Write what differs from the defaults as JSON, None when nothing does.

        `enabled` and `canvas` are left out: a picture carries its own canvas.
        """
        values = {name: getattr(self, name) for name in FIELDS if name not in ("enabled", "canvas")}
        changed = {name: value for name, value in values.items() if value != FIELDS[name].default}
        return json.dumps(changed) if changed else None


FIELDS: dict[str, dataclasses.Field[Any]] = {
    field.name: field for field in dataclasses.fields(Settings)
}
"""The settings by name, in the order in which a page shows them."""


def from_infotext(text: str) -> dict[str, Any]:
    """Read what `Settings.infotext` wrote: every setting but `enabled` and `canvas`.

    Names and values that this version cannot use fall back to their defaults, so that a picture
    of another version can still be pasted.
    """
    try:
        written = {} if too_long(text) else load_json(text)
    except ValueError:
        written = {}
    if not isinstance(written, dict):
        written = {}
    return {
        name: _usable(field, written.get(name, field.default))
        for name, field in FIELDS.items()
        if name not in ("enabled", "canvas")
    }


def _usable(field: dataclasses.Field[Any], value: Any) -> Any:
    try:
        return _checked(field, value)
    except SettingsError:
        return field.default


def _checked(field: dataclasses.Field[Any], value: Any) -> Any:
    """Return the value as the field's type, or raise SettingsError."""
    if isinstance(field.default, bool):
        return _checked_flag(field.name, value)
    if isinstance(field.default, int):
        return _checked_whole(field, value)
    if isinstance(field.default, float):
        return _checked_number(field, value)
    if field.metadata["choices"]:
        return _checked_choice(field, value)
    return _checked_texts(field.name, value)


def _checked_flag(name: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise SettingsError(f"{name} must be true or false, not {shown(value)}")
    return value


def _checked_whole(field: dataclasses.Field[Any], value: Any) -> int:
    number = _checked_number(field, value)
    if not number.is_integer():
        raise SettingsError(f"{field.name} must be a whole number, not {shown(value)}")
    return int(number)


def _checked_number(field: dataclasses.Field[Any], value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise SettingsError(f"{field.name} must be a number, not {shown(value)}")
    low, high = field.metadata["low"], field.metadata["high"]
    if not low <= value <= high:
        raise SettingsError(f"{field.name} must be between {low} and {high}, not {shown(value)}")
    return float(value)


def _checked_choice(field: dataclasses.Field[Any], value: Any) -> str:
    choices = field.metadata["choices"]
    if not isinstance(value, str) or value not in choices:
        raise SettingsError(f"{field.name} must be one of {', '.join(choices)}, not {shown(value)}")
    return value


def _checked_texts(name: str, value: Any) -> str | tuple[str, ...]:
    if isinstance(value, str):
        return value
    if not isinstance(value, (list, tuple)) or not all(isinstance(text, str) for text in value):
        raise SettingsError(f"{name} must be text or a list of texts, not {shown(value)}")
    if not value:
        raise SettingsError(f"{name} is an empty list; give one text or more")
    return tuple(value)
