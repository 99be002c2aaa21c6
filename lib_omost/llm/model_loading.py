"""Loads a language model by its catalog entry, with its end tokens and context window."""

from __future__ import annotations

import gc
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import torch

from lib_omost.llm.chat_template import end_of_turn_token
from lib_omost.llm.failures import MIN_TRANSFORMERS_VERSION, UnusableError
from lib_omost.llm.model_catalog import OMOST_CONTEXT, CatalogEntry
from lib_omost.llm.pretrained import (
    Device,
    Dtype,
    load_network,
    load_tokenizer,
    transformers_version,
)
from lib_omost.llm.progress_step import ProgressStep


@dataclass(frozen=True)
class LoadedModel:
    """A language model in memory.

    Attributes:
        tokenizer: The tokenizer of transformers.
        network: The causal language model of transformers.
        end_tokens: The tokens that end an answer.
        context: The context window in tokens.
    """

    tokenizer: Any
    network: Any
    end_tokens: frozenset[int]
    context: int


def load_model(
    model: CatalogEntry, device: Device, dtype: Dtype, step: ProgressStep
) -> LoadedModel:
    """Loads a model; downloads it at the first use.

    Args:
        model: The catalog entry.
        device: The device of the weights.
        dtype: The data type of unquantised weights.
        step: Receives the progress, and may raise CancelledError.

    Raises:
        UnusableError: The model cannot be used here.
        CancelledError: `step` stopped the loading.
        Exception: Any error of transformers (see failures.explain_failure).
    """
    step("Loading the libraries for language models")
    check_transformers()
    source = locate_model(model, step)
    step(f"Loading the tokenizer of {model.name}")
    tokenizer = load_tokenizer(source)
    step(f"Loading {model.name}{_loading_hint(model, source)}")
    network = load_network(source, "cpu" if model.cpu_only else device, dtype)
    step("Preparing to write")
    end_tokens = _end_tokens(tokenizer, network)
    _reset_generation_config(network, end_tokens)
    context = model.context or getattr(network.config, "max_position_embeddings", None)
    return LoadedModel(tokenizer, network, end_tokens, context or OMOST_CONTEXT)


def check_transformers() -> None:
    """Checks that transformers is installed and new enough.

    Raises:
        UnusableError: transformers is missing or too old.
    """
    if find_spec("transformers") is None:
        raise UnusableError(
            "The Python package transformers is not installed here: `pip install -U transformers`, "
            "or run the model in its own process or on a server."
        )
    version = transformers_version()
    if version < MIN_TRANSFORMERS_VERSION:
        raise UnusableError(
            f"transformers {'.'.join(map(str, version))} of this program is too old for "
            f"language models, which need {'.'.join(map(str, MIN_TRANSFORMERS_VERSION))}: keep "
            f"it, and run the model in its own process or on a server."
        )


def locate_model(model: CatalogEntry, step: ProgressStep) -> str:
    """Returns the folder, file or hub name to load a model from.

    Args:
        model: The catalog entry.
        step: Receives the progress, and may raise CancelledError.

    Raises:
        UnusableError: The folder contains no model.
        Exception: The model is neither on this machine nor reachable (see
            failures.explain_failure).
    """
    if model.name == "composer" and not (Path(model.source) / "config.json").exists():
        raise UnusableError(
            f"There is no composer in {model.source}: `python -m training composer` trains one, or "
            f"choose another model."
        )
    path = Path(model.source)
    if path.is_dir() and not (path / "config.json").exists():
        raise UnusableError(
            f"The folder {model.name} contains no language model, because it has no config.json: "
            f"give the folder that has one, or the path of a GGUF file."
        )
    if not path.exists():
        step(f"Looking for {model.name}")
        _check_hub(model.source)
    return model.source


def _check_hub(name: str) -> None:
    """Raises at once if a model of the hub is unreachable; loading would retry for a minute."""
    from huggingface_hub import get_hf_file_metadata, hf_hub_url, try_to_load_from_cache

    if not isinstance(try_to_load_from_cache(name, "config.json"), str):
        get_hf_file_metadata(hf_hub_url(name, "config.json"))


def free_memory() -> None:
    """Returns unused memory to the system and to the CUDA devices."""
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()


def _loading_hint(model: CatalogEntry, source: str) -> str:
    if Path(source).exists():
        return ""
    return f"; the first use downloads it ({model.note or 'several GB'})"


def _end_tokens(tokenizer: Any, network: Any) -> frozenset[int]:
    configured = network.generation_config.eos_token_id
    ids = configured if isinstance(configured, list) else [configured]
    end_tokens = {tokenizer.eos_token_id, end_of_turn_token(tokenizer), *ids} - {None}
    return frozenset(int(end) for end in end_tokens)


def _reset_generation_config(network: Any, end_tokens: frozenset[int]) -> None:
    """Replaces the checkpoint's sampling defaults, which would mix with the settings of a task."""
    from transformers import GenerationConfig

    end = sorted(end_tokens)
    network.generation_config = GenerationConfig(
        do_sample=False, eos_token_id=end or None, pad_token_id=end[0] if end else 0
    )
