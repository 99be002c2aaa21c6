"""Detects at start-up whether the extension runs in A1111, in a Forge or in another program."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal


@dataclass(frozen=True)
class Feature:
    """A class, function or object of the host that the extension needs.

    Attributes:
        module: Name of the host's module.
        name: Name in the module; it may contain dots.
        purpose: Completes the sentence "Without the feature Omost could not ...".
    """

    module: str
    name: str
    purpose: str

    def __str__(self) -> str:
        return f"{self.module}.{self.name}"

    def exists(self) -> bool:
        """Returns True if the host has the feature; imports its module."""
        found = _import(self.module)
        for part in self.name.split("."):
            found = getattr(found, part, None)
        return found is not None


HostName = Literal["a1111", "forge", "ldm_patched"]
"""Names of the hosts; "ldm_patched" is a Forge with the first generation of its backend."""


@dataclass(frozen=True)
class Recognition:
    """The detected host, or the reason why Omost cannot work in this program.

    Attributes:
        host: The host, or None if Omost cannot work.
        backend: Name of the package that samples in place of a known host, or "".
        missing: The features that the program lacks, of the host that it resembles most.
    """

    host: HostName | None
    backend: str = ""
    missing: tuple[Feature, ...] = ()


PAGE = "show its panel"
QUEUE = "wait for running image generations"
JOBS = "take part in a job"
TEXTS = "encode the texts of regions"
ATTENTION = "steer cross-attention"
ROWS = "distinguish the batch rows of the prompt and of the negative prompt"
MEMORY = "share the GPU memory with a language model"

WEBUI = (
    Feature("modules.scripts", "Script.process_before_every_sampling", JOBS),
    Feature("modules.scripts", "Script.before_process", JOBS),
    Feature("modules.script_callbacks", "callback_map", JOBS),
    Feature("modules.script_callbacks", "add_callback", JOBS),
    Feature("modules.script_callbacks", "remove_callbacks_for_function", JOBS),
    Feature("modules.call_queue", "queue_lock", QUEUE),
    Feature("modules.ui_components", "InputAccordion", PAGE),
    Feature("modules.infotext_utils", "parse_generation_parameters", PAGE),
    Feature("modules.sd_models", "model_data", ATTENTION),
)
"""Features that the page and the job need in every host."""

FORGE = (
    Feature("backend.attention", "attention_function", ATTENTION),
    Feature("backend.sampling.condition", "Condition", ROWS),
    Feature("backend.text_processing.parsing", "parse_prompt_attention", TEXTS),
    Feature("backend.memory_management", "load_model_gpu", TEXTS),
    Feature("backend.memory_management", "unload_all_models", MEMORY),
    Feature("backend.memory_management", "soft_empty_cache", MEMORY),
    Feature("backend.memory_management", "get_torch_device", MEMORY),
)
"""Features that lib_omost.hosts.forge needs of the package backend."""

HIJACK = (
    Feature("modules.sd_hijack", "model_hijack", TEXTS),
    Feature("modules.prompt_parser", "parse_prompt_attention", TEXTS),
    Feature("modules.devices", "autocast", TEXTS),
)
"""Features that lib_omost.hosts.hijacked_text_encoding needs."""

LDM_PATCHED = (
    Feature("ldm_patched.ldm.modules.attention", "optimized_attention", ATTENTION),
    Feature("ldm_patched.modules.conds", "CONDRegular", ROWS),
    Feature("modules_forge.forge_sampler", "sampling_cleanup", ATTENTION),
    Feature("modules_forge.forge_sampler", "sampling_prepare", ATTENTION),
    *HIJACK,
    Feature("ldm_patched.modules.model_management", "load_model_gpu", TEXTS),
    Feature("ldm_patched.modules.model_management", "unload_all_models", MEMORY),
    Feature("ldm_patched.modules.model_management", "soft_empty_cache", MEMORY),
    Feature("ldm_patched.modules.model_management", "get_torch_device", MEMORY),
)
"""Features that lib_omost.hosts.forge needs of the package ldm_patched."""

A1111 = (
    Feature("modules.sd_samplers_cfg_denoiser", "CFGDenoiser", ROWS),
    *HIJACK,
    Feature("modules.devices", "without_autocast", ATTENTION),
    Feature("modules.hypernetworks.hypernetwork", "apply_hypernetworks", ATTENTION),
    Feature("modules.sd_unet", "get_unet_option", ATTENTION),
    Feature("modules.sd_models", "send_model_to_cpu", MEMORY),
    Feature("modules.sd_models", "send_model_to_device", MEMORY),
)
"""Features that lib_omost.hosts.a1111 needs; no other backend may sample in its place."""

HOSTS: dict[str, tuple[HostName, tuple[Feature, ...]]] = {
    "": ("a1111", A1111),
    "backend": ("forge", FORGE),
    "ldm_patched": ("ldm_patched", LDM_PATCHED),
}
"""The hosts and the features that they need, by the package that samples."""


def recognise() -> Recognition:
    """Detects the host by its features; changes nothing in the program.

    Returns:
        The host, or the reason why Omost cannot work.
    """
    if not _missing((*WEBUI, *FORGE)):
        return Recognition("forge")
    backend = sampling_backend()
    if backend not in HOSTS:
        return Recognition(None, backend=backend)
    host, features = HOSTS[backend]
    missing = _missing((*WEBUI, *features))
    return Recognition(None, missing=missing) if missing else Recognition(host)


def sampling_backend() -> str:
    """Returns the name of the package that samples in place of A1111's sampler, or "".

    A1111 calls the UNet itself and puts the batch rows of the prompt first. In a program that
    samples with another backend, the backend chooses the order, even if all other modules look
    like A1111's.
    """
    if _exists("modules.processing_diffusers"):
        return "diffusers"
    sampler = _import("modules.sd_samplers_cfg_denoiser")
    for module in (sampler, getattr(sampler, "forge_sampler", None)):
        sampling = getattr(module, "sampling_function", None)
        if sampling is not None:
            return str(sampling.__module__).partition(".")[0]
    return ""


def _missing(features: Iterable[Feature]) -> tuple[Feature, ...]:
    return tuple(feature for feature in features if not feature.exists())


def _import(name: str) -> Any:
    """Imports a module of the host; returns None if it is missing or fails."""
    try:
        return importlib.import_module(name)
    except Exception:  # an unknown program may fail in any way
        return None


def _exists(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except (ModuleNotFoundError, ValueError):  # its package is missing or was created at run time
        return False
