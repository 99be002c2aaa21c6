"""The configurations of SD1, SD2 and SDXL, small ones like them, and random weights for any."""

from __future__ import annotations

import json
import math
import zlib
from pathlib import Path
from typing import Any

import torch

from lib_omost.renderer.ldm_format import Architecture

CONFIGS = Path(__file__).parent / "configs"
Configs = dict[str, dict[str, Any]]
"""A pipeline's parts ("unet", "text_encoder", ...) and the configuration of each."""

_TINY_UNET = {"sample_size": 8, "cross_attention_dim": 64, "attention_head_dim": 4}
_TINY_CLIP = {
    "hidden_size": 64,
    "intermediate_size": 128,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "projection_dim": 64,
}
# OpenCLIP's ViT-S-32-alt: A1111 builds such an encoder by the name of a known model.
_TINY_OPENCLIP = {
    "hidden_size": 256,
    "intermediate_size": 1024,
    "num_hidden_layers": 10,
    "num_attention_heads": 4,
    "projection_dim": 256,
}
_TINY_VAE = {"sample_size": 64, "block_out_channels": [32, 64, 128, 128]}
_TINY: dict[Architecture, Configs] = {
    "sd1": {
        "unet": {**_TINY_UNET, "block_out_channels": [32, 64, 128, 128]},
        "vae": _TINY_VAE,
        "text_encoder": _TINY_CLIP,
    },
    "sd2": {
        "unet": {
            **_TINY_UNET,
            "block_out_channels": [32, 64, 128, 128],
            "attention_head_dim": [2, 4, 8, 8],
            "cross_attention_dim": 256,
        },
        "vae": _TINY_VAE,
        # Of its last layer nothing is used, as in SD2.
        "text_encoder": {**_TINY_OPENCLIP, "num_hidden_layers": 9},
    },
    "sdxl": {
        "unet": {
            **_TINY_UNET,
            "block_out_channels": [32, 64, 128],
            "attention_head_dim": [2, 4, 8],
            "transformer_layers_per_block": [1, 1, 2],
            "cross_attention_dim": 64 + 256,
            "projection_class_embeddings_input_dim": 256 + 6 * 256,
        },
        "vae": _TINY_VAE,
        "text_encoder": _TINY_CLIP,
        "text_encoder_2": _TINY_OPENCLIP,
    },
}


def configs(architecture: Architecture, *, tiny: bool = False) -> Configs:
    """Read the configurations of an architecture; `tiny` ones differ in width and depth only."""
    parts = read_configs(CONFIGS / architecture)
    small = _TINY[architecture] if tiny else {}
    return {part: {**config, **small.get(part, {})} for part, config in parts.items()}


def read_configs(folder: Path) -> Configs:
    """Read the configurations in a diffusers folder, one below each part's name."""
    files = sorted(folder.glob("*/*.json"))
    return {file.parent.name: json.loads(file.read_text()) for file in files}


def empty_models(parts: Configs) -> dict[str, torch.nn.Module]:
    """Build the models of these configurations on the meta device: shapes without numbers."""
    import transformers
    from diffusers import AutoencoderKL, UNet2DConditionModel

    models: dict[str, torch.nn.Module] = {}
    with torch.device("meta"):
        for part, config in parts.items():
            if part == "unet":
                models[part] = UNet2DConditionModel.from_config(config)
            elif part == "vae":
                models[part] = AutoencoderKL.from_config(config)
            elif part != "scheduler":
                build = getattr(transformers, config["architectures"][0])
                models[part] = build(transformers.CLIPTextConfig(**config))
    return models


def random_models(parts: Configs, seed: int) -> dict[str, torch.nn.Module]:
    """Build the models with random weights; the same seed gives the same numbers anywhere."""
    models = empty_models(parts)
    for part, model in models.items():
        model.to_empty(device="cpu")
        restore_buffers(model)
        with torch.no_grad():
            for name, weight in model.named_parameters():
                weight.copy_(random_weight(f"{part}.{name}", weight.shape, seed))
        model.eval()
    return models


def restore_buffers(model: torch.nn.Module) -> None:
    """Fill in what is computed, not learned: the positions of CLIP's tokens."""
    for name, buffer in model.named_buffers():
        if not name.endswith("position_ids"):
            raise ValueError(f"{name} is neither a weight nor a known buffer")
        buffer.copy_(torch.arange(buffer.shape[-1]))


def random_weight(name: str, shape: tuple[int, ...], seed: int) -> torch.Tensor:
    """Draw a weight so that signals neither vanish nor explode on their way, float32.

    Matrices and kernels have variance 1 / fan-in, norms scale by 1. The norms of text encoders
    have a bias of 0.1: with 0 the mean of an encoding is about 0, and restoring it after emphasis
    divides by it. A tensor depends on its name and the seed alone, so models can be made in parts.
    """
    if len(shape) == 1:
        if name.endswith("weight"):
            return torch.ones(shape)
        in_text = any(part in name for part in ("layer_norm", ".ln_"))
        return torch.full(shape, 0.1 if in_text else 0.0)
    generator = torch.Generator().manual_seed(zlib.crc32(name.encode()) + seed)
    fan_in = math.prod(shape[1:])
    return torch.randn(shape, generator=generator) / math.sqrt(fan_in)
