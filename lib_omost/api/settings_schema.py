"""The settings' schema, derived from the one class of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import Field as SettingField
from typing import Any, Literal

from pydantic import BaseModel, Field, StrictBool, StrictStr, create_model

from lib_omost.api.schemas import RequestBody, number, whole
from lib_omost.canvas.limits import MAX_CHARACTERS
from lib_omost.presets.library import SETTINGS, Preset
from lib_omost.settings import FIELDS


def settings_schema(name: str, names: Iterable[str]) -> Any:
    """Make the model of an object that may set the settings of these names."""
    fields = {each: _field(field) for each, field in FIELDS.items() if each in names}
    return create_model(name, __base__=RequestBody, **fields)  # type: ignore[call-overload]


def _field(field: SettingField[Any]) -> tuple[Any, Any]:
    hints = field.metadata
    about = Field(None, title=hints["label"], description=hints["help"], examples=[field.default])
    return _type(field) | None, about


def _type(field: SettingField[Any]) -> Any:
    hints = field.metadata
    if isinstance(field.default, bool):
        return StrictBool
    if isinstance(field.default, int):
        return whole(hints["low"], hints["high"])
    if isinstance(field.default, float):
        return number(hints["low"], hints["high"])
    return Literal[hints["choices"]] if hints["choices"] else StrictStr


PresetSettings: Any = settings_schema("PresetSettings", SETTINGS)


class PresetBody(RequestBody):
    """A canvas that has a name, and the settings that it sets."""

    canvas: StrictStr = Field(
        "", max_length=MAX_CHARACTERS, title="The canvas as text, in any form"
    )
    settings: PresetSettings = Field(
        default_factory=PresetSettings,
        title="The settings",
        description="Those that the preset sets; null and what is absent stay as they are.",
    )

    def preset(self) -> Preset:
        """Return the preset."""
        settings: dict[str, Any] = dict(self.settings)
        given = {name: value for name, value in settings.items() if value is not None}
        return Preset(self.canvas, given)


class ExportedLibrary(BaseModel):
    """Presets by their names, which POST library and the page take."""

    omost_library: int = Field(title="The version of its form")
    presets: dict[str, PresetBody]
    left_out: list[str] = Field([], title="A sentence for each preset that cannot be read")
