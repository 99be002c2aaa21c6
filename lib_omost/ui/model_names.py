"""Converts between the names of language models and their labels in the page's list.

A list of gradio 3 has no labels besides its values. The page therefore sends a label instead of a
name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from lib_omost.llm.model_catalog import LISTED_MODELS, CatalogEntry
from lib_omost.llm.server.discovery import LocalServer
from lib_omost.ui.texts import CHOOSE_MODEL

_REQUIREMENTS = re.compile(r" \([\d.]+ GB of memory, [^()]+ download\)$")

_SERVER = re.compile(r"[^()]+ \((127\.0\.0\.1:\d+)\)")


def model_label(name: str) -> str:
    """Returns a model's label in the list, or the name itself for an unlisted model."""
    if not name.strip():
        return CHOOSE_MODEL
    return _labels().get(name.strip(), name)


def model_name(label: str) -> str:
    """Returns the model's name for a label or a typed text, "" for no choice."""
    label = label.strip()
    if label == CHOOSE_MODEL:
        return ""
    server = _SERVER.fullmatch(label)
    if server is not None:
        return server[1]
    label = _REQUIREMENTS.sub("", label)
    titles = {model.title: model.name for model in LISTED_MODELS if model.title}
    return titles.get(label, label)


def model_choices(servers: Iterable[LocalServer] = ()) -> list[str]:
    """Returns the labels of the list, running servers first.

    Args:
        servers: The servers that run on this machine.
    """
    running = [f"{server.name} ({server.address})" for server in servers]
    return [CHOOSE_MODEL, *running, *_labels().values()]


def _labels() -> dict[str, str]:
    return {model.name: _label(model) for model in LISTED_MODELS}


def _label(model: CatalogEntry) -> str:
    return f"{model.title or model.name} ({model.requirements})"
