"""Draws small previews of latents without the VAE's decoder, which takes as long as many steps.

The colour of a latent cell is nearly a linear function of its channels. Flat pictures of known
colours, encoded once for each VAE, determine that function.
"""

from __future__ import annotations

import copy
from itertools import product
from typing import Any

import torch
from PIL import Image

LEVELS = (-1.0, 0.0, 1.0)
"""Values of each colour channel in the flat pictures, in the VAE's range."""

SIDE = 64
"""Width and height of a flat picture in pixels."""


class LatentPreview:
    """Draws previews of the latents of one pipeline.

    Args:
        pipeline: A diffusers pipeline; its VAE encodes the flat pictures here.
    """

    def __init__(self, pipeline: Any) -> None:
        colors = torch.tensor(list(product(LEVELS, repeat=3)))
        latents = _encode_flat(pipeline.vae, colors)
        self._weights = torch.linalg.lstsq(_with_one(latents), colors).solution

    def draw(self, latents: torch.Tensor) -> Image.Image:
        """Draws the latents of a picture, one pixel for each cell.

        Args:
            latents: The latents, [C, h, w].
        """
        channels = latents.detach().float().cpu().movedim(0, -1)
        colors = (_with_one(channels) @ self._weights).clamp(-1, 1)
        return Image.fromarray(((colors + 1) * 127.5).round().to(torch.uint8).numpy())


def _encode_flat(vae: Any, colors: torch.Tensor) -> torch.Tensor:
    """Encodes flat pictures; returns the latents of their central cells.

    Args:
        vae: The VAE (AutoencoderKL).
        colors: The colours, [N, 3].

    Returns:
        The scaled latents, [N, C].
    """
    if vae.dtype == torch.float16:  # SDXL's VAE overflows in this precision
        vae = copy.deepcopy(vae).float()
    encoded = []
    with torch.inference_mode():
        for color in colors:
            picture = color.view(1, 3, 1, 1).expand(1, 3, SIDE, SIDE)
            cells = vae.encode(picture.to(vae.device, vae.dtype)).latent_dist.mode()
            middle = cells.shape[-1] // 2
            encoded.append(cells[0, :, middle, middle].float().cpu())
    return torch.stack(encoded) * float(vae.config.scaling_factor)


def _with_one(values: torch.Tensor) -> torch.Tensor:
    """Appends a channel of ones, the constant term of a linear function, to the last axis."""
    return torch.cat([values, torch.ones_like(values[..., :1])], dim=-1)
