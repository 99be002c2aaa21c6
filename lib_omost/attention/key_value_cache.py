"""Caches the keys and values of a canvas at each cross-attention layer during a sampling pass."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass

import torch

KeysValues = tuple[torch.Tensor, torch.Tensor]

MAX_DEFAULT_LIMIT = 2 << 30
"""Largest default limit of the cache, in bytes (2 GiB)."""

FREE_MEMORY_DIVISOR = 4
"""The cache uses at most 1 / FREE_MEMORY_DIVISOR of the free GPU memory by default."""


def default_limit(device: torch.device) -> int:
    """Returns the default size limit of the cache: 2 GiB, or a quarter of the free CUDA memory.

    The keys and values of a canvas with 2,695 tokens (six regions) use 134 MB on SD1.5 and 897 MB
    on SDXL in float16. A GPU with 8 GB has about 2 GB left beside SDXL's weights, and the
    activations need most of that. Layers that do not fit are projected again at each call, which
    takes about a seventh of an SDXL step.

    Args:
        device: Device of the keys and values.

    Returns:
        Limit in bytes.
    """
    if device.type != "cuda":
        return MAX_DEFAULT_LIMIT
    unused = torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)
    free, _ = torch.cuda.mem_get_info(device)
    return min(MAX_DEFAULT_LIMIT, (free + unused) // FREE_MEMORY_DIVISOR)


@dataclass(frozen=True)
class ProjectionState:
    """Everything besides the layer's weights that its key and value projections depend on.

    Attributes:
        dtype: Dtype of the queries.
        device: Device of the queries.
        autocast: Autocast dtype, or None if autocast is off.
    """

    dtype: torch.dtype
    device: torch.device
    autocast: torch.dtype | None


def projection_state(q: torch.Tensor) -> ProjectionState:
    """Returns the dtype, device and autocast state in which the queries `q` were computed.

    Args:
        q: Queries, of any shape.
    """
    return ProjectionState(q.dtype, q.device, _autocast_dtype(q.device.type))


def _autocast_dtype(device_type: str) -> torch.dtype | None:
    """Returns the active autocast dtype of a device type, or None; works from torch 2.1 on."""
    if hasattr(torch, "get_autocast_dtype"):  # torch 2.4
        enabled = torch.is_autocast_enabled(device_type)
        return torch.get_autocast_dtype(device_type) if enabled else None
    if device_type == "cpu":
        return torch.get_autocast_cpu_dtype() if torch.is_autocast_cpu_enabled() else None
    return torch.get_autocast_gpu_dtype() if torch.is_autocast_enabled() else None


class KeyValueCache:
    """Maps a layer to its (K, V) and recomputes an entry when its state changes.

    The cache stores nothing more once the byte limit is reached; earlier entries stay.

    Args:
        limit: Limit in bytes; None means `default_limit` of the first entry's device.
    """

    def __init__(self, limit: int | None = None) -> None:
        self.limit = limit
        self.used_bytes = 0
        self._entries: dict[Hashable, tuple[Hashable, KeysValues]] = {}

    def get(
        self, layer: Hashable, state: Hashable, compute: Callable[[], KeysValues]
    ) -> KeysValues:
        """Returns the stored keys and values of a layer, or computes and stores them.

        Args:
            layer: Key of the entry.
            state: State in which the entry is valid, such as dtype, device and UNet level.
            compute: Computes the keys and values.
        """
        entry = self._entries.get(layer)
        if entry is not None and entry[0] == state:
            return entry[1]
        if entry is not None:
            del self._entries[layer]
            self.used_bytes -= _byte_size(entry[1])
        keys_values = compute()
        if self.limit is None:
            self.limit = default_limit(keys_values[0].device)
        if self.used_bytes + _byte_size(keys_values) <= self.limit:
            self._entries[layer] = state, keys_values
            self.used_bytes += _byte_size(keys_values)
        return keys_values

    def clear(self) -> None:
        """Releases all entries."""
        self._entries.clear()
        self.used_bytes = 0


def _byte_size(keys_values: KeysValues) -> int:
    return sum(x.numel() * x.element_size() for x in keys_values)
