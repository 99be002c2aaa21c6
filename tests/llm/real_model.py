"""A real language model for slow tests, downloaded once into build/."""

from __future__ import annotations

import threading
from pathlib import Path

from lib_omost.llm.engine import Done
from lib_omost.llm.model_catalog import DEFAULT_MODEL, find_model
from lib_omost.llm.model_downloads.store import ModelStore

STORE = ModelStore(Path(__file__).parents[2] / "build" / "models")


def real_model() -> Path:
    """The GGUF file of Qwen2.5-Coder-1.5B-Instruct, 1.1 GB."""
    model = find_model(DEFAULT_MODEL)
    path = STORE.find(model)
    if path is None:
        *_, end = STORE.download(model, threading.Event())
        assert end == Done("finished", 0), end
        path = STORE.find(model)
    assert path is not None
    return path
