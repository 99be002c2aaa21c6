"""Builds SD1, SD2 and SDXL pipelines with random weights, in full size or tiny."""

from __future__ import annotations

import math
import zlib
from typing import Any

import torch

from lib_omost.renderer.architectures import (
    CONFIGS,
    Architecture,
    Configs,
    empty_models,
    read_configs,
    restore_buffers,
)
from lib_omost.renderer.pipeline_loading import assemble_pipeline

_TINY_UNET = {"sample_size": 8, "cross_attention_dim": 64, "attention_head_dim": 4}
_TINY_CLIP = {
    "hidden_size": 64,
    "intermediate_size": 128,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "projection_dim": 64,
}
# The size of OpenCLIP's ViT-S-32-alt: A1111 builds OpenCLIP encoders by the name of a known model.
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
        # SD2 reads the last but one layer, so diffusers leaves the last one out.
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


def model_configs(architecture: Architecture, *, tiny: bool = False) -> Configs:
    """Reads the configurations of an architecture.

    Args:
        architecture: SD1, SD2 or SDXL.
        tiny: Replaces widths and depths by small ones, which build in a second.
    """
    configs = read_configs(CONFIGS / architecture)
    changes = _TINY[architecture] if tiny else {}
    return {
        component: {**config, **changes.get(component, {})} for component, config in configs.items()
    }


def random_models(configs: Configs, seed: int) -> dict[str, torch.nn.Module]:
    """Builds models with random weights in float32 on the CPU.

    Args:
        configs: The configurations of the models.
        seed: Seed of the weights; the same seed gives the same weights on every machine.

    Returns:
        One module per component, in evaluation mode.
    """
    models = empty_models(configs)
    for component, model in models.items():
        model.to_empty(device="cpu")
        restore_buffers(model)
        with torch.no_grad():
            for name, weight in model.named_parameters():
                weight.copy_(random_weight(f"{component}.{name}", weight.shape, seed))
        model.eval()
    return models


def random_weight(name: str, shape: tuple[int, ...], seed: int) -> torch.Tensor:
    """Draws a weight that keeps the variance of the signals about constant.

    Matrices and kernels have the variance 1 / fan-in; norms have the scale 1. The norms of text
    encoders have a bias of 0.1: A1111 restores the mean of an encoding after emphasis by a
    division, and without the bias that mean is about 0.

    Args:
        name: The weight's full name. A weight depends only on its name and the seed, so a file
            can be written weight by weight.
        shape: The weight's shape.
        seed: Seed of the whole model.

    Returns:
        The weight in float32.
    """
    if len(shape) == 1:
        if name.endswith("weight"):
            return torch.ones(shape)
        in_text_encoder = any(part in name for part in ("layer_norm", ".ln_"))
        return torch.full(shape, 0.1 if in_text_encoder else 0.0)
    generator = torch.Generator().manual_seed(zlib.crc32(name.encode()) + seed)
    fan_in = math.prod(shape[1:])
    return torch.randn(shape, generator=generator) / math.sqrt(fan_in)


def random_pipeline(architecture: Architecture, configs: Configs, seed: int) -> Any:
    """Builds a diffusers pipeline with random weights.

    Its pictures are noise, but they depend on every word of the prompt.
    """
    return assemble_pipeline(architecture, configs, random_models(configs, seed))


def tiny_pipeline(seed: int = 0) -> Any:
    """Builds a tiny SD1 pipeline with random weights, the usual stand-in for a checkpoint."""
    return random_pipeline("sd1", model_configs("sd1", tiny=True), seed)
