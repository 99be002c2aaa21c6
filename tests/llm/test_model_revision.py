"""Another model under the same name is detected without network access."""

from __future__ import annotations

import pytest

from lib_omost.llm.model_catalog import COMPOSER_FOLDER, find_model
from lib_omost.llm.model_revision import revision_of

ONE, TWO = "1" * 40, "2" * 40
FOLDER = "models--someone--a-model"


@pytest.fixture
def reference(tmp_path, monkeypatch):
    """The file in which the hub's client stores the commit of a model's main branch."""
    pytest.importorskip("huggingface_hub")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    file = tmp_path / FOLDER / "refs" / "main"
    file.parent.mkdir(parents=True)
    return file


def test_any_other_model_of_the_hub_has_the_commit_that_is_on_this_machine(reference):
    assert revision_of("someone/a-model") is None
    reference.write_text(ONE)
    assert revision_of("someone/a-model") == ONE
    reference.write_text(TWO)
    assert revision_of("someone/a-model") == TWO


@pytest.mark.parametrize("spoilt", [b"", b"../../etc", b"\xff", ONE.encode() + b"0"])
def test_what_is_no_commit_is_none(reference, spoilt):
    reference.write_bytes(spoilt)
    assert revision_of("someone/a-model") is None


def test_a_listed_model_has_its_pinned_revision():
    source = find_model("qwen2.5-coder-1.5b").download
    assert revision_of("qwen2.5-coder-1.5b") == source.revision
    assert (
        revision_of("omost-phi-3-mini-128k")
        == find_model("omost-phi-3-mini-128k").download.revision
    )


def test_files_tell_it_too(tmp_path):
    file = tmp_path / "model.gguf"
    file.write_bytes(b"one")
    first = revision_of(str(file))
    file.write_bytes(b"another")
    assert revision_of(str(file)) != first is not None
    assert revision_of("composer") == revision_of(str(COMPOSER_FOLDER)) is not None


@pytest.mark.parametrize("name", ["", "~nobody-of-this-name/x", "localhost:11434", "a\0b"])
def test_where_nothing_is_known_it_is_none(name):
    assert revision_of(name) is None
