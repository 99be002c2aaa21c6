"""Trains the painter's autoencoder, which encodes a picture at an eighth of its side."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F

from training.loop import Plan, train
from training.painter.architecture import SIDE
from training.painter.pictures import pictures

CROPPED = 0.97
"""Share of the steps that use crops; such a step costs a seventh of one with whole pictures."""
CROP = 48
BATCH = 12
DIVERGENCE = 5e-4
"""Weight of the latents' KL divergence, per value."""


def train_autoencoder(vae: Any, file: Path, steps: int, seed: int = 0) -> Any:
    """Trains the parts of an autoencoder that are not frozen; file: the checkpoint."""

    def loss(step: int) -> torch.Tensor:
        # Numbers of their own: the pictures that the denoiser learns begin at 0.
        first = (1 << 32) + step * BATCH
        generator = torch.Generator().manual_seed((seed << 32) + step)
        x = pictures(range(first, first + BATCH), SIDE, seed)
        if step < CROPPED * steps:
            x = crops(x, CROP, generator)
        return reconstruction_loss(vae, x, generator)

    plan = Plan(steps, rate=2e-4, warmup=50, average=0.99, weight_decay=0.0)
    return train(vae, loss, plan, file)


def crops(x: torch.Tensor, side: int, generator: torch.Generator) -> torch.Tensor:
    """Cuts a random square from each picture: [B, 3, H, W] to [B, 3, side, side].

    Smaller pictures in place of crops would have smaller objects, whose colours blur in latents of
    an eighth of the side.
    """
    rows = torch.randint(x.shape[2] - side + 1, (len(x),), generator=generator).tolist()
    columns = torch.randint(x.shape[3] - side + 1, (len(x),), generator=generator).tolist()
    cut = zip(x, rows, columns, strict=True)
    return torch.stack([y[:, i : i + side, j : j + side] for y, i, j in cut])


def reconstruction_loss(vae: Any, x: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """Sums the differences of pictures and edges, and the latents' KL divergence from N(0, 1)."""
    posterior = vae.encode(x).latent_dist
    y = vae.decode(posterior.sample(generator)).sample
    edges = sum(F.l1_loss(y.diff(dim=axis), x.diff(dim=axis)) for axis in (2, 3))
    divergence = posterior.kl().mean() / posterior.mean[0].numel()
    return F.l1_loss(y, x) + F.mse_loss(y, x) + edges + DIVERGENCE * divergence
