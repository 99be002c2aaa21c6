"""Counts the bytes of a host's model weights that are not on the device that samples."""

from __future__ import annotations

from collections.abc import Iterable

from torch import nn


def bytes_off_device(models: Iterable[nn.Module], device_type: str) -> int:
    """Returns the size of all parameters that are not on a device of the given type.

    Args:
        models: The models.
        device_type: Device type such as "cuda".

    Returns:
        Size in bytes.
    """
    return sum(
        parameter.numel() * parameter.element_size()
        for model in models
        for parameter in model.parameters()
        if parameter.device.type != device_type
    )
