"""Declares the settings of a picture once, for the page, API, infotext and command line."""
# ruff: noqa: RUF009 - `setting` makes a dataclass field; ruff does not see it for Literal types

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from typing import Any, Literal, get_args

from lib_omost.attention.regional_options import Method, Overlap, RegionalOptions
from lib_omost.canvas.bounded_json import load_json
from lib_omost.canvas.limits import length_error
from lib_omost.canvas.model import Syntax
from lib_omost.setting_fields import (
    DeclaredSettings,
    SettingField,
    SettingsError,
    declared_fields,
    setting,
)

CanvasSource = Literal["page", "prompt"]
PromptRole = Literal["whole picture", "every region", "ignored"]

METHODS: tuple[Method, ...] = get_args(Method)
OVERLAPS: tuple[Overlap, ...] = get_args(Overlap)
CANVAS_SOURCES: tuple[CanvasSource, ...] = get_args(CanvasSource)
PROMPT_ROLES: tuple[PromptRole, ...] = get_args(PromptRole)
CANVAS_TEXTS: tuple[Syntax, ...] = get_args(Syntax)

IMAGE_SEED = -1
"""Composition seed that stands for the seed of each image."""


@dataclass(frozen=True)
class Settings(DeclaredSettings):
    """Settings of one generation. A new setting is one declaration here.

    Raises:
        SettingsError: A value has the wrong type or is outside its bounds, or `start` is after
            `end`.
    """

    enabled: bool = setting(False, "Enabled", "Use the canvas when pictures are generated.")
    canvas: str | tuple[str, ...] = setting(
        "",
        "Canvas",
        "Canvas code, a complete answer of the language model, or canvas JSON. "
        "The API also accepts a list: image i of the job uses item i.",
        many=True,
    )
    canvas_source: CanvasSource = setting(
        "page",
        "Canvas from",
        "page: use the canvas above. prompt: at Generate the language model chosen above composes "
        "a canvas from the prompt of each picture, and the prompt's LoRA tags stay in effect.",
        choices=CANVAS_SOURCES,
    )
    composition_seed: int = setting(
        IMAGE_SEED,
        "Composition seed",
        "Seed for composing a canvas from the prompt. -1 uses the seed of each picture.",
        low=IMAGE_SEED,
        high=2**32 - 1,
    )
    method: Method = setting(
        "omost",
        "Method",
        "omost: all regions share one cross-attention. couple: each region has its own "
        "cross-attention; the results are blended. area: each region has its own noise "
        "prediction; the predictions are blended (slow).",
        choices=METHODS,
    )
    overlap: Overlap = setting(
        "all",
        "Overlap",
        "Regions that count where several overlap. all: every region. overlay: only the nearest. "
        "average: every region with an equal share.",
        choices=OVERLAPS,
    )
    prompt_role: PromptRole = setting(
        "whole picture",
        "Prompt box describes",
        "Use of the prompt above. whole picture: it adds to the global description. every region: "
        "it adds to each region too. ignored: only its LoRA tags are used.",
        choices=PROMPT_ROLES,
    )
    canvas_text: Syntax = setting(
        "plain",
        "Canvas text",
        "plain: brackets in descriptions are ordinary text. webui: brackets are emphasis, as in "
        "the prompt box.",
        choices=CANVAS_TEXTS,
    )
    global_strength: float = setting(
        1.0, "Global strength", "Weight of the global description. 1 is neutral.", low=0, high=2
    )
    region_strength: float = setting(
        1.0,
        "Region strength",
        "Weight of the regions. 1 is neutral, 0 turns them off.",
        low=0,
        high=2,
    )
    sharpness: float = setting(
        1.0,
        "Sharpness",
        "How much more a region's text counts the smaller its box is (method omost). 1 is Omost's "
        "value, 0 turns it off.",
        low=0,
        high=2,
    )
    start: float = setting(
        0.0,
        "Start",
        "Fraction of the sampling steps after which the regions start, in each pass.",
        low=0,
        high=1,
    )
    end: float = setting(
        1.0,
        "End",
        "Fraction of the sampling steps after which the regions stop, in each pass.",
        low=0,
        high=1,
    )
    start_from_colors: bool = setting(
        False,
        "Start from the colours",
        "Build the init latent from the blurred colours of the canvas instead of pure noise "
        "(txt2img).",
    )
    color_denoising: float = setting(
        0.95,
        "Colour denoising",
        "Denoising strength when sampling starts from the colours. At 1 almost nothing of the "
        "colours remains.",
        low=0.05,
        high=1,
    )
    region_denoising: float = setting(
        0.75,
        "Region denoising",
        "How much Regenerate region changes the region. At 1 nothing of the former picture remains "
        "in it; at 0.3 only details change.",
        low=0.05,
        high=1,
    )
    ignore_unsupported: bool = setting(
        False,
        "Go on without Omost",
        "For models without usable cross-attention, such as Flux: generate the picture without "
        "regions instead of stopping with an error.",
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.start > self.end:
            raise SettingsError(f"start ({self.start:g}) must not be after end ({self.end:g})")

    @property
    def regional(self) -> RegionalOptions:
        """The settings that regional attention uses."""
        names = [field.name for field in dataclasses.fields(RegionalOptions)]
        return RegionalOptions(**{name: getattr(self, name) for name in names})

    def infotext(self) -> str | None:
        """Writes the settings that differ from their defaults as JSON; None for no difference.

        `enabled` and `canvas` are left out, because infotext stores the canvas separately.
        """
        values = {name: getattr(self, name) for name in FIELDS if name not in ("enabled", "canvas")}
        changed = {name: value for name, value in values.items() if value != FIELDS[name].default}
        return json.dumps(changed) if changed else None


FIELDS: dict[str, SettingField] = declared_fields(Settings)
"""Declarations of the settings by name, in the order of the page."""


def from_infotext(text: str) -> dict[str, Any]:
    """Reads the JSON of `Settings.infotext`: every setting except `enabled` and `canvas`.

    Unknown names are left out and unusable values become defaults. An infotext of another version
    can still be pasted.
    """
    try:
        written = {} if length_error(text) else load_json(text)
    except ValueError:
        written = {}
    if not isinstance(written, dict):
        written = {}
    return {
        name: _value_or_default(field, written.get(name, field.default))
        for name, field in FIELDS.items()
        if name not in ("enabled", "canvas")
    }


def _value_or_default(field: SettingField, value: Any) -> Any:
    try:
        return field.check(value)
    except SettingsError:
        return field.default
