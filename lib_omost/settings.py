"""The settings of one generation: the single source for UI, API, infotext and command line."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

METHODS = ("omost", "couple", "area")
OVERLAPS = ("all", "overlay", "average")
PROMPT_ROLES = ("whole picture", "every region", "ignored")
CANVAS_TEXTS = ("plain", "webui")


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
        "Canvas code or JSON. Over the API also a list: image i of the job follows the i-th.",
    )
    method: str = setting(
        "omost",
        "Method",
        "omost: one attention over all regions; couple: one for each region, blended; "
        "area: one prediction for each region, blended (slow).",
        choices=METHODS,
    )
    global_strength: float = setting(
        1.0, "Global strength", "Weight of the global description; 1 is neutral.", low=0, high=2
    )
    region_strength: float = setting(
        1.0, "Region strength", "Weight of the regions; 1 is neutral.", low=0, high=2
    )
    overlap: str = setting(
        "all",
        "Overlap",
        "Where regions overlap: all count, the nearest owns it, or each counts its share.",
        choices=OVERLAPS,
    )
    start: float = setting(
        0.0, "Start", "Fraction of the steps at which regions begin.", low=0, high=1
    )
    end: float = setting(1.0, "End", "Fraction of the steps at which regions end.", low=0, high=1)
    prompt_role: str = setting(
        "whole picture",
        "Prompt box",
        "What the prompt box describes: the whole picture, every region as well, or nothing.",
        choices=PROMPT_ROLES,
    )
    canvas_text: str = setting(
        "plain",
        "Canvas text",
        "plain: brackets in descriptions are text; webui: they are emphasis, as in the prompt box.",
        choices=CANVAS_TEXTS,
    )
    start_from_colors: bool = setting(
        False,
        "Start from the colours",
        "Begin with the blurred composition instead of noise alone.",
    )
    color_denoising: float = setting(
        0.95,
        "Colour denoising",
        "How much of the colours is painted over; 1 is all.",
        low=0,
        high=1,
    )
    ignore_unsupported: bool = setting(
        False,
        "Go on without Omost",
        "With a model that has no cross-attention to steer, make the picture without regions.",
    )

    def __post_init__(self) -> None:
        for field in dataclasses.fields(self):
            object.__setattr__(self, field.name, _checked(field, getattr(self, field.name)))
        if self.start > self.end:
            raise SettingsError(f"start ({self.start}) must not be after end ({self.end})")

    @classmethod
    def from_mapping(cls, values: Mapping[str, Any]) -> Settings:
        """Build settings from named values, as the API and infotext give them.

        Raises SettingsError for an unknown name, naming the known ones.
        """
        known = [field.name for field in dataclasses.fields(cls)]
        unknown = sorted(set(values) - set(known))
        if unknown:
            raise SettingsError(f"unknown setting {unknown[0]!r}; known: {', '.join(known)}")
        return cls(**values)


def _checked(field: dataclasses.Field[Any], value: Any) -> Any:
    """Return the value as the field's type, or raise SettingsError."""
    name, hints = field.name, field.metadata
    if isinstance(field.default, bool):
        if not isinstance(value, bool):
            raise SettingsError(f"{name} must be true or false, not {value!r}")
        return value
    if isinstance(field.default, float):
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise SettingsError(f"{name} must be a number, not {value!r}")
        if not hints["low"] <= value <= hints["high"]:
            raise SettingsError(
                f"{name} must be between {hints['low']} and {hints['high']}, not {value!r}"
            )
        return float(value)
    if hints["choices"]:
        if value not in hints["choices"]:
            raise SettingsError(
                f"{name} must be one of {', '.join(hints['choices'])}, not {value!r}"
            )
        return value
    if isinstance(value, (list, tuple)) and all(isinstance(part, str) for part in value):
        return tuple(value)
    if not isinstance(value, str):
        raise SettingsError(f"{name} must be text or a list of texts, not {value!r}")
    return value
