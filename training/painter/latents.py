"""Encodes every training picture once, as the latents that the denoiser learns from."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import torch
from tqdm import tqdm

from training.painter.architecture import SIDE
from training.painter.pictures import pictures

BATCH = 16
SAVE_EVERY = 128
"""Number of batches between two saves."""


def latents(vae: Any, count: int, file: Path, seed: int = 0) -> torch.Tensor:
    """Encodes the pictures 0 to `count` - 1; continues from `file` if it exists.

    Returns the means of the posteriors before scaling, [count, 4, side / 8, side / 8], in float16.
    """
    done = torch.load(file, weights_only=True) if file.exists() else torch.empty(0)
    parts = [done[:count]] if len(done) else []
    begin = min(len(done), count)
    numbers = range(begin, count, BATCH)
    for turn, first in enumerate(tqdm(numbers, desc="latents"), start=1):
        x = pictures(range(first, min(first + BATCH, count)), SIDE, seed)
        with torch.inference_mode():
            parts.append(vae.encode(x).latent_dist.mean.half())
        if turn % SAVE_EVERY == 0 or turn == len(numbers):
            parts = [torch.cat(parts)]
            _save(parts[0], file)
    return torch.cat(parts)


def scaling_factor(latents: torch.Tensor) -> float:
    """Returns 1 / standard deviation of latents: the factor that gives them the variance 1."""
    return 1 / float(latents.float().std())


def _save(latents: torch.Tensor, file: Path) -> None:
    partial = file.with_suffix(".part")
    torch.save(latents.clone(), partial)
    os.replace(partial, file)
