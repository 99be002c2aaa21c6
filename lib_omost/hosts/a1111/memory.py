"""Moves A1111's checkpoints out of the GPU for a language model, and back."""

from __future__ import annotations

from modules import devices, sd_models

from lib_omost.hosts.model_weights import bytes_off_device


def move_model_out() -> None:
    """Moves the loaded checkpoints to main memory without changing any weight.

    The host's own unloading keeps the dtypes and the hooks of the low-VRAM modes. Nothing happens
    without a GPU. The function loads no checkpoint.
    """
    if devices.device.type == "cpu":
        return
    for model in list(sd_models.model_data.loaded_sd_models):
        sd_models.send_model_to_cpu(model)


def move_model_back() -> None:
    """Moves the current checkpoint back to the device that samples.

    The host moves a checkpoint only when the user selects another one.
    """
    model = sd_models.model_data.sd_model
    if model is not None:
        sd_models.send_model_to_device(model)


def bytes_to_load() -> int:
    """Returns the size of the checkpoint's weights that are not on the device, in bytes."""
    model = sd_models.model_data.sd_model
    return 0 if model is None else bytes_off_device([model], devices.device.type)
