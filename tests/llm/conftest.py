"""A tiny model on disk, and an engine that runs it."""

from __future__ import annotations

import pytest

from lib_omost.llm.transformers_engine import TransformersEngine
from tests.llm import tiny


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(tiny.save(tmp_path_factory.mktemp("tiny"), tie_word_embeddings=False))


@pytest.fixture
def engine(folder: str) -> TransformersEngine:
    return TransformersEngine(folder, device="cpu")
