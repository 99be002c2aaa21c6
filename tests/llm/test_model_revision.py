"""Another model under the same name is noticed without a network."""

from __future__ import annotations

import pytest

from lib_omost.llm.model_revision import revision_of
from lib_omost.llm.models import COMPOSER
from lib_omost.llm.smollm2 import WHEEL

ONE, TWO = "1" * 40, "2" * 40
FOLDER = "models--lllyasviel--omost-phi-3-mini-128k"


@pytest.fixture
def reference(tmp_path, monkeypatch):
    """The file in which the hub's client keeps the commit of a model's main branch."""
    pytest.importorskip("huggingface_hub")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    file = tmp_path / FOLDER / "refs" / "main"
    file.parent.mkdir(parents=True)
    return file


@pytest.mark.parametrize("name", ["omost-phi-3-mini-128k", "lllyasviel/omost-phi-3-mini-128k"])
def test_a_model_of_the_hub_has_the_commit_that_is_on_this_machine(reference, name):
    assert revision_of(name) is None
    reference.write_text(ONE)
    assert revision_of(name) == ONE
    reference.write_text(TWO)
    assert revision_of(name) == TWO


@pytest.mark.parametrize("spoilt", [b"", b"../../etc", b"\xff", ONE.encode() + b"0"])
def test_what_is_no_commit_is_none(reference, spoilt):
    reference.write_bytes(spoilt)
    assert revision_of("omost-phi-3-mini-128k") is None


def test_files_and_the_pinned_package_tell_it_too(tmp_path):
    assert revision_of("smollm2") == WHEEL
    file = tmp_path / "model.gguf"
    file.write_bytes(b"one")
    first = revision_of(str(file))
    file.write_bytes(b"another")
    assert revision_of(str(file)) != first is not None
    assert revision_of("composer") == revision_of(str(COMPOSER)) is not None


@pytest.mark.parametrize("name", ["", "~nobody-of-this-name/x", "localhost:11434", "a\0b"])
def test_where_nothing_is_known_it_is_none(name):
    assert revision_of(name) is None
