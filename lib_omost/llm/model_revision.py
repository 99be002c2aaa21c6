"""Tell without a network whether another model answers to a name than before."""

from __future__ import annotations

import re
from collections.abc import Hashable
from importlib.util import find_spec
from pathlib import Path

from lib_omost.llm.failures import UnusableError
from lib_omost.llm.model_files import files_identity
from lib_omost.llm.models import HUB_NAME, find
from lib_omost.llm.smollm2 import WHEEL

_COMMIT = re.compile(r"[0-9a-f]{40}")


def revision_of(name: str) -> Hashable:
    """Return what changes when another model answers to a name.

    Args:
        name: As users write it: a listed name, a folder, a GGUF file or a name of the hub.

    Returns:
        The files of a folder or a GGUF file, the commit of a model of the hub that is on this
        machine, or the pinned package of SmolLM2. None where nothing is known, as before the first
        download and for the address of a server.
    """
    try:
        source = find(name).source
    except UnusableError:
        return None  # whoever loads the model says why it cannot be used
    return WHEEL if source == "smollm2" else files_identity(source) or _commit(source)


def _commit(source: str) -> str | None:
    """Return the commit that the hub's client uses of a model while it is offline."""
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
