"""Language models as the page's list shows them, and the names that they have everywhere else.

The list of gradio 3 knows no labels beside its values, so a page hands over what it shows.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from lib_omost.llm.model_catalog import LISTED_MODELS, CatalogEntry
from lib_omost.llm.server.discovery import LocalServer
from lib_omost.ui.texts import CHOOSE_MODEL

_SERVER = re.compile(r"[^()]+ \((127\.0\.0\.1:\d+)\)")


def shown_name(name: str) -> str:
    """Return how the list shows the model of a name."""
    if not name.strip():
        return CHOOSE_MODEL
    return _shown().get(name.strip(), name)


def real_name(shown: str) -> str:
    """Return the name of what is chosen in the list or typed into it, "" for no choice."""
    shown = shown.strip()
    if shown == CHOOSE_MODEL:
        return ""
    server = _SERVER.fullmatch(shown)
    if server is not None:
        return server[1]
    names = {label: name for name, label in _shown().items()}
    titles = {model.title: model.name for model in LISTED_MODELS if model.title}
    return names.get(shown) or titles.get(shown, shown)


def choices(servers: Iterable[LocalServer] = ()) -> list[str]:
    """Return the list, the servers that run on this machine first."""
    running = [f"{server.name} ({server.address})" for server in servers]
    return [CHOOSE_MODEL, *running, *_shown().values()]


def _shown() -> dict[str, str]:
    return {model.name: _label(model) for model in LISTED_MODELS}


def _label(model: CatalogEntry) -> str:
    return f"{model.title or model.name} ({model.requirements})"
