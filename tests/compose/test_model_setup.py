"""The set-up of a model from nothing: what it states, its order, its failures and its limits."""

from __future__ import annotations

import threading

import pytest

from lib_omost.compose.access_restriction import RESTRICTED
from lib_omost.compose.conversation import Conversation
from lib_omost.compose.request import ComposeRequest
from lib_omost.compose.service import ComposeService
from lib_omost.compose.settings import ComposeSettings
from lib_omost.llm import model_catalog
from lib_omost.llm.engine import Done, Failed, Progress
from lib_omost.llm.model_catalog import CatalogEntry
from lib_omost.llm.model_environment import ModelEnvironment
from lib_omost.program.standalone import StandaloneProgram
from tests.llm.model_downloads.local_hub import CONTENT, REPOSITORY, serving, source

TINY = CatalogEntry("tiny", REPOSITORY, license="MIT", memory=1, download=source())


@pytest.fixture
def hub(monkeypatch, tmp_path):
    """A hub that has the model "tiny"; no host needs an environment for it but for llama.cpp."""
    monkeypatch.setattr(model_catalog, "LISTED_MODELS", (*model_catalog.LISTED_MODELS, TINY))
    monkeypatch.setattr("lib_omost.compose.engine_selection.is_needed", lambda: False)
    monkeypatch.setattr("lib_omost.compose.engine_selection.find_spec", lambda name: None)
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub-cache"))
    with serving() as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.address)
        yield hub


@pytest.fixture
def environment(monkeypatch):
    """An environment that is ready once it was built; returns the names of the steps."""
    steps = []

    def build(self, cancel):
        steps.append("environment")
        yield Progress("Installing its packages")
        if cancel.is_set():
            yield Done("cancelled", 0)
            return
        self.folder.mkdir(parents=True)
        yield Done("finished", 0)

    monkeypatch.setattr(ModelEnvironment, "build", build)
    monkeypatch.setattr(ModelEnvironment, "ready", property(lambda self: self.folder.exists()))
    monkeypatch.setattr(ModelEnvironment, "megabytes", lambda self: (60, 300))
    return steps


@pytest.fixture
def service(hub, environment, tmp_path):
    return ComposeService(StandaloneProgram(tmp_path / "data"))


def request(model="tiny", **settings):
    return ComposeRequest(Conversation(), ComposeSettings(model, **settings))


def run(service, cancel=None, model="tiny"):
    return list(service.setup().run(request(model), cancel or threading.Event()))


def test_a_gguf_model_needs_an_environment_and_its_file(service, tmp_path):
    missing = service.setup().missing(request())
    assert (missing.model, missing.license) == ("tiny", "MIT")
    assert (missing.environment, missing.files, missing.disk) == (60, 1, 301)
    assert missing.folder == tmp_path / "data"
    assert "has not been downloaded yet" in service.note(request())


def test_one_run_builds_the_environment_and_downloads_the_model(service, environment, hub):
    *events, end = run(service)
    assert end == Done("finished", 0)
    assert not any(isinstance(event, Done) for event in events)
    assert environment == ["environment"]
    assert service.setup().missing(request()) is None
    assert run(service) == [Done("finished", 0)]
    assert len(hub.ranges) == 1


def test_what_is_here_is_not_downloaded_again(service, environment, tmp_path):
    (tmp_path / "data" / "llama-cpp").mkdir(parents=True)
    assert service.setup().missing(request()).environment == 0
    assert run(service)[-1] == Done("finished", 0)
    assert environment == []


def test_stop_ends_the_set_up_and_the_next_one_continues(service, environment, hub):
    cancel = threading.Event()
    cancel.set()
    assert run(service, cancel)[-1] == Done("cancelled", 0)
    assert hub.ranges == []
    assert run(service)[-1] == Done("finished", 0)


def test_a_failed_environment_ends_the_set_up(service, hub, monkeypatch):
    failed = Failed("The disk is full.")
    monkeypatch.setattr(ModelEnvironment, "build", lambda self, cancel: iter([failed]))
    assert run(service) == [failed]
    assert hub.ranges == []


def test_a_failed_download_is_told(service, hub):
    hub.files.clear()
    assert "status 404" in run(service)[-1].message
    assert service.setup().missing(request()) is not None


def test_a_full_disk_is_told_before_anything_is_downloaded(service, environment, monkeypatch):
    monkeypatch.setattr(
        "lib_omost.llm.model_downloads.store.ModelStore.free_bytes", lambda self: 200_000_000
    )
    (end,) = run(service)
    assert "needs 301 MB of disk, and 200 MB are free" in end.message
    assert environment == []


def test_visitors_of_an_open_webui_cannot_set_up_a_model(hub, environment, tmp_path):
    service = ComposeService(StandaloneProgram(tmp_path / "data", open_to_network=True))
    assert service.setup().missing(request()) is None
    assert run(service) == [Failed(RESTRICTED)]
    assert (environment, hub.ranges) == ([], [])
    note = service.note(request("qwen2.5-coder-1.5b"))
    assert "open to the network downloads no models" in note


@pytest.mark.parametrize("model", ["localhost:11434", "", "/no/such/folder", "composer"])
def test_other_models_need_no_set_up(service, model):
    assert service.setup().missing(request(model)) is None


def test_a_gguf_file_given_by_path_needs_llama_cpp_alone(service, tmp_path, hub):
    file = tmp_path / "model.gguf"
    file.write_bytes(CONTENT)
    missing = service.setup().missing(request(str(file)))
    assert (missing.environment, missing.files) == (60, 0)
    assert run(service, model=str(file))[-1] == Done("finished", 0)
    assert hub.ranges == []


def test_each_kind_of_model_has_its_environment(service, tmp_path, monkeypatch):
    monkeypatch.setattr("lib_omost.compose.engine_selection.is_needed", lambda: True)
    folders = [service.environment(name).folder.name for name in ("tiny", "someone/model")]
    assert folders == ["llama-cpp", "environment"]
    (tmp_path / "data" / "llama-cpp").mkdir(parents=True)
    run(service)
    assert service.setup().missing(request()) is None
    assert service.setup().missing(request("someone/model")).environment == 60
