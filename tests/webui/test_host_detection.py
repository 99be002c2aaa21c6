"""Which host this is, what the page says where it is none, and when there is a model to judge."""

from __future__ import annotations

import sys
from types import SimpleNamespace

import pytest

from lib_omost.hosts.recognition import Feature, Recognition
from lib_omost.ui import texts
from lib_omost.webui import host_detection
from lib_omost.webui.host_detection import (
    UnknownHostError,
    find_host,
    find_memory,
    recognised,
    refusal,
    unsupported_model,
)

DIFFUSERS = Recognition(None, backend="diffusers")


@pytest.fixture
def program(monkeypatch):
    """Let the program around us be recognised as this."""

    def program(found):
        looks = []
        monkeypatch.setattr(host_detection, "recognise", lambda: looks.append(found) or found)
        recognised.cache_clear()
        return looks

    yield program
    recognised.cache_clear()


def test_a_host_is_not_refused(program):
    program(Recognition("a1111"))
    assert refusal() == ""


def test_the_program_is_looked_at_once(program):
    looks = program(DIFFUSERS)
    assert refusal() == refusal()
    assert len(looks) == 1


@pytest.mark.parametrize(
    ("found", "sentence"),
    [
        (
            DIFFUSERS,
            "Omost is off: this WebUI samples with the pipelines of diffusers (as SD.Next does) "
            "and calls no extension at the start of a sampling pass, where Omost installs the "
            "regions. Use Omost in Automatic1111 1.10, Forge, Forge Neo, Forge Classic or reForge, "
            "or on its own page: python -m lib_omost serve",
        ),
        (
            Recognition(None, backend="new_backend"),
            "Omost is off: this WebUI samples with new_backend, where Omost cannot steer regions. "
            "Use Omost in Automatic1111 1.10, Forge, Forge Neo, Forge Classic or reForge.",
        ),
        (
            Recognition(None, missing=(Feature("modules.sd_unet", "get_unet_option", "see"),)),
            "Omost is off: this WebUI has no modules.sd_unet.get_unet_option, so Omost could not "
            "see. Update the WebUI, or use Omost in Automatic1111 1.10, Forge, Forge Neo, Forge "
            "Classic or reForge.",
        ),
    ],
    ids=["a backend that we know", "another one", "a missing feature"],
)
def test_a_refusal_names_what_is_wrong_and_what_to_do(program, found, sentence):
    program(found)
    assert refusal() == sentence
    for find in (find_host, find_memory):
        with pytest.raises(UnknownHostError) as refused:
            find()
        assert str(refused.value) == sentence


def test_a_refusal_is_translated_before_its_values_are_filled_in(program):
    program(Recognition(None, backend="new"))
    language = {texts.OTHER_BACKEND: "Aus wegen {backend}."}
    assert refusal(lambda text, **values: language[text].format(**values)) == "Aus wegen new."


@pytest.fixture
def model_reason(monkeypatch):
    """What is said of a program's model; of any that is loaded, "A Flux model."."""

    def model_reason(model):
        sd_models = SimpleNamespace(model_data=SimpleNamespace(sd_model=model))
        monkeypatch.setitem(sys.modules, "modules", SimpleNamespace(sd_models=sd_models))
        return unsupported_model(
            lambda: SimpleNamespace(unsupported_reason=lambda: "A Flux model.")
        )

    return model_reason


@pytest.mark.parametrize(
    "model",
    [None, SimpleNamespace(cond_stage_model=None, chunk_length=75)],
    ids=["A1111's None", "the stand-in of Forge and Forge Neo"],
)
def test_nothing_is_said_before_a_model_is_loaded(model_reason, model):
    assert model_reason(model) == ""


@pytest.mark.parametrize("parts", [{"cond_stage_model": "clip"}, {"forge_objects": "unet"}])
def test_a_model_that_is_loaded_is_judged(model_reason, parts):
    model = SimpleNamespace(sd_checkpoint_info="flux.safetensors", **parts)
    assert model_reason(model) == "A Flux model."
