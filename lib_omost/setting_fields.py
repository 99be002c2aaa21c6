"""Declares settings as fields of a dataclass and checks their values."""

from __future__ import annotations

import dataclasses
import difflib
import math
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from lib_omost.canvas.fields import describe_value

S = TypeVar("S", bound="DeclaredSettings")


class SettingsError(ValueError):
    """Reports a setting that cannot be used; the message names it and the accepted values."""


@dataclass(frozen=True)
class SettingField:
    """Declaration of one setting: its type, default, texts for users and accepted values.

    Attributes:
        name: Name of the dataclass field, and of the setting in the API and in files.
        default: Value of a setting that nobody sets.
        kind: Type of the value: bool, int, float or str.
        label: Label of the component on the page.
        help: Tooltip on the page, description in the API and help on the command line.
        choices: Accepted texts. Empty accepts any text.
        low: Smallest accepted number.
        high: Largest accepted number.
        slider: Lowest value, highest value and step of the numbers that the page offers.
        optional: Accepts None, which stands for a value chosen automatically.
        many: Accepts a list of texts besides a text.
        group: Name of a group of settings that belong together.
    """

    name: str
    default: Any
    kind: type
    label: str
    help: str
    choices: tuple[str, ...]
    low: float
    high: float
    slider: tuple[float, float, float] | None
    optional: bool
    many: bool
    group: str

    def check(self, value: Any) -> Any:
        """Returns the value as the setting's type.

        Raises:
            SettingsError: The value has another type or is outside the bounds.
        """
        if value is None and self.optional:
            return None
        if self.kind is bool:
            return self._check_flag(value)
        if self.kind is int:
            return self._check_whole_number(value)
        if self.kind is float:
            return self._check_number(value)
        return self._check_choice(value) if self.choices else self._check_text(value)

    def _check_flag(self, value: Any) -> bool:
        if not isinstance(value, bool):
            raise SettingsError(f"{self.name} must be true or false, not {describe_value(value)}")
        return value

    def _check_whole_number(self, value: Any) -> int:
        number = self._check_number(value)
        if not number.is_integer():
            raise SettingsError(f"{self.name} must be a whole number, not {describe_value(value)}")
        return int(number)

    def _check_number(self, value: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise SettingsError(f"{self.name} must be a number, not {describe_value(value)}")
        if not self.low <= value <= self.high:
            bounds = f"between {self.low} and {self.high}"
            raise SettingsError(f"{self.name} must be {bounds}, not {describe_value(value)}")
        return float(value)

    def _check_choice(self, value: Any) -> str:
        if not isinstance(value, str) or value not in self.choices:
            choices = ", ".join(self.choices)
            raise SettingsError(
                f"{self.name} must be one of {choices}, not {describe_value(value)}"
            )
        return value

    def _check_text(self, value: Any) -> str | tuple[str, ...]:
        if isinstance(value, str):
            return value
        if not self.many:
            raise SettingsError(f"{self.name} must be text, not {describe_value(value)}")
        is_list = isinstance(value, (list, tuple)) and all(isinstance(text, str) for text in value)
        if not is_list:
            raise SettingsError(
                f"{self.name} must be text or a list of texts, not {describe_value(value)}"
            )
        if not value:
            raise SettingsError(f"{self.name} is an empty list; give one text or more")
        return tuple(value)


def setting(
    default: Any,
    label: str,
    help: str,
    *,
    kind: type | None = None,
    choices: tuple[str, ...] = (),
    low: float = -math.inf,
    high: float = math.inf,
    slider: tuple[float, float, float] | None = None,
    optional: bool = False,
    many: bool = False,
    group: str = "",
) -> Any:
    """Declares a setting as a dataclass field.

    Args:
        default: Value of a setting that nobody sets.
        label: Label of the component on the page.
        help: Text for users; see SettingField, as for all other arguments.
        kind: Type of the value. None stands for the type of the default.
    """
    declaration = {
        "kind": kind or type(default),
        "label": label,
        "help": help,
        "choices": choices,
        "low": low,
        "high": high,
        "slider": slider,
        "optional": optional,
        "many": many,
        "group": group,
    }
    return dataclasses.field(default=default, metadata=declaration)


class DeclaredSettings:
    """Base of frozen dataclasses whose fields are all declared with `setting`.

    Raises:
        SettingsError: A value has the wrong type or is outside its bounds.
    """

    def __post_init__(self) -> None:
        for name, field in declared_fields(type(self)).items():
            object.__setattr__(self, name, field.check(getattr(self, name)))

    @classmethod
    def from_mapping(cls: type[S], values: Mapping[str, Any]) -> S:
        """Builds settings from values by name.

        Raises:
            SettingsError: A name is unknown, or a value cannot be used.
        """
        check_names(values, declared_fields(cls))
        return cls(**values)


SIMILARITY = 0.75
"""Similarity, up to 1, of an unknown name and a known one that is proposed."""


def check_names(values: Mapping[str, Any], known: Collection[str]) -> None:
    """Checks the names of settings.

    Args:
        values: The values by name.
        known: The names of all settings.

    Raises:
        SettingsError: A name is unknown; the message has the nearest known name.
    """
    for name in values:
        if name not in known:
            raise SettingsError(describe_unknown("setting", name, known))


def describe_unknown(kind: str, name: str, known: Collection[str]) -> str:
    """Describes an unknown name: with the nearest known name, or with all if none is similar.

    Args:
        kind: A word for the named object, such as "setting".
        name: The unknown name; a label of the page, such as "Region strength", also has a nearest
            name.
        known: The known names.
    """
    words = re.sub(r"[\s-]+", "_", name.lower())
    similar = difflib.get_close_matches(words, known, n=1, cutoff=SIMILARITY)
    hint = f"did you mean {similar[0]!r}?" if similar else f"known: {', '.join(known)}"
    return f"unknown {kind} {name!r:.80}; {hint}"


def declared_fields(settings: type[Any]) -> dict[str, SettingField]:
    """Returns the declarations of a settings class by name, in the order of their declaration."""
    fields = dataclasses.fields(settings)
    return {
        field.name: SettingField(field.name, field.default, **field.metadata) for field in fields
    }
