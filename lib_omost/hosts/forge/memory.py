"""Moves Forge's models out of the GPU for a language model; Forge moves them back by itself."""

from __future__ import annotations

from pathlib import Path

import torch

from lib_omost.hosts.forge.backend import memory_management
from lib_omost.hosts.model_weights import bytes_off_device


def move_model_out() -> None:
    """Moves all loaded models out of the GPU; does nothing without a GPU."""
    if memory_management.get_torch_device().type == "cpu":
        return
    # Forge creates its weights in inference mode, and only inference mode can move them.
    with torch.inference_mode():
        memory_management.unload_all_models()
    memory_management.soft_empty_cache()


def move_model_back() -> None:
    """Does nothing, because Forge loads the models that the next sampling needs."""


def bytes_to_load() -> int:
    """Returns the size of the image model's weights that are not on the device, in bytes."""
    from modules import sd_models

    objects = getattr(sd_models.model_data.sd_model, "forge_objects", None)
    if objects is None:  # Forge loads the selected checkpoint with the first picture
        parameters = getattr(sd_models.model_data, "forge_loading_parameters", {})
        selected = parameters.get("checkpoint_info")
        return 0 if selected is None else Path(selected.filename).stat().st_size
    patchers = (objects.unet, objects.clip.patcher, objects.vae.patcher)
    return bytes_off_device(
        (patcher.model for patcher in patchers), memory_management.get_torch_device().type
    )
