"""Which host this is, told by the modules it brings."""

from __future__ import annotations

import sys
from types import SimpleNamespace

import pytest

from lib_omost.webui.host import (
    UnknownHostError,
    find_host,
    find_memory,
    host_name,
    unsupported_model,
)


@pytest.fixture
def bring(tmp_path, monkeypatch):
    """Make a program that brings these modules."""

    def bring(*files):
        for file in files:
            path = tmp_path / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("raise AssertionError('must not be imported')")
        monkeypatch.syspath_prepend(tmp_path)
        for name in ("modules", "backend"):
            monkeypatch.delitem(sys.modules, name, raising=False)

    yield bring
    for name in ("modules", "backend"):
        sys.modules.pop(name, None)


def test_a1111(bring):
    bring("modules/sd_hijack.py", "modules/processing.py")
    assert host_name() == "a1111"


def test_forge(bring):
    bring("modules/processing.py", "backend/memory_management.py", "modules_forge/shared.py")
    assert host_name() == "forge"


def test_neither(bring):
    bring("modules/devices.py")
    assert host_name() is None
    for find in (find_host, find_memory):
        with pytest.raises(UnknownHostError, match=r"neither Automatic1111's .* nor Forge"):
            find()


@pytest.mark.parametrize(
    ("model", "reason"),
    [
        (None, ""),
        (SimpleNamespace(), ""),
        (SimpleNamespace(cond_stage_model="clip"), "A Flux model."),
        (SimpleNamespace(forge_objects="unet"), "A Flux model."),
    ],
    ids=["none", "Forge's stand-in", "A1111's", "Forge's"],
)
def test_only_a_model_that_is_loaded_is_looked_at(monkeypatch, model, reason):
    sd_models = SimpleNamespace(model_data=SimpleNamespace(sd_model=model))
    monkeypatch.setitem(sys.modules, "modules", SimpleNamespace(sd_models=sd_models))
    host = SimpleNamespace(unsupported=lambda: "A Flux model.")
    assert unsupported_model(lambda: host) == reason
