"""The report of the panel About in a host, in a refused one and in an unknown one."""

from __future__ import annotations

import sys
from types import ModuleType, SimpleNamespace

import pytest

from lib_omost.hosts.recognition import Feature, Recognition
from lib_omost.webui import about, host_detection
from lib_omost.webui.about import report

PERSONAL = "ada", "secret", "private"
"""Parts of paths, passwords and names that must not be in a report."""


@pytest.fixture
def lines(monkeypatch, tmp_path):
    """Returns a function that builds the report in a WebUI's folder, as lines by title."""
    folder = tmp_path / "ada" / "webui"
    for name in ("modules", "modules_forge"):
        (folder / name).mkdir(parents=True)
    (folder / "modules_forge" / "forge_version.py").write_text('version = "neo"\nrelease = "2.26"')

    def lines(found, **modules):
        contents = {
            "scripts": {"__file__": str(folder / "modules" / "scripts.py")},
            "paths_internal": {"data_path": str(folder)},
            **modules,
        }
        monkeypatch.setitem(sys.modules, "modules", ModuleType("modules"))
        for name, content in contents.items():
            module = ModuleType(f"modules.{name}")
            vars(module).update(content)
            monkeypatch.setitem(sys.modules, module.__name__, module)
            monkeypatch.setattr(sys.modules["modules"], name, module, raising=False)
        monkeypatch.setattr(host_detection, "recognise", lambda: found)
        host_detection.recognised.cache_clear()
        text = report()
        assert not [word for word in PERSONAL if word in text]
        return dict(line.removeprefix("- ").split(": ", 1) for line in text.splitlines())

    yield lines
    host_detection.recognised.cache_clear()


def test_a_host(lines):
    found = lines(
        Recognition("forge"),
        sd_models={"model_data": SimpleNamespace(sd_model=None)},
        devices={"device": "cpu"},
        shared={"cmd_opts": SimpleNamespace(medvram=True, gradio_auth="ada:secret")},
        extensions={"active": lambda: [SimpleNamespace(name="adetailer", is_builtin=False)]},
        sd_hijack={"current_optimizer": SimpleNamespace(name="Doggettx")},
    )
    assert found["Host"].startswith("Forge Neo 2.26, commit unknown")
    expected = {
        "Backend": "Forge's",
        "Works here": "yes",
        "Missing features": "none",
        "Checkpoint": "none loaded",
        "Attention": "Doggettx",
        "Device of the host": "cpu",
        "Flags": "medvram",
        "Other extensions": "adetailer",
        "Regions": "unknown before a checkpoint is loaded",
        "Environment for llama.cpp": "not set up",
    }
    assert found | expected == found


@pytest.mark.parametrize(
    ("reason", "line"), [("", "steer this checkpoint"), ("It is Flux.", "It is Flux.")]
)
def test_the_report_states_whether_regions_steer_the_checkpoint(lines, monkeypatch, reason, line):
    host = SimpleNamespace(unsupported_reason=lambda: reason)
    monkeypatch.setattr(about, "find_host", lambda: host)
    model = SimpleNamespace(is_sd1=True, sd_checkpoint_info="private.safetensors")
    found = lines(Recognition("a1111"), sd_models={"model_data": SimpleNamespace(sd_model=model)})
    assert found["Backend"] == "Automatic1111's"
    assert found["Checkpoint"] == "SD1"
    assert found["Regions"] == line


def test_a_refused_host_states_the_reason(lines):
    found = lines(Recognition(None, backend="diffusers"))
    assert found["Backend"] == "diffusers"
    assert found["Works here"] == host_detection.refusal()
    assert found["Works here"].startswith("Omost is off: this WebUI samples with the pipelines of")
    assert "Regions" not in found


def test_all_missing_features_are_listed(lines):
    missing = (
        Feature("modules.sd_unet", "get_unet_option", "see"),
        Feature("a", "f", "do"),
    )
    found = lines(Recognition(None, missing=missing))
    assert found["Missing features"] == "modules.sd_unet.get_unet_option, a.f"


def test_a_program_without_the_expected_modules_still_gets_a_report(lines):
    found = lines(Recognition(None, backend="new"), paths_internal={})
    assert found["Checkpoint"] == "cannot be read (KeyError)"
    assert found["Flags"] == "cannot be read (KeyError)"
    assert found["Environment for llama.cpp"] == "cannot be read (ImportError)"
    assert found["Python"] == sys.version.split()[0]
