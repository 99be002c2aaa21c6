"""The graphics card's memory in Forge: lent to a language model, and taken back."""

from __future__ import annotations

import torch
from backend import memory_management


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
