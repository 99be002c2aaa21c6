"""Measures the weights of a host's models."""

from __future__ import annotations

from collections.abc import Iterable

from torch import nn


def bytes_elsewhere(models: Iterable[nn.Module], device: str) -> int:
    """Return the bytes of the parameters that are not on a device of this type."""
    return sum(
        parameter.numel() * parameter.element_size()
        for model in models
        for parameter in model.parameters()
        if parameter.device.type != device
    )
