"""Loads tokenizers and weights with transformers, from a folder or the Hugging Face hub."""

from __future__ import annotations

import re
from importlib.util import find_spec
from typing import Any, Literal

import torch

Device = Literal["auto", "cpu"]
""""auto" uses the CUDA devices and off-loads layers that do not fit, or the CPU without CUDA."""

Dtype = Literal["auto", "float32", "float16", "bfloat16"]
""""auto" is float32 on the CPU, bfloat16 or float16 on CUDA. Quantised weights stay quantised."""


def load_tokenizer(source: str, *, offline: bool = False) -> Any:
    """Loads a tokenizer.

    Args:
        source: A folder or a name of the hub.
        offline: Whether to use files of this machine only.
    """
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(source, local_files_only=offline)


def load_network(source: str, device: Device, dtype: Dtype) -> Any:
    """Loads the weights of a causal language model for inference.

    Args:
        source: A folder or a name of the hub.
        device: The device of the weights.
        dtype: The data type of unquantised weights.
    """
    from transformers import AutoModelForCausalLM

    cuda = device == "auto" and torch.cuda.is_available()
    dtype_name = "dtype" if transformers_version() >= (4, 56) else "torch_dtype"
    arguments: dict[str, Any] = {dtype_name: _torch_dtype(dtype, cuda)}
    if find_spec("accelerate") is not None:
        # Also on the CPU: it skips the initialisation of weights, which would double the memory.
        arguments["device_map"] = "auto" if cuda else {"": "cpu"}
        return AutoModelForCausalLM.from_pretrained(source, **arguments).eval()
    network = AutoModelForCausalLM.from_pretrained(source, **arguments).eval()
    return network.to("cuda") if cuda else network


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
