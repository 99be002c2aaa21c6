"""Parses a server's list of models and chooses a model that can chat."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from lib_omost.canvas.fields import replace_surrogates

NAMELESS_MODEL = "default"
"""Name in the requests to a server that has no list of models."""

IDENTITY_FIELDS = (
    "id",
    "root",
    "owned_by",
    "meta",
    "digest",
    "fingerprint",
    "revision",
    "max_model_len",
)
"""Keys in a list of models whose values change only with the model."""

CLOCK_TOLERANCE = 3600.0
"""Tolerated difference between the clocks of the server and of this machine, in seconds."""

_OTHER_NAMES = re.compile(
    r"embed|(^|[/_.-])(bge|gte|e5|clip|siglip|bert)([/_.-]|$)|minilm|rerank|whisper|moderation"
    r"|(^|[/_.-])(tts|stt|asr|ocr)([/_.-]|$)|dall-e|gpt-image|stable-diffusion|kokoro|davinci-00"
    r"|babbage-00|transcribe|realtime|guard([/_.-]|$)",
    re.I,
)
"""Names of models that do not chat: embeddings, rerankers, speech, pictures, moderation."""

_OTHER_TYPES = re.compile(r"embed|rerank|audio|image|moderation|transcri|speech|video", re.I)


def parse_models(body: str) -> list[dict[str, Any]] | None:
    """Parses a list of models; each entry gets an "id".

    Args:
        body: OpenAI's list, a bare list, or the list "models" of Ollama and LM Studio.

    Returns:
        The entries, None if the body is no list of models.
    """
    try:
        data = json.loads(body, strict=False)
    except (ValueError, RecursionError):
        return None
    if isinstance(data, dict):
        if not {"data", "models"} & set(data):
            return None
        # Ollama without a model returns null instead of an empty list.
        data = data.get("data") or data.get("models") or []
    if not isinstance(data, list):
        return None
    entries = [{"id": entry} if isinstance(entry, str) else entry for entry in data]
    if not all(isinstance(entry, dict) for entry in entries):
        return None
    named = [
        {**entry, "id": replace_surrogates(name)}
        for entry in entries
        if isinstance(name := entry.get("id") or entry.get("name") or entry.get("model"), str)
    ]
    return named if len(named) == len(entries) else None


def can_chat(entry: Mapping[str, Any]) -> bool:
    """Returns whether a model of a list seems to write text, by its type and its name.

    Args:
        entry: The model's entry in the list.
    """
    kind = entry.get("type") or entry.get("task") or ""
    abilities = entry.get("capabilities")
    if isinstance(abilities, dict) and abilities.get("completion_chat") is False:
        return False
    if (
        isinstance(abilities, list)
        and abilities
        and not {"completion", "chat"} & set(map(str, abilities))
    ):
        return False
    return not (_OTHER_TYPES.search(str(kind)) or _OTHER_NAMES.search(entry["id"]))


def chat_models(entries: Sequence[Mapping[str, Any]]) -> list[str]:
    """Returns the names of a server's models: those that can chat, then all others.

    Args:
        entries: The result of `parse_models`.
    """
    return [entry["id"] for entry in sorted(entries, key=lambda entry: not can_chat(entry))]


def model_identity(entry: Mapping[str, Any], now: float) -> str:
    """Returns the values of a model in a server's list that change only with the model, as JSON.

    "created" is the time of the request in llama.cpp and vLLM, and the time of the model's
    creation in Ollama. A time close to `now` is therefore left out.

    Args:
        entry: The model's entry in the list.
        now: Time of the request, in seconds since 1970.
    """
    same = {name: entry[name] for name in IDENTITY_FIELDS if name in entry}
    created = entry.get("created")
    if isinstance(created, (int, float)) and now - created > CLOCK_TOLERANCE:
        same["created"] = created
    return json.dumps(same, sort_keys=True)
