"""Builds the painter's components: SD1's, with smaller widths.

LDM fixes 32 groups in every group norm. A norm removes the brightness of a plain picture: with one
channel per group nothing is left, with two only the sign of their difference. An autoencoder
therefore needs at least 96 channels, of which the third per group keeps the brightness. The UNet
reads noisy latents and needs only 64.
"""

from __future__ import annotations

import torch

from lib_omost.renderer.architectures import CONFIGS, Configs, read_configs
from training.painter.linear import begin_linear

WIDTH = 128
"""Width of the text encoder and of the conditioning for cross-attention."""

SIDE = 128
"""Width and height of the training pictures in pixels."""

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
    """Returns SD1's configurations with the painter's widths and depths."""
    sd1 = read_configs(CONFIGS / "sd1")
    return {part: {**config, **NARROW.get(part, {})} for part, config in sd1.items()}


def new_part(name: str, seed: int) -> torch.nn.Module:
    """Builds a component ("vae", "unet" or "text_encoder") with its library's first weights."""
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
