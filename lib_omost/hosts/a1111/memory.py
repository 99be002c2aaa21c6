"""The graphics card's memory in A1111: lent to a language model, and taken back."""

from __future__ import annotations

from modules import devices, sd_models

from lib_omost.hosts.model_weights import bytes_elsewhere


def make_room() -> None:
    """Move the checkpoints that are loaded to the main memory, bit by bit as they are.

    The host's own unloading: weights keep their types, low-VRAM modes their hooks. Nothing happens
    without a card, and no checkpoint is loaded by asking for it.
    """
    if devices.device.type == "cpu":
        return
    for model in list(sd_models.model_data.loaded_sd_models):
        sd_models.send_model_to_cpu(model)


def take_back() -> None:
    """Move the current checkpoint to where the host has it for sampling.

    The host does not do so itself where the checkpoint stays the same; others it moves when they
    are chosen.
    """
    model = sd_models.model_data.sd_model
    if model is not None:
        sd_models.send_model_to_device(model)


def missing_weights() -> int:
    """Return the bytes of the checkpoint that are not on the device that samples."""
    model = sd_models.model_data.sd_model
    return 0 if model is None else bytes_elsewhere([model], devices.device.type)
