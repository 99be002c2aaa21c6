"""Returns a value that changes when a model's name refers to other files; needs no network."""

from __future__ import annotations

import re
from collections.abc import Hashable
from importlib.util import find_spec
from pathlib import Path

from lib_omost.llm.failures import UnusableError
from lib_omost.llm.model_catalog import HUB_NAME, find_model
from lib_omost.llm.model_files import files_identity

_COMMIT = re.compile(r"[0-9a-f]{40}")


def revision_of(name: str) -> Hashable:
    """Returns a value that changes when a name refers to another model.

    Args:
        name: A listed name, a folder, a GGUF file or a name of the hub.

    Returns:
        The revision of a listed model, the identity of a local model's files, or the downloaded
        commit of a model of the hub. None if unknown, for example before the first download and
        for the address of a server.
    """
    try:
        model = find_model(name)
    except UnusableError:
        return None  # loading the model reports the reason
    if model.download is not None:
        return model.download.revision
    return files_identity(model.source) or _commit(model.source)


def _commit(source: str) -> str | None:
    """Returns the commit that the hub's client uses while it is offline."""
    if not HUB_NAME.fullmatch(source) or find_spec("huggingface_hub") is None:
        return None
    from huggingface_hub import constants

    cache = getattr(constants, "HF_HUB_CACHE", None) or constants.HUGGINGFACE_HUB_CACHE
    reference = Path(cache) / f"models--{source.replace('/', '--')}" / "refs" / "main"
    try:
        commit = reference.read_text("ascii").strip()
    except (OSError, ValueError):
        return None
    return commit if _COMMIT.fullmatch(commit) else None
