"""Builds the init latent of txt2img from the blurred colours of the canvas."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch

from lib_omost.canvas.model import Canvas
from lib_omost.canvas.preview import draw_blurred

PIXELS = 8
"""Picture pixels along one side of a latent pixel, in all supported models."""

Encode = Callable[[torch.Tensor], torch.Tensor]
"""Encodes pictures [B, 3, H, W], values 0 to 1, with the VAE to latents [B, c, H / 8, W / 8]."""


def blurred_compositions(canvases: Sequence[Canvas], size: tuple[int, int]) -> torch.Tensor:
    """Draws the blurred colours of a batch's canvases.

    Args:
        canvases: One canvas for each image of the batch.
        size: Height and width of the latent.

    Returns:
        Pictures, [B, 3, 8 H, 8 W], values 0 to 1.
    """
    height, width = (side * PIXELS for side in size)
    pixels = [np.asarray(draw_blurred(canvas, (width, height))) for canvas in canvases]
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
    """Samples from the encoded colours of the canvases instead of noise alone.

    Args:
        sampler: The host's sampler. Its `sample_img2img` starts from a latent and reads the
            denoising strength from the job.
        canvases: One canvas for each image of the batch.
        denoising: Denoising strength, 0 to 1.
        encode: Encodes pictures with the VAE.
        job: The host's job. Its own denoising strength, for the hires pass, is restored.
        noise: [B, c, H, W].
        conds: Further arguments of the sampler's `sample`.
        options: Further arguments of the sampler's `sample`.

    Returns:
        The result of the sampler.
    """
    strength = job.denoising_strength
    latent = encode(blurred_compositions(canvases, (noise.shape[2], noise.shape[3]))).to(noise)
    job.denoising_strength = denoising
    try:
        return sampler.sample_img2img(job, latent, noise, *conds, **options)
    finally:
        job.denoising_strength = strength
