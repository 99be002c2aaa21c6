"""Loading a language model by transformers: checkpoints, quantised ones, and GGUF files."""

from __future__ import annotations

import gc
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import torch

from lib_omost.llm import smollm2
from lib_omost.llm.chat_template import closing_token
from lib_omost.llm.failures import OLDEST_TRANSFORMERS, UnusableError
from lib_omost.llm.model_catalog import OMOST_CONTEXT, CatalogEntry
from lib_omost.llm.pretrained import (
    Device,
    Dtype,
    LoadingStep,
    load_network,
    load_tokenizer,
    transformers_version,
)


@dataclass(frozen=True)
class LoadedModel:
    """A model in memory, with the tokens that end an answer and those that a conversation has."""

    tokenizer: Any
    network: Any
    ends: frozenset[int]
    context: int


def load(model: CatalogEntry, device: Device, dtype: Dtype, step: LoadingStep) -> LoadedModel:
    """Load a model; downloads it at first use.

    Raises UnusableError, CancelledError, and what transformers raises (failures.explain).
    """
    step("Loading the libraries for language models")
    check_transformers()
    source = locate(model, step)
    step(f"Loading the tokenizer of {model.name}")
    tokenizer = load_tokenizer(source)
    step(f"Loading {model.name}{_what_it_takes(model, source)}")
    network = load_network(source, "cpu" if model.on_cpu else device, dtype)
    step("Preparing to write")
    ends = _end_tokens(tokenizer, network)
    _forget_habits(network, ends)
    known = model.context or getattr(network.config, "max_position_embeddings", None)
    return LoadedModel(tokenizer, network, ends, known or OMOST_CONTEXT)


def check_transformers() -> None:
    """Raise UnusableError where transformers is missing or too old for the models."""
    if find_spec("transformers") is None:
        raise UnusableError(
            "The Python package transformers is not installed here: `pip install -U transformers`, "
            "or choose an own process or a server."
        )
    version = transformers_version()
    if version < OLDEST_TRANSFORMERS:
        raise UnusableError(
            f"transformers {'.'.join(map(str, version))} of this program is too old for "
            f"language models, which need {'.'.join(map(str, OLDEST_TRANSFORMERS))}: leave it as "
            f"it is, and choose an own process or a server."
        )


def locate(model: CatalogEntry, step: LoadingStep) -> str:
    """Return the folder, file or hub name to load a model from; fetches "smollm2" if need be.

    Raises UnusableError for a folder without a model, and what the hub's client raises
    (failures.explain) where a model is neither on this machine nor to be had.
    """
    if model.source == "smollm2":
        return str(smollm2.fetch(step))
    if model.name == "composer" and not (Path(model.source) / "config.json").exists():
        raise UnusableError(
            f"No composer is in {model.source}: `python -m training composer` trains one, or "
            f"choose another model."
        )
    path = Path(model.source)
    if path.is_dir() and not (path / "config.json").exists():
        raise UnusableError(
            f"The folder {model.name} holds no language model, as no config.json is in it: give "
            f"the folder that has one, or the path of a GGUF file."
        )
    if not path.exists():
        step(f"Looking for {model.name}")
        _look_for(model.source)
    return model.source


def _look_for(name: str) -> None:
    """Raise at once where a model of the hub is out of reach; loading would try for a minute."""
    from huggingface_hub import get_hf_file_metadata, hf_hub_url, try_to_load_from_cache

    if not isinstance(try_to_load_from_cache(name, "config.json"), str):
        get_hf_file_metadata(hf_hub_url(name, "config.json"))


def locate_here(model: CatalogEntry) -> str:
    """The same as locate, for what needs no download; "smollm2" where it was not fetched yet."""
    fetched = smollm2.folder()
    return str(fetched) if model.source == "smollm2" and fetched.exists() else model.source


def free_memory() -> None:
    """Give what nobody refers to any more back to the system and the graphics card."""
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()


def _what_it_takes(model: CatalogEntry, source: str) -> str:
    if model.gguf:
        return "; a GGUF file is unpacked, to several times its size"
    if Path(source).exists():
        return ""
    return f"; at first use it is downloaded ({model.note or 'several GB'})"


def _end_tokens(tokenizer: Any, network: Any) -> frozenset[int]:
    configured = network.generation_config.eos_token_id
    several = configured if isinstance(configured, list) else [configured]
    ends = {tokenizer.eos_token_id, closing_token(tokenizer), *several} - {None}
    return frozenset(int(end) for end in ends)


def _forget_habits(network: Any, ends: frozenset[int]) -> None:
    """Replace the checkpoint's own sampling settings, which tasks would be mixed with."""
    from transformers import GenerationConfig

    end = sorted(ends)
    network.generation_config = GenerationConfig(
        do_sample=False, eos_token_id=end or None, pad_token_id=end[0] if end else 0
    )
