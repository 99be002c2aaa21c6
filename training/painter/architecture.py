"""The painter's parts: SD1's own, narrow.

LDM fixes 32 groups in every norm. Of a plain picture a norm leaves, with one channel a group,
nothing, and with two the sign of their difference: so an autoencoder has at least 96, of which
the third tells how bright the picture is. The UNet reads noise, and does with 64.
"""

from __future__ import annotations

import torch

from lib_omost.renderer.architectures import CONFIGS, Configs, read_configs
from training.painter.linear import begin_linear

WIDTH = 128
"""Of the text encoder, and so of what cross-attention reads."""

SIDE = 128
"""The pictures' side in pixels."""

NARROW: Configs = {
    "unet": {
        "sample_size": SIDE // 8,
        "layers_per_block": 1,
        "block_out_channels": [64, 64, 64],
        "down_block_types": ["CrossAttnDownBlock2D", "CrossAttnDownBlock2D", "DownBlock2D"],
        "up_block_types": ["UpBlock2D", "CrossAttnUpBlock2D", "CrossAttnUpBlock2D"],
        "cross_attention_dim": WIDTH,
        "attention_head_dim": 4,
    },
    "vae": {
        "sample_size": SIDE,
        "layers_per_block": 1,
        "block_out_channels": [96, 96, 96, 96],
    },
    "text_encoder": {
        "hidden_size": WIDTH,
        "intermediate_size": 2 * WIDTH,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "projection_dim": WIDTH,
    },
}


def painter_configs() -> Configs:
    """SD1's configurations with the painter's widths and depths."""
    sd1 = read_configs(CONFIGS / "sd1")
    return {part: {**config, **NARROW.get(part, {})} for part, config in sd1.items()}


def new_part(name: str, seed: int) -> torch.nn.Module:
    """Build one part ("vae", "unet" or "text_encoder") with its library's first weights."""
    import transformers
    from diffusers import AutoencoderKL, UNet2DConditionModel

    config = painter_configs()[name]
    torch.manual_seed(seed)
    if name == "vae":
        return begin_linear(AutoencoderKL.from_config(config))
    if name == "unet":
        return UNet2DConditionModel.from_config(config)
    encoder = transformers.CLIPTextModel(transformers.CLIPTextConfig(**config))
    # Emphasis restores an encoding's mean, which must not be about 0.
    torch.nn.init.constant_(dict(encoder.named_modules())[_last_norm(encoder)].bias, 0.1)
    return encoder


def _last_norm(encoder: torch.nn.Module) -> str:
    return next(name for name, _ in encoder.named_modules() if name.endswith("final_layer_norm"))
