"""Builds empty SD1, SD2 and SDXL models from their configuration files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Literal

import torch

Architecture = Literal["sd1", "sd2", "sdxl"]

CONFIGS = Path(__file__).parent / "configs"
"""Folder with one diffusers configuration folder per architecture."""

Configs = dict[str, dict[str, Any]]
"""Maps each component of a pipeline ("unet", "vae", "text_encoder", ...) to its configuration."""

TEXT_PREFIXES: dict[Architecture, tuple[str, ...]] = {
    "sd1": ("cond_stage_model.transformer.",),
    "sd2": ("cond_stage_model.model.",),
    "sdxl": ("conditioner.embedders.0.transformer.", "conditioner.embedders.1.model."),
}
"""Weight name prefixes of the text encoders in a checkpoint file (LDM's format).

A prefix that ends in "transformer." holds OpenAI's CLIP, one that ends in "model." OpenCLIP.
"""


def read_configs(folder: Path) -> Configs:
    """Reads all component configurations of a diffusers folder.

    Args:
        folder: A folder with one sub-folder per component, such as `unet/config.json`.
    """
    files = sorted(folder.glob("*/*.json"))
    return {file.parent.name: json.loads(file.read_text()) for file in files}


def empty_models(configs: Configs) -> dict[str, torch.nn.Module]:
    """Builds a pipeline's models on PyTorch's meta device, with shapes but without weights.

    Args:
        configs: The configurations; a "scheduler" among them is ignored.

    Returns:
        One module per component.
    """
    import transformers
    from diffusers import AutoencoderKL, UNet2DConditionModel

    models: dict[str, torch.nn.Module] = {}
    with torch.device("meta"):
        for component, config in configs.items():
            if component == "unet":
                models[component] = UNet2DConditionModel.from_config(config)
            elif component == "vae":
                models[component] = AutoencoderKL.from_config(config)
            elif component != "scheduler":
                build = getattr(transformers, config["architectures"][0])
                models[component] = build(transformers.CLIPTextConfig(**config))
    return models


def restore_buffers(model: torch.nn.Module) -> None:
    """Fills the buffers of a model that left the meta device.

    A checkpoint does not contain buffers, because they are computed. The only known buffers are
    the token positions of CLIP.

    Args:
        model: The model, changed in place.

    Raises:
        ValueError: The model has a buffer of another kind.
    """
    for name, buffer in model.named_buffers():
        if not name.endswith("position_ids"):
            raise ValueError(f"{name} is neither a weight nor a known buffer")
        buffer.copy_(torch.arange(buffer.shape[-1]))
