"""Recognition of the hosts and refusal of other programs by their features."""

from __future__ import annotations

import sys
from types import ModuleType

import pytest

from lib_omost.hosts.recognition import (
    A1111,
    FORGE,
    LDM_PATCHED,
    WEBUI,
    Feature,
    Recognition,
    recognise,
)


class Script:
    def before_process(self): ...

    def process_before_every_sampling(self): ...


def of_package(package):
    """Returns a sampling function that seems to come from a package."""

    def sampling_function(): ...

    sampling_function.__module__ = f"{package}.sampling"
    return sampling_function


A_WEBUI = {
    "modules.scripts": {"Script": Script},
    "modules.script_callbacks": {
        "callback_map": {},
        "add_callback": print,
        "remove_callbacks_for_function": print,
    },
    "modules.call_queue": {"queue_lock": object()},
    "modules.ui_components": {"InputAccordion": object},
    "modules.infotext_utils": {"parse_generation_parameters": print},
    "modules.sd_models": {
        "model_data": object(),
        "send_model_to_cpu": print,
        "send_model_to_device": print,
    },
    "modules.sd_samplers_cfg_denoiser": {"CFGDenoiser": object},
    "modules.devices": {"autocast": print, "without_autocast": print},
    "modules.prompt_parser": {"parse_prompt_attention": print},
    "modules.sd_unet": {"get_unet_option": print},
}
"""Modules that all programs have."""

AUTOMATIC = {
    **A_WEBUI,
    "modules.sd_hijack": {"model_hijack": object()},
    "modules.hypernetworks.hypernetwork": {"apply_hypernetworks": print},
}

FORGE_BACKEND = {
    "backend.attention": {"attention_function": print},
    "backend.sampling.condition": {"Condition": object},
    "backend.text_processing.parsing": {"parse_prompt_attention": print},
    "backend.memory_management": {
        "load_model_gpu": print,
        "unload_all_models": print,
        "soft_empty_cache": print,
        "get_torch_device": print,
    },
    "modules.sd_samplers_cfg_denoiser": {
        "CFGDenoiser": object,
        "sampling_function": of_package("backend"),
    },
}

FORGE_1 = {**AUTOMATIC, **FORGE_BACKEND}
"""Forge contains most of A1111's modules with their contents commented out."""

NEO = {**A_WEBUI, **FORGE_BACKEND}

FIRST_BACKEND = {
    "ldm_patched.ldm.modules.attention": {"optimized_attention": print},
    "ldm_patched.modules.conds": {"CONDRegular": object},
    "ldm_patched.modules.model_management": FORGE_BACKEND["backend.memory_management"],
    "modules_forge.forge_sampler": {"sampling_cleanup": print, "sampling_prepare": print},
}

REFORGE = {
    **AUTOMATIC,
    **FIRST_BACKEND,
    "modules.sd_samplers_cfg_denoiser": {
        "CFGDenoiser": object,
        "sampling_function": of_package("ldm_patched"),
    },
}

FORGE_SAMPLER = ModuleType("modules_forge.forge_sampler")
FORGE_SAMPLER.sampling_function = of_package("ldm_patched")

CLASSIC = {
    **A_WEBUI,
    **FIRST_BACKEND,
    "modules.sd_hijack": {"model_hijack": object()},
    "modules.sd_samplers_cfg_denoiser": {
        "CFGDenoiser": object,
        "forge_sampler": FORGE_SAMPLER,
    },
}

REFORGE_OF_FORGE = {**FORGE_1, **FIRST_BACKEND}
"""reForge's branch newmain_newforge has Forge's backend."""

SD_NEXT = {
    "modules.scripts": {"Script": Script},
    "modules.processing_diffusers": {},
    "modules.sd_hijack": {},
}


@pytest.fixture
def program(monkeypatch):
    """Returns a function that replaces the program's modules by stand-ins."""

    def program(contents):
        hosts = ("modules", "backend", "ldm_patched", "modules_forge")
        for name in [name for name in sys.modules if name.split(".")[0] in hosts]:
            monkeypatch.delitem(sys.modules, name)
        for name in contents:
            parts = name.split(".")
            for length in range(1, len(parts) + 1):
                package = ".".join(parts[:length])
                if package not in sys.modules:
                    module = ModuleType(package)
                    module.__path__ = []
                    module.__spec__ = object()
                    monkeypatch.setitem(sys.modules, package, module)
            vars(sys.modules[name]).update(contents[name])

    return program


@pytest.mark.parametrize(
    ("contents", "host"),
    [
        (AUTOMATIC, "a1111"),
        (FORGE_1, "forge"),
        (NEO, "forge"),
        (CLASSIC, "ldm_patched"),
        (REFORGE, "ldm_patched"),
        (REFORGE_OF_FORGE, "forge"),
    ],
    ids=["A1111", "Forge", "Forge Neo", "Forge Classic", "reForge", "reForge's newmain_newforge"],
)
def test_a_host_is_recognised_by_its_features(program, contents, host):
    program(contents)
    assert recognise() == Recognition(host)


ANOTHER_BACKEND = {
    **AUTOMATIC,
    "modules.sd_samplers_cfg_denoiser": {"sampling_function": of_package("new_backend")},
}


@pytest.mark.parametrize(
    ("contents", "backend"),
    [(ANOTHER_BACKEND, "new_backend"), (SD_NEXT, "diffusers")],
    ids=["a fork of A1111", "SD.Next"],
)
def test_a_program_that_samples_with_another_backend_is_refused(program, contents, backend):
    """The backend orders the batch rows, even if all other modules are A1111's."""
    program(contents)
    assert recognise() == Recognition(None, backend=backend)


def without(contents, module, name):
    """Returns the program without one name, which may contain dots."""
    first, *rest = name.split(".")
    left = {other: value for other, value in contents[module].items() if other != first or rest}
    if rest:
        left[first] = type("Script", (), {})
    return {**contents, module: left}


@pytest.mark.parametrize("feature", [*WEBUI, *A1111], ids=str)
def test_every_feature_of_a1111_is_required(program, feature):
    program(without(AUTOMATIC, feature.module, feature.name))
    missing = recognise().missing[0]
    assert (missing.module, missing.name.split(".")[0]) == (
        feature.module,
        feature.name.split(".")[0],
    )


@pytest.mark.parametrize("feature", [*WEBUI, *FORGE], ids=str)
def test_every_feature_of_forge_is_required(program, feature):
    """A Forge without a feature is not mistaken for A1111, whose modules it contains."""
    program(without(FORGE_1, feature.module, feature.name))
    found = recognise()
    assert found.host is None
    assert found.missing[0].module == feature.module


@pytest.mark.parametrize("feature", [*WEBUI, *LDM_PATCHED], ids=str)
@pytest.mark.parametrize("contents", [CLASSIC, REFORGE], ids=["Forge Classic", "reForge"])
def test_every_feature_of_the_first_backend_is_required(program, contents, feature):
    """reForge without a feature is not mistaken for A1111, whose modules it contains."""
    program(without(contents, feature.module, feature.name))
    found = recognise()
    assert found.host is None
    assert found.missing[0].module == feature.module


def test_a_program_without_a_webui_is_refused(program):
    program({})
    assert recognise().missing[0] == Feature(
        "modules.scripts", "Script.process_before_every_sampling", "take part in a job"
    )


def test_all_missing_features_are_listed(program):
    program({**AUTOMATIC, "modules.sd_unet": {}, "modules.devices": {"autocast": print}})
    assert [str(feature) for feature in recognise().missing] == [
        "modules.devices.without_autocast",
        "modules.sd_unet.get_unet_option",
    ]


def test_a_module_that_fails_to_import_counts_as_missing(program, tmp_path, monkeypatch):
    contents = {name: part for name, part in AUTOMATIC.items() if name != "modules.sd_unet"}
    program(contents)
    (tmp_path / "sd_unet.py").write_text("raise AttributeError('made for another program')")
    sys.modules["modules"].__path__ = [str(tmp_path)]
    assert [missing.module for missing in recognise().missing] == ["modules.sd_unet"]
