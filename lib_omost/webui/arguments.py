"""What the WebUI hands to the script's hooks, read as settings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lib_omost.settings import FIELDS, Settings


def switched_on(args: Sequence[Any]) -> bool:
    """Whether these arguments ask for Omost; anything but a plain no is a yes, to be checked."""
    first = args[0] if args else None
    if isinstance(first, Mapping):
        return first.get("enabled", True) is not False
    return first is not None and first is not False


def read_arguments(args: Sequence[Any]) -> Settings:
    """Read the values of the accordion's components, or one dict of named settings.

    The page hands over one value for each setting, in the order of FIELDS. Over the API the first
    is a dict: it stands for `enabled` (true unless it says otherwise), and what it names replaces
    what the host put in the other places, which are defaults or came from an infotext.
    Raises SettingsError.
    """
    values = dict(zip(FIELDS, args, strict=False))
    named = values.get("enabled")
    if isinstance(named, Mapping):
        values |= {"enabled": True, **named}
    return Settings.from_mapping(values)
