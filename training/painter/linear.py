"""Initialises an autoencoder so that a latent is the mean colour of an 8x8 square of the picture.

With random weights the first hour of training is spent on colours, because every group norm removes
the brightness of its input. Here each colour channel gets a group of its own that consists of the
value, its negative and a constant. The negative keeps the group's mean at a fixed value; the
constant is so large that it alone determines the group's variance.
"""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch import nn

COLORS = 3
CONSTANT = 6.0
LATENT = 2.0
"""Value of a latent for the colour value 1."""
BIAS = 3.0
"""Bias of the last norms; above this value SiLU is nearly linear."""
LOG_VARIANCE = -5.0
"""Log variance of the latents; with variance 1 the decoder would only see noise at first."""


@torch.no_grad()
def begin_linear(vae: Any) -> Any:
    """Initialises the weights of a new autoencoder in place and returns it.

    Its norms need groups of 3 channels or more. Other channels keep the weights of their library;
    residual branches begin at 0.
    """
    for module in vae.modules():
        if hasattr(module, "conv1") and hasattr(module, "conv2"):
            nn.init.zeros_(module.conv2.weight)
            nn.init.zeros_(module.conv2.bias)
        elif hasattr(module, "to_out"):
            nn.init.zeros_(module.to_out[0].weight)
            nn.init.zeros_(module.to_out[0].bias)
    for block in vae.encoder.down_blocks:
        for sampler in block.downsamplers or ():
            _keep(sampler.conv, [(0, 0), (0, 1), (1, 0), (1, 1)])
    for block in vae.decoder.up_blocks:
        for sampler in block.upsamplers or ():
            _keep(sampler.conv, [(1, 1)])
    group = vae.encoder.conv_out.in_channels // vae.config.norm_num_groups
    _enter(vae.encoder.conv_in, group, 1.0)
    _leave(vae.encoder, group, LATENT)
    _enter(vae.decoder.conv_in, group, 1 / LATENT)
    _leave(vae.decoder, group, 1.0)
    channels = vae.config.latent_channels
    for convolution in (vae.quant_conv, vae.post_quant_conv):
        nn.init.zeros_(convolution.weight)
        nn.init.zeros_(convolution.bias)
        convolution.weight[:channels, :channels, 0, 0] = torch.eye(channels)
    vae.quant_conv.bias[channels:] = LOG_VARIANCE
    return vae


def _keep(convolution: nn.Conv2d, taps: list[tuple[int, int]]) -> None:
    """Sets a convolution so that each channel is the mean of its own values at these taps."""
    nn.init.zeros_(convolution.weight)
    assert convolution.bias is not None
    nn.init.zeros_(convolution.bias)
    channels = range(convolution.out_channels)
    for row, column in taps:
        convolution.weight[channels, channels, row, column] = 1 / len(taps)


def _enter(convolution: nn.Conv2d, group: int, factor: float) -> None:
    """Sets the first convolution: each colour, its negative and the constant begin a group."""
    assert convolution.bias is not None
    for color in range(COLORS):
        own = slice(group * color, group * color + 3)
        convolution.weight[own] = 0
        convolution.weight[group * color, color, 1, 1] = factor
        convolution.weight[group * color + 1, color, 1, 1] = -factor
        convolution.bias[own] = torch.tensor([0.0, 0.0, CONSTANT])


def _leave(half: Any, group: int, factor: float) -> None:
    """Sets the last convolution of an encoder or decoder so that it reads the colours."""
    weight, bias = half.conv_out.weight, half.conv_out.bias
    weight[:COLORS], bias[:COLORS] = 0, 0
    half.conv_norm_out.bias[: group * COLORS] = BIAS
    scale = factor / (_behind_norm(1.0) - _behind_norm(-1.0))
    for color in range(COLORS):
        weight[color, group * color, 1, 1] = scale
        weight[color, group * color + 1, 1, 1] = -scale


def _behind_norm(value: float) -> float:
    """Returns the value of a plain colour after norm and SiLU."""
    values = torch.tensor([value, -value, CONSTANT])
    normed = (value - values.mean()) / values.std(unbiased=False)
    return float(F.silu(normed + BIAS))
