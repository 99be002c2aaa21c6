"""`models list`, `get` and `remove`, with a hub on loopback."""

from __future__ import annotations

import pytest

from lib_omost.__main__ import main
from lib_omost.llm import model_catalog
from lib_omost.llm.failures import UnusableError
from lib_omost.llm.model_catalog import CatalogEntry
from lib_omost.llm.model_downloads.store import ModelStore
from tests.llm.model_downloads.local_hub import CONTENT, NAME, REPOSITORY, serving, source

TINY = CatalogEntry(
    "tiny", REPOSITORY, "writes nothing", memory=2, license="MIT", download=source()
)


@pytest.fixture
def hub(monkeypatch, tmp_path):
    listed = (model_catalog.LISTED_MODELS[0], TINY)
    for module in ("lib_omost.llm.model_catalog", "lib_omost.cli.models"):
        monkeypatch.setattr(f"{module}.LISTED_MODELS", listed)
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub-cache"))
    with serving() as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.address)
        yield hub


@pytest.fixture
def models(hub, tmp_path, capsys):
    """Runs the command with the data folder of the test; returns status, result and messages."""

    def run(*arguments):
        status = main(["models", *arguments, "--data", str(tmp_path)])
        return status, *capsys.readouterr()

    return run


def test_a_model_is_got_listed_and_removed(models, tmp_path):
    file = tmp_path / "models" / "tiny-model" / NAME
    _, listed, _ = models("list")
    assert "composer\n  0.3 GB of memory, nothing to download; Apache-2.0; part of" in listed
    assert "tiny\n  2 GB of memory, 0.0 GB to download; MIT; not here\n  writes" in listed

    status, _, messages = models("get", "tiny")
    assert status == 0
    assert "tiny: downloading 0.0 GB to" in messages
    assert "(licence: MIT)" in messages
    assert messages.endswith(f"tiny is in {file}\n")
    assert file.read_bytes() == CONTENT
    assert f"MIT; installed: {file}" in models("list")[1]

    assert models("get", "tiny") == (0, "", f"tiny is in {file}\n")
    assert models("remove", "tiny")[0] == 0
    assert "not here" in models("list")[1]
    status, _, messages = models("remove", "tiny")
    assert (status, "cannot be removed" in messages) == (1, True)


def test_an_unfinished_download_is_listed(models, tmp_path):
    folder = tmp_path / "models" / "tiny-model"
    folder.mkdir(parents=True)
    (folder / f"{NAME}.partial").write_bytes(CONTENT[:1000])
    assert "MIT; partly downloaded" in models("list")[1]


def test_a_failed_download_is_told(models, hub):
    hub.files.clear()
    status, _, messages = models("get", "tiny")
    assert status == 1
    assert "error: tiny could not be downloaded" in messages


def test_ctrl_c_stops_and_the_next_call_continues(models, hub, monkeypatch):
    def interrupt(store, model, cancel):
        raise KeyboardInterrupt
        yield

    with monkeypatch.context() as patched:
        patched.setattr(ModelStore, "download", interrupt)
        status, _, messages = models("get", "tiny")
    assert (status, "continues from here" in messages) == (130, True)
    assert models("get", "tiny")[0] == 0


@pytest.mark.parametrize("name", ["composer", "someone/else", "/no/such/file"])
def test_other_names_are_refused(models, name):
    for action in ("get", "remove"):
        status, _, messages = models(action, name)
        assert status == 2
        assert messages.startswith("error: ")


def test_compose_downloads_its_model_with_a_sentence(hub, monkeypatch, tmp_path, capsys):
    used = []

    def create_engine(name, **options):
        used.append(ModelStore(tmp_path / "models").installed_name(name))
        raise UnusableError("This test composes nothing.")

    monkeypatch.setattr("lib_omost.cli.models.DATA_FOLDER", tmp_path)
    monkeypatch.setattr("lib_omost.cli.compose.create_engine", create_engine)
    assert main(["compose", "a cat", "--llm", "tiny"]) == 2
    messages = capsys.readouterr().err
    assert "tiny: downloading 0.0 GB to" in messages
    assert messages.endswith("error: This test composes nothing.\n")
    assert used == [str(tmp_path / "models" / "tiny-model" / NAME)]


def test_compose_ends_if_its_model_cannot_be_downloaded(hub, monkeypatch, tmp_path, capsys):
    hub.files.clear()
    monkeypatch.setattr("lib_omost.cli.models.DATA_FOLDER", tmp_path)
    assert main(["compose", "a cat", "--llm", "tiny"]) == 1
    assert "could not be downloaded" in capsys.readouterr().err
