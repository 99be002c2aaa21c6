"""The painter's UNet and text encoder, trained together to predict the noise in latents."""

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
"""The part of captions left out, so that guidance has an unconditional prediction."""
CHUNKS = (1, 1, 2)
"""How many chunks the captions of a step have, each count as often as it stands here."""
UNKNOWN = 0.02
"""The part of tokens hidden behind the unknown one, which stands for all untrained words."""
GAMMA = 5.0
"""Where the weight of nearly clean latents is cut (Min-SNR, arXiv:2303.09556, section 3.4)."""
NOISY = 3.0
"""Where the weight of very noisy latents is cut."""


class Denoiser(torch.nn.Module):
    """UNet and text encoder as one module."""

    def __init__(self, unet: Any, text_encoder: Any) -> None:
        super().__init__()
        self.unet, self.text_encoder = unet, text_encoder

    def forward(self, x: torch.Tensor, t: torch.Tensor, ids: torch.Tensor) -> torch.Tensor:
        """Predict the noise.

        x: [B, 4, H, W]; t: [B]; ids: [B, chunks, 77], each chunk encoded by itself.
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
    """Train on scaled latents of pictures 0, 1, ...; file: the checkpoint."""
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
    """Tokenise captions of equally many chunks; [B, chunks, 77].

    Raises ValueError when a chunk is too long: nothing is cut.
    """
    flat = [chunk for chunks in texts for chunk in chunks]
    ids = tokenizer(flat, padding="max_length", max_length=77).input_ids
    if any(len(row) > 77 for row in ids):
        raise ValueError("a chunk of a caption has more than 75 tokens")
    return torch.tensor(ids).view(len(texts), -1, 77)


def unknown_token(tokenizer: Any) -> int:
    """A token that no caption holds: its trained row is given to all untrained ones."""
    token: int = tokenizer.convert_tokens_to_ids("zzz</w>")
    return token


def loss_weights(alphas_cumprod: torch.Tensor) -> torch.Tensor:
    """The weight of each time in the loss on noise: min(SNR, gamma) / SNR, more where it is noisy.

    Below an SNR of 1, where words decide what an object becomes, it is 1 / sqrt(SNR), at most 3.
    """
    snr = alphas_cumprod / (1 - alphas_cumprod)
    return snr.clamp(max=GAMMA) / snr * snr.rsqrt().clamp(1, NOISY)


def trained_tokens(tokenizer: Any, seed: int = 0) -> list[int]:
    """The tokens of the captions of the first 2,000 pictures, and the marks."""
    rng = random.Random(0)
    texts = [caption(scene(number, seed), rng) for number in range(2000)]
    return sorted({int(token) for token in tokens(tokenizer, texts).unique()})
