"""Start from the colours: the blurred composition as the first latent of a txt2img picture."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch

from lib_omost.canvas.model import Canvas
from lib_omost.canvas.preview import blurred

PIXELS = 8
"""Pixels to a side of one latent pixel, in every model that is supported."""

Encode = Callable[[torch.Tensor], torch.Tensor]
"""The host's VAE: pictures [B, 3, H, W] of values 0 to 1 to latents [B, c, H / 8, W / 8]."""


def compositions(canvases: Sequence[Canvas], size: tuple[int, int]) -> torch.Tensor:
    """The blurred compositions of a batch.

    size: the latent's (H, W). Returns [B, 3, 8 H, 8 W], values 0 to 1.
    """
    height, width = (side * PIXELS for side in size)
    pixels = [np.asarray(blurred(canvas, (width, height))) for canvas in canvases]
    return torch.from_numpy(np.stack(pixels)).permute(0, 3, 1, 2).float() / 255


def sample_from_colors(
    sampler: Any,
    canvases: Sequence[Canvas],
    denoising: float,
    encode: Encode,
    job: Any,
    noise: torch.Tensor,
    *conds: Any,
    **options: Any,
) -> Any:
    """Sample as the host's `sample` does, but begin with the canvases' colours.

    sampler: the host's; it takes a latent by `sample_img2img`, which reads the strength from the
    job, where the hires pass must find its own again. From `job` on: the arguments of `sample`.
    """
    strength = job.denoising_strength
    latent = encode(compositions(canvases, (noise.shape[2], noise.shape[3]))).to(noise)
    job.denoising_strength = denoising
    try:
        return sampler.sample_img2img(job, latent, noise, *conds, **options)
    finally:
        job.denoising_strength = strength
