"""Derives the API schemas of all settings from their declarations."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal

from pydantic import BaseModel, Field, StrictBool, StrictStr, create_model

from lib_omost.api.schemas import MAX_NAME, ConversationBody, RequestBody, number, whole
from lib_omost.canvas.limits import MAX_CHARACTERS
from lib_omost.compose.settings import COMPOSE_FIELDS
from lib_omost.presets.preset import PRESET_SETTINGS, Preset
from lib_omost.setting_fields import SettingField
from lib_omost.settings import FIELDS


def partial_settings_schema(name: str, names: Iterable[str]) -> Any:
    """Builds the schema of an object that may set the settings of these names."""
    fields = {
        each: (_type(field) | None, Field(None, examples=[field.default], **_texts(field)))
        for each, field in FIELDS.items()
        if each in names
    }
    return create_model(name, __base__=RequestBody, **fields)  # type: ignore[call-overload]


def _texts(field: SettingField) -> dict[str, Any]:
    return {"title": field.label, "description": field.help}


def _type(field: SettingField) -> Any:
    if field.kind is bool:
        return StrictBool
    if field.kind is str:
        return Literal[field.choices] if field.choices else StrictStr
    if field.kind is int:
        return whole(int(field.low), int(field.high))
    return number(field.low, field.high)


def _compose_field(field: SettingField) -> tuple[Any, Any]:
    texts = _texts(field)
    if field.optional:
        return _type(field) | None, Field(
            field.default, title=field.label, description=f"{field.help} null: automatic."
        )
    if field.kind is str and not field.choices:
        texts["max_length"] = MAX_NAME
    return _type(field), Field(field.default, **texts)


_model = COMPOSE_FIELDS["model"]
_COMPOSE_FIELDS: dict[str, Any] = {
    **{name: _compose_field(field) for name, field in COMPOSE_FIELDS.items()},
    "model": (
        StrictStr,
        Field(
            "",
            max_length=MAX_NAME,
            title=_model.label,
            description=f"{_model.help} Empty: the model chosen under Settings > Omost, in `serve` "
            "the demonstration model.",
        ),
    ),
}

ComposeBody: Any = create_model("ComposeBody", __base__=ConversationBody, **_COMPOSE_FIELDS)

PresetSettings: Any = partial_settings_schema("PresetSettings", PRESET_SETTINGS)


class PresetBody(RequestBody):
    """A canvas with a name, and the settings that the preset sets."""

    canvas: StrictStr = Field(
        "", max_length=MAX_CHARACTERS, title="The canvas as text, in any form"
    )
    settings: PresetSettings = Field(
        default_factory=PresetSettings,
        title="The settings",
        description="Settings that the preset sets. Absent ones and null stay as they are.",
    )

    def preset(self) -> Preset:
        """Returns the preset."""
        settings: dict[str, Any] = dict(self.settings)
        values = {name: value for name, value in settings.items() if value is not None}
        return Preset(self.canvas, values)


class ExportedLibrary(BaseModel):
    """Presets by name, in the form that the page exports and POST library imports."""

    omost_library: int = Field(title="Version of the form")
    presets: dict[str, PresetBody]
    left_out: list[str] = Field([], title="A sentence for each preset that cannot be read")
