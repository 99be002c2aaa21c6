"""Loads tokenizers and weights with transformers: folders, names of the hub, and GGUF files."""

from __future__ import annotations

import re
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal, Protocol

import torch

Device = Literal["auto", "cpu"]
""""auto" uses the CUDA devices and off-loads layers that do not fit, or the CPU without CUDA."""

Dtype = Literal["auto", "float32", "float16", "bfloat16"]
""""auto" is float32 on the CPU, bfloat16 or float16 on CUDA. Quantised weights stay quantised."""


class LoadingStep(Protocol):
    """Reports the next step of loading; raises CancelledError if loading has to stop."""

    def __call__(self, message: str, fraction: float | None = None) -> None:
        """Reports a step.

        Args:
            message: The step, for people.
            fraction: The completed part of the step, 0 to 1, None if unknown.
        """
        ...


def load_tokenizer(source: str, *, offline: bool = False) -> Any:
    """Loads a tokenizer.

    Args:
        source: A folder, a name of the hub, or a GGUF file.
        offline: Whether to use files of this machine only.
    """
    from transformers import AutoTokenizer

    name, arguments = _from_pretrained_arguments(source)
    tokenizer = AutoTokenizer.from_pretrained(name, local_files_only=offline, **arguments)
    if arguments:
        _restore_byte_decoder(tokenizer)
    return tokenizer


def load_network(source: str, device: Device, dtype: Dtype) -> Any:
    """Loads the weights of a causal language model for inference.

    Args:
        source: A folder, a name of the hub, or a GGUF file.
        device: The device of the weights.
        dtype: The data type of unquantised weights.
    """
    from transformers import AutoModelForCausalLM

    name, arguments = _from_pretrained_arguments(source)
    if arguments:
        arguments |= _gguf_arguments(source)
    cuda = device == "auto" and torch.cuda.is_available()
    dtype_name = "dtype" if transformers_version() >= (4, 56) else "torch_dtype"
    arguments[dtype_name] = _torch_dtype(dtype, cuda)
    if find_spec("accelerate") is not None:
        # Also on the CPU: it skips the initialisation of weights, which would double the memory.
        arguments["device_map"] = "auto" if cuda else {"": "cpu"}
        return AutoModelForCausalLM.from_pretrained(name, **arguments).eval()
    network = AutoModelForCausalLM.from_pretrained(name, **arguments).eval()
    return network.to("cuda") if cuda else network


def _from_pretrained_arguments(source: str) -> tuple[str, dict[str, Any]]:
    """Returns the name and the extra arguments for from_pretrained."""
    path = Path(source)
    if path.suffix.lower() != ".gguf":
        return source, {}
    return str(path.parent), {"gguf_file": path.name}


def _gguf_arguments(file: str) -> dict[str, Any]:
    """Returns the arguments of from_pretrained that a GGUF file needs besides its name."""
    import transformers

    if hasattr(transformers, "GgufConfig"):  # 5.x downloads code from the hub otherwise
        return {"quantization_config": transformers.GgufConfig(dequantize=True)}
    # 4.46 initialises a head that is missing in the file at random; tied weights replace it.
    reader = import_module("gguf").GGUFReader(file)
    has_head = any(tensor.name == "output.weight" for tensor in reader.tensors)
    return {"tie_word_embeddings": not has_head}


def _restore_byte_decoder(tokenizer: Any) -> None:
    """Adds the byte-level decoder that transformers 4 omits when it reads a tokenizer from GGUF."""
    from tokenizers import decoders

    backend = getattr(tokenizer, "backend_tokenizer", None)
    if backend is not None and "ByteLevel" in repr(backend.pre_tokenizer):
        backend.decoder = decoders.ByteLevel()


def _torch_dtype(dtype: Dtype, cuda: bool) -> torch.dtype:
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
