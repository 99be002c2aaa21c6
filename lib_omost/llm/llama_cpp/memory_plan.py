"""Plans the memory of a GGUF model: its context window, and its layers on the graphics card."""

from __future__ import annotations

from dataclasses import dataclass

from lib_omost.llm.failures import UnusableError
from lib_omost.llm.llama_cpp.gguf_header import GgufHeader

MAX_CONTEXT = 16384
"""Maximum context window in tokens; a chat of 15 canvases fits, and the KV cache stays small."""

MIN_CONTEXT = 4096
"""Minimum context window in tokens; the system prompt and two canvases fit."""

GRAPH_BYTES = 512 << 20
"""Memory for the activations of a pass, and for the libraries of a graphics card."""


@dataclass(frozen=True)
class MemoryPlan:
    """The memory that a model uses.

    Attributes:
        context: The context window in tokens.
        gpu_layers: Number of layers on the graphics card; the last of them is the output layer.
    """

    context: int
    gpu_layers: int


def plan_memory(
    header: GgufHeader,
    name: str,
    *,
    max_context: int | None = None,
    free: int | None,
    gpu_free: int = 0,
    gpu_reserve: int = 0,
) -> MemoryPlan:
    """Plans the memory of a model.

    The graphics card gets as many layers as fit beside the reserve for the image model.

    Args:
        header: The header of the model's file.
        name: The name of the model for messages.
        max_context: Maximum context window in tokens, None for MAX_CONTEXT.
        free: Free main memory in bytes, None if unknown.
        gpu_free: Free memory of the graphics card in bytes, 0 without one.
        gpu_reserve: Bytes of it that must stay free.

    Raises:
        UnusableError: The model does not fit into the memory.
    """
    limit = max_context or MAX_CONTEXT
    longest = min(header.context or limit, limit)
    wanted = MemoryPlan(longest, gpu_layers(header, longest, gpu_free - gpu_reserve))
    if free is None or wanted.gpu_layers > header.layers:
        return wanted
    on_cpu = 1 - wanted.gpu_layers / (header.layers + 1)
    weights = int(header.file_bytes * on_cpu)
    left = free - weights - GRAPH_BYTES
    cache = int(header.cache_bytes_per_token * on_cpu)
    context = min(longest, left // cache) if cache else longest
    if left < 0 or context < min(MIN_CONTEXT, longest):
        needed = weights + GRAPH_BYTES + cache * min(MIN_CONTEXT, longest)
        raise UnusableError(
            f"There is not enough memory for {name}: it needs {_gigabytes(needed)}, and "
            f"{_gigabytes(free)} are free; close other programs, or choose a smaller model or a "
            f"server."
        )
    return MemoryPlan(context, wanted.gpu_layers)


def gpu_layers(header: GgufHeader, context: int, budget: int) -> int:
    """Returns the number of layers that fit on a graphics card, the output layer included.

    Args:
        header: The header of the model's file.
        context: The context window in tokens.
        budget: Memory for the model on the card in bytes.
    """
    if not header.layers:
        return 0
    whole = header.file_bytes + header.cache_bytes_per_token * context
    layer = whole // (header.layers + 1)
    return max(0, min((budget - GRAPH_BYTES) // max(layer, 1), header.layers + 1))


def _gigabytes(number: int) -> str:
    return f"{number / 1e9:.1f} GB"
