"""Loads tokenizers and weights with transformers: folders, names of the hub, and GGUF files."""

from __future__ import annotations

import re
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal, Protocol

import torch

Device = Literal["auto", "cpu"]
"""auto: the CUDA cards, with what does not fit them off-loaded; the CPU where there is none."""

Dtype = Literal["auto", "float32", "float16", "bfloat16"]
"""auto: 32 bits on the CPU, 16 bits on a card. Quantised weights stay; this is what they meet."""


class LoadingStep(Protocol):
    """Reports the next step of loading; raises CancelledError if loading has to stop."""

    def __call__(self, message: str, fraction: float | None = None) -> None:
        """Reports a step; fraction: the part of loading that is done, 0 to 1, None if unknown."""
        ...


def load_tokenizer(source: str, *, offline: bool = False) -> Any:
    """Load the tokenizer of a folder, hub name or GGUF file; offline: from this machine alone."""
    from transformers import AutoTokenizer

    name, arguments = _source(source)
    tokenizer = AutoTokenizer.from_pretrained(name, local_files_only=offline, **arguments)
    if arguments:
        _read_bytes(tokenizer)
    return tokenizer


def load_network(source: str, device: Device, dtype: Dtype) -> Any:
    """Load the weights of a folder, hub name or GGUF file, ready to write."""
    from transformers import AutoModelForCausalLM

    name, arguments = _source(source)
    if arguments:
        arguments |= _unpacking(source)
    cuda = device == "auto" and torch.cuda.is_available()
    dtype_name = "dtype" if transformers_version() >= (4, 56) else "torch_dtype"
    arguments[dtype_name] = _number_type(dtype, cuda)
    if find_spec("accelerate") is not None:
        # On the CPU too: weights are then not initialised first, which would take twice the memory.
        arguments["device_map"] = "auto" if cuda else {"": "cpu"}
        return AutoModelForCausalLM.from_pretrained(name, **arguments).eval()
    network = AutoModelForCausalLM.from_pretrained(name, **arguments).eval()
    return network.to("cuda") if cuda else network


def _source(source: str) -> tuple[str, dict[str, Any]]:
    """What from_pretrained takes: a GGUF file is named beside its folder."""
    path = Path(source)
    if path.suffix.lower() != ".gguf":
        return source, {}
    return str(path.parent), {"gguf_file": path.name}


def _unpacking(file: str) -> dict[str, Any]:
    """What from_pretrained must be told beside the name of a GGUF file."""
    import transformers

    if hasattr(transformers, "GgufConfig"):  # 5.x, which else fetches programs from the hub
        return {"quantization_config": transformers.GgufConfig(dequantize=True)}
    # 4.46 leaves a head that is not in the file at random (facts/llm.md).
    reader = import_module("gguf").GGUFReader(file)
    has_head = any(tensor.name == "output.weight" for tensor in reader.tensors)
    return {"tie_word_embeddings": not has_head}


def _read_bytes(tokenizer: Any) -> None:
    """Give a byte-level tokenizer from GGUF the decoder that 4.x forgets (facts/llm.md)."""
    from tokenizers import decoders

    backend = getattr(tokenizer, "backend_tokenizer", None)
    if backend is not None and "ByteLevel" in repr(backend.pre_tokenizer):
        backend.decoder = decoders.ByteLevel()


def _number_type(dtype: Dtype, cuda: bool) -> torch.dtype:
    if dtype != "auto":
        number_type: torch.dtype = getattr(torch, dtype)
        return number_type
    if not cuda:
        return torch.float32
    return torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float16


def transformers_version() -> tuple[int, ...]:
    """Returns the major and minor version of the installed transformers."""
    import transformers

    return tuple(int(number) for number in re.findall(r"\d+", transformers.__version__)[:2])
