"""What the WebUI hands to the script's hooks, read as settings and as an order to compose."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, get_args

from lib_omost import options
from lib_omost.compose.conversation import Conversation
from lib_omost.compose.request import ComposeRequest
from lib_omost.llm.server.request import Dialect
from lib_omost.settings import FIELDS, Settings, SettingsError
from lib_omost.ui.chat_view import AUTOMATIC, CANVAS_ONLY, ChatInputs
from lib_omost.ui.model_names import real_name


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _is_temperature(value: Any) -> bool:
    """The page has numbers as texts."""
    try:
        return value == AUTOMATIC or (not isinstance(value, bool) and float(value) >= 0)
    except (TypeError, ValueError):
        return False


_TEXT = (lambda value: isinstance(value, str)), "text"
_FLAG = (lambda value: isinstance(value, bool)), "true or false"
_NUMBER = _is_number, "a number"

COMPOSER: dict[str, tuple[Callable[[Any], bool], str]] = {
    "model": _TEXT,
    "server_model": _TEXT,
    "dialect": (lambda value: value in get_args(Dialect), ", ".join(get_args(Dialect))),
    "own_process": _FLAG,
    "temperature": (_is_temperature, f'a number or "{AUTOMATIC}"'),
    "top_p": _NUMBER,
    "max_new_tokens": _NUMBER,
    "canvas_only": (lambda value: value in tuple(CANVAS_ONLY), ", ".join(CANVAS_ONLY)),
    "keep_loaded": _FLAG,
}
"""How canvases are composed at Generate: what the panel "Compose" is set to, by the names that
Entered has, whether a value will do, and in words which ones do."""

NAMES = (*FIELDS, *COMPOSER)
"""The places of the script's arguments."""


def read_values(args: Sequence[Any], replaced: Mapping[str, Any]) -> dict[str, Any]:
    """Give the accordion's values their names.

    The page hands over one for each of NAMES. Over the API the first is a dict: it stands for
    `enabled` (true unless it says otherwise), and what it names replaces what the host put in the
    other places, which are defaults or came from an infotext. replaced: what goes before all that.
    """
    values = dict(zip(NAMES, args, strict=False))
    named = values.get("enabled")
    if isinstance(named, Mapping):
        values |= {"enabled": True, **named}
    return {**values, **replaced}


def switched_on(values: Mapping[str, Any]) -> bool:
    """Whether these values ask for Omost; anything but a plain no is a yes, to be checked."""
    enabled = values.get("enabled")
    return enabled is not None and enabled is not False


def read_settings(values: Mapping[str, Any]) -> Settings:
    """Read the settings among the values. Raises SettingsError, also for an unknown name."""
    return Settings.from_mapping(
        {name: value for name, value in values.items() if name not in COMPOSER}
    )


def read_order(values: Mapping[str, Any]) -> ComposeRequest:
    """Read how canvases are to be composed; nothing is asked for yet. Raises SettingsError.

    Where no model is named it is that of the host's Settings.
    """
    given = {name: values[name] for name in COMPOSER if values.get(name) is not None}
    for name, value in given.items():
        fits, meant = COMPOSER[name]
        if not fits(value):
            raise SettingsError(f"{name} must be {meant}, not {value!r:.80}")
    given["model"] = real_name(given.get("model", "")) or options.value("omost_model")
    return ChatInputs(**given).order(Conversation())
