"""The graphics card's memory in Forge: lent to a language model, and taken back."""

from __future__ import annotations

from pathlib import Path

import torch
from backend import memory_management

from lib_omost.hosts.model_weights import bytes_elsewhere


def make_room() -> None:
    """Move the models that are loaded out of the card; nothing happens without a card."""
    if memory_management.get_torch_device().type == "cpu":
        return
    # Weights are made in inference mode, and can be moved in no other.
    with torch.inference_mode():
        memory_management.unload_all_models()
    memory_management.soft_empty_cache()


def take_back() -> None:
    """Do nothing: Forge loads by itself what the next sampling needs."""


def missing_weights() -> int:
    """Return the bytes of the image model that are not on the device that samples."""
    from modules import sd_models

    objects = getattr(sd_models.model_data.sd_model, "forge_objects", None)
    if objects is None:  # Forge loads the chosen checkpoint with the first picture
        chosen = sd_models.model_data.forge_loading_parameters.get("checkpoint_info")
        return 0 if chosen is None else Path(chosen.filename).stat().st_size
    patchers = (objects.unet, objects.clip.patcher, objects.vae.patcher)
    return bytes_elsewhere(
        (patcher.model for patcher in patchers), memory_management.get_torch_device().type
    )
