"""The painter's autoencoder: pictures to latents of an eighth of their side, and back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F

from training.loop import Plan, train
from training.painter.architecture import SIDE, new_part
from training.painter.pictures import pictures

HALF_SIZE = 0.85
"""The part of the steps on pictures of half the side, which cost a quarter."""
BATCH = 8
DIVERGENCE = 1e-4
"""How much the latents' distance from a normal distribution counts, a value."""


def train_autoencoder(folder: Path, steps: int, seed: int = 0) -> Any:
    """Train the autoencoder; the checkpoint is autoencoder.pt in `folder`."""
    vae: Any = new_part("vae", seed)

    def loss(step: int) -> torch.Tensor:
        side = SIDE // 2 if step < HALF_SIZE * steps else SIDE
        # Numbers of their own: the pictures that the denoiser learns begin at 0.
        first = (1 << 32) + step * BATCH
        generator = torch.Generator().manual_seed((seed << 32) + step)
        x = pictures(range(first, first + BATCH), side, seed)
        return reconstruction_loss(vae, x, generator)

    plan = Plan(steps, rate=1e-3, warmup=100, average=0.995, weight_decay=0.0)
    return train(vae, loss, plan, folder / "autoencoder.pt")


def reconstruction_loss(vae: Any, x: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """Difference of pictures and of their edges, and the latents' KL divergence from N(0, 1)."""
    posterior = vae.encode(x).latent_dist
    y = vae.decode(posterior.sample(generator)).sample
    edges = sum(F.l1_loss(y.diff(dim=axis), x.diff(dim=axis)) for axis in (2, 3))
    divergence = posterior.kl().mean() / posterior.mean[0].numel()
    return F.l1_loss(y, x) + F.mse_loss(y, x) + edges + DIVERGENCE * divergence
