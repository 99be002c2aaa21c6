"""Recognises the program around us by what we need of it, once, when it starts."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal


@dataclass(frozen=True)
class Feature:
    """A name in one of the host's modules, and what Omost cannot do without it.

    name: may have dots. takes: parameters of the function that it names.
    """

    module: str
    name: str
    purpose: str
    takes: tuple[str, ...] = ()

    def __str__(self) -> str:
        parameters = f"({', '.join(self.takes)})" if self.takes else ""
        return f"{self.module}.{self.name}{parameters}"

    def is_there(self) -> bool:
        """Whether the host has it; its module is imported, as every host does at its start."""
        found = _module(self.module)
        for part in self.name.split("."):
            found = getattr(found, part, None)
        return found is not None and _takes(found, self.takes)


@dataclass(frozen=True)
class Recognition:
    """The result of a look at the program.

    host: which of our hosts it is, None where Omost cannot work. Then either `backend` names what
    samples there, or `missing` is the first feature that the program lacks.
    """

    host: Literal["a1111", "forge"] | None
    backend: str = ""
    missing: Feature | None = None


PAGE = "show its panel"
TURNS = "wait for the picture that is being made"
JOBS = "take part in a job"
TEXTS = "encode the texts of regions"
ATTENTION = "steer cross-attention"
ROWS = "tell the rows of the prompt from those of the negative prompt"
MEMORY = "share the memory with a language model"

WEBUI = (
    Feature("modules.scripts", "Script.process_before_every_sampling", JOBS),
    Feature("modules.scripts", "Script.before_process", JOBS),
    Feature("modules.script_callbacks", "callback_map", JOBS),
    Feature("modules.script_callbacks", "add_callback", JOBS, takes=("category", "filename")),
    Feature("modules.script_callbacks", "remove_callbacks_for_function", JOBS),
    Feature("modules.call_queue", "queue_lock", TURNS),
    Feature("modules.ui_components", "InputAccordion", PAGE),
    Feature("modules.infotext_utils", "parse_generation_parameters", PAGE),
    Feature("modules.sd_models", "model_data", ATTENTION),
)
"""What the page and the life of a job need."""

FORGE = (
    Feature("backend.nn.unet", "IntegratedUNet2DConditionModel", ATTENTION),
    Feature("backend.nn.unet", "SpatialTransformer", ATTENTION),
    Feature("backend.attention", "attention_function", ATTENTION),
    Feature("backend.sampling.condition", "Condition", ROWS),
    Feature("backend.text_processing.parsing", "parse_prompt_attention", TEXTS),
    Feature("backend.memory_management", "load_model_gpu", TEXTS),
    Feature("backend.memory_management", "unload_all_models", MEMORY),
    Feature("backend.memory_management", "soft_empty_cache", MEMORY),
    Feature("backend.memory_management", "get_torch_device", MEMORY),
)
"""What lib_omost.hosts.forge needs."""

A1111 = (
    Feature("modules.sd_samplers_cfg_denoiser", "CFGDenoiser", ROWS),
    Feature("modules.sd_hijack", "model_hijack", TEXTS),
    Feature("modules.sd_hijack_clip", "TextConditionalModel", TEXTS),
    Feature("modules.prompt_parser", "parse_prompt_attention", TEXTS),
    Feature("modules.devices", "autocast", TEXTS),
    Feature("modules.devices", "without_autocast", ATTENTION),
    Feature("modules.hypernetworks.hypernetwork", "apply_hypernetworks", ATTENTION),
    Feature("modules.sd_unet", "get_unet_option", ATTENTION),
    Feature("modules.sd_models", "send_model_to_cpu", MEMORY),
    Feature("modules.sd_models", "send_model_to_device", MEMORY),
)
"""What lib_omost.hosts.a1111 needs, if no other backend samples in place of A1111's own."""


def recognise() -> Recognition:
    """Look at the program around us; nothing in it is changed."""
    missing_in_forge = _first_missing((*WEBUI, *FORGE))
    if missing_in_forge is None:
        return Recognition("forge")
    backend = _sampling_backend()
    if backend == "backend":
        return Recognition(None, missing=missing_in_forge)
    if backend:
        return Recognition(None, backend=backend)
    missing = _first_missing((*WEBUI, *A1111))
    return Recognition("a1111") if missing is None else Recognition(None, missing=missing)


def _sampling_backend() -> str:
    """Name the package that samples in place of A1111's sampler, "" where none does.

    A1111 calls the UNet itself, with the rows of the prompt first. Programs that hand the sampling
    to a backend leave the order to that, although all else may look like A1111.
    """
    if _exists("modules.processing_diffusers"):
        return "diffusers"
    sampler = _module("modules.sd_samplers_cfg_denoiser")
    for place in (sampler, getattr(sampler, "forge_sampler", None)):
        sampling = getattr(place, "sampling_function", None)
        if sampling is not None:
            return str(sampling.__module__).partition(".")[0]
    return ""


def _first_missing(features: Iterable[Feature]) -> Feature | None:
    return next((feature for feature in features if not feature.is_there()), None)


def _module(name: str) -> Any:
    """Import a module of the host; None where it has none that works."""
    try:
        return importlib.import_module(name)
    except Exception:  # a program that we do not know may fail in any way
        return None


def _exists(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except (ModuleNotFoundError, ValueError):  # its package is not there, or was made by hand
        return False


def _takes(function: Any, parameters: Iterable[str]) -> bool:
    """Whether a function has these parameters, or takes any."""
    if not parameters:
        return True
    known = inspect.signature(function).parameters
    takes_any = any(parameter.kind is parameter.VAR_KEYWORD for parameter in known.values())
    return takes_any or all(name in known for name in parameters)
