"""What the running WebUI says about itself, from the attributes that each host has."""

from __future__ import annotations

import sys
from argparse import Namespace
from types import ModuleType, SimpleNamespace

import pytest

from lib_omost.hosts import description


@pytest.fixture
def webui(monkeypatch):
    """Returns a function that adds modules with their contents to a program without any."""
    for name in [n for n in sys.modules if n.split(".")[0] in ("modules", "backend")]:
        monkeypatch.delitem(sys.modules, name)

    def webui(name, **contents):
        module = ModuleType(name)
        vars(module).update(contents)
        monkeypatch.setitem(sys.modules, name, module)

    return webui


def attention_xformers(): ...


def test_the_attention_of_forge_and_neo(webui):
    webui("backend.attention", attention_function=attention_xformers)
    assert description.attention() == "attention_xformers"


def test_the_attention_of_reforge_and_classic(webui):
    """Both also have A1111's module, which they do not use."""
    webui("ldm_patched.ldm.modules.attention", optimized_attention=attention_xformers)
    webui("modules.sd_hijack", current_optimizer=None)
    assert description.attention() == "attention_xformers"


def test_the_attention_of_a1111(webui):
    webui("modules.sd_hijack", current_optimizer=SimpleNamespace(name="sdp-no-mem"))
    assert description.attention() == "sdp-no-mem"
    webui("modules.sd_hijack", current_optimizer=None)
    assert description.attention() == "none chosen"


def test_the_device(webui):
    webui("modules.devices", device="cpu")
    assert description.device() == "cpu"


def test_the_kind_of_the_checkpoint(webui):
    class Flux(SimpleNamespace):
        pass

    for model, kind in (
        (None, "none loaded"),
        (SimpleNamespace(is_sdxl=True), "none loaded"),  # a model that stands in
        (SimpleNamespace(is_sd1=False, is_sdxl=True, sd_checkpoint_info="a.ckpt"), "SDXL"),
        (SimpleNamespace(is_sd1=True, sd_checkpoint_info="ada's.ckpt"), "SD1"),
        (Flux(is_sd1=False, sd_checkpoint_info="a.ckpt"), "Flux"),
    ):
        webui("modules.sd_models", model_data=SimpleNamespace(sd_model=model))
        assert description.checkpoint() == kind


def test_flags_have_no_values(webui):
    options = Namespace(xformers=True, medvram=True, no_half=False, port=7860)
    options.gradio_auth, options.ckpt_dir = "ada:secret", "/home/ada/models"
    webui("modules.shared", cmd_opts=options)
    assert description.flags() == "medvram, xformers"


def test_other_extensions_without_those_of_the_host(webui):
    extensions = [
        SimpleNamespace(name="sd-dynamic-prompts", is_builtin=False),
        SimpleNamespace(name="Lora", is_builtin=True),
        SimpleNamespace(name="adetailer", is_builtin=False),
    ]
    webui("modules.extensions", active=lambda: extensions)
    assert description.other_extensions() == "adetailer, sd-dynamic-prompts"


def test_the_folder(webui, tmp_path):
    webui("modules.scripts", __file__=str(tmp_path / "modules" / "scripts.py"))
    assert description.folder() == tmp_path
