"""A tiny GGUF file, and an engine that runs it with the real llama.cpp."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from lib_omost.llm.llama_cpp.engine import LlamaCppEngine
from model_tools.tiny_gguf import write_tiny_gguf


@pytest.fixture(scope="session")
def gguf(tmp_path_factory):
    return write_tiny_gguf(tmp_path_factory.mktemp("gguf") / "tiny.gguf")


@pytest.fixture(scope="module")
def engine(gguf):
    engine = new_engine(gguf)
    yield engine
    engine.unload()


def new_engine(path, **options):
    return LlamaCppEngine(Path(sys.executable), path, **options)
