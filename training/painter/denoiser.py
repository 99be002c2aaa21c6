"""Trains the painter's UNet and text encoder together to predict the noise in latents."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from diffusers import DDIMScheduler

from lib_omost.renderer.pipeline_loading import load_tokenizers
from training.captions import caption
from training.loop import Plan, train
from training.painter.architecture import painter_configs
from training.painter.pictures import scene
from training.scenes import Scene

BATCH = 48
DROPOUT = 0.1
"""Share of empty captions, which train the unconditional prediction for CFG."""
CHUNKS = (1, 1, 2)
"""Numbers of prompt chunks in the captions of a step; a repeated number is more likely."""
UNKNOWN = 0.02
"""Share of tokens replaced by the unknown token, which stands for all untrained words."""
GAMMA = 5.0
"""Largest signal-to-noise ratio in the loss weights (Min-SNR, arXiv:2303.09556, section 3.4)."""
NOISY = 3.0
"""Largest loss weight of very noisy latents."""


class Denoiser(torch.nn.Module):
    """The UNet and the text encoder as one module."""

    def __init__(self, unet: Any, text_encoder: Any) -> None:
        super().__init__()
        self.unet, self.text_encoder = unet, text_encoder

    def forward(self, x: torch.Tensor, t: torch.Tensor, ids: torch.Tensor) -> torch.Tensor:
        """Predicts the noise.

        Args:
            x: Noisy latents, [B, 4, H, W].
            t: Timesteps, [B].
            ids: Token ids, [B, chunks, 77]; each chunk is encoded separately.
        """
        context = self.text_encoder(ids.flatten(0, 1)).last_hidden_state
        context = context.unflatten(0, ids.shape[:2]).flatten(1, 2)
        prediction: torch.Tensor = self.unet(x, t, encoder_hidden_states=context).sample
        return prediction


def train_denoiser(
    denoiser: Denoiser,
    latents: torch.Tensor,
    file: Path,
    plan: Plan,
    seed: int = 0,
) -> Denoiser:
    """Trains on the scaled latents of the pictures 0, 1, ...; file: the checkpoint."""
    tokenizer = load_tokenizers("sd1")["tokenizer"]
    unknown = unknown_token(tokenizer)
    schedule = DDIMScheduler.from_config(painter_configs()["scheduler"])
    weights = loss_weights(schedule.alphas_cumprod)

    def loss(step: int) -> torch.Tensor:
        rng = random.Random(f"denoiser {seed} {step}")
        generator = torch.Generator().manual_seed(rng.getrandbits(60))
        numbers = [rng.randrange(len(latents)) for _ in range(BATCH)]
        chunks = rng.choice(CHUNKS)
        texts = [_caption(scene(number, seed), rng, chunks) for number in numbers]
        ids = tokens(tokenizer, texts)
        words = (ids != tokenizer.bos_token_id) & (ids != tokenizer.eos_token_id)
        hidden = torch.rand(ids.shape, generator=generator) < UNKNOWN
        ids = torch.where(words & hidden, unknown, ids)
        x = latents[numbers].float()
        noise = torch.randn(x.shape, generator=generator)
        t = torch.randint(schedule.config.num_train_timesteps, (BATCH,), generator=generator)
        prediction = denoiser(schedule.add_noise(x, noise, t), t, ids)
        return (weights[t] * (prediction - noise).square().mean(dim=(1, 2, 3))).mean()

    average = train(denoiser, loss, plan, file)
    assert isinstance(average, Denoiser)
    return average


def _caption(scene: Scene, rng: random.Random, chunks: int) -> Sequence[str]:
    if rng.random() < DROPOUT:
        return ("",) * chunks
    return caption(scene, rng, chunks)


def tokens(tokenizer: Any, texts: Sequence[Sequence[str]]) -> torch.Tensor:
    """Tokenises captions with equal numbers of chunks; returns ids, [B, chunks, 77].

    Raises ValueError if a chunk is too long: nothing is cut off.
    """
    flat = [chunk for chunks in texts for chunk in chunks]
    ids = tokenizer(flat, padding="max_length", max_length=77).input_ids
    if any(len(row) > 77 for row in ids):
        raise ValueError("a chunk of a caption has more than 75 tokens")
    return torch.tensor(ids).view(len(texts), -1, 77)


def unknown_token(tokenizer: Any) -> int:
    """Returns a token that no caption contains; all untrained tokens get its trained embedding."""
    token: int = tokenizer.convert_tokens_to_ids("zzz</w>")
    return token


def loss_weights(alphas_cumprod: torch.Tensor) -> torch.Tensor:
    """Returns the loss weight of each timestep: min(SNR, gamma) / SNR, and more for noisy latents.

    With an SNR below 1, where the caption decides what an object becomes, the weight is
    1 / sqrt(SNR), at most 3.
    """
    snr = alphas_cumprod / (1 - alphas_cumprod)
    return snr.clamp(max=GAMMA) / snr * snr.rsqrt().clamp(1, NOISY)


def trained_tokens(tokenizer: Any, seed: int = 0) -> list[int]:
    """Returns the tokens of the first 2,000 pictures' captions, and the begin and end tokens."""
    rng = random.Random(0)
    texts = [caption(scene(number, seed), rng) for number in range(2000)]
    return sorted({int(token) for token in tokens(tokenizer, texts).unique()})
