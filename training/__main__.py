"""Trains the demonstration models: `python -m training painter|decoder|composer`.

Training stores checkpoints in --work every ten minutes. The same command continues from the last
checkpoint. The finished model is written to lib_omost/models.
"""

from __future__ import annotations

import argparse
import ctypes
import sys
from pathlib import Path
from typing import Any

import torch
from diffusers.utils import logging

from lib_omost.llm.model_catalog import COMPOSER_FOLDER
from lib_omost.renderer import demo_painter
from lib_omost.renderer.architectures import Configs, read_configs
from lib_omost.renderer.pipeline_loading import load_tokenizers
from model_tools.painter_files import save_painter
from training.composer.architecture import new_tokenizer, save
from training.composer.language_model import STEPS as COMPOSER_STEPS
from training.composer.language_model import train_composer
from training.loop import Plan
from training.painter.architecture import new_part, painter_configs
from training.painter.autoencoder import train_autoencoder
from training.painter.denoiser import Denoiser, train_denoiser, trained_tokens, unknown_token
from training.painter.latents import latents, scaling_factor


def main() -> None:
    """Parses the command line and trains a model."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    models = parser.add_subparsers(dest="model", required=True)
    painter = models.add_parser("painter", help="train the image model (3 to 4 hours on 2 cores)")
    painter.add_argument("--autoencoder-steps", type=int, default=900)
    painter.add_argument("--pictures", type=int, default=8000)
    painter.add_argument("--denoiser-steps", type=int, default=9000)
    decoder = models.add_parser(
        "decoder", help="train the decoder of the stored image model further (half an hour)"
    )
    decoder.add_argument("--steps", type=int, default=1000)
    composer = models.add_parser(
        "composer", help="train the language model (an hour and a half on one core)"
    )
    composer.add_argument("--steps", type=int, default=COMPOSER_STEPS)
    for model in (painter, decoder, composer):
        model.add_argument("--seed", type=int, default=0)
        model.add_argument("--work", type=Path, default=Path("out/training"))
        model.add_argument("--threads", type=int, default=torch.get_num_threads())
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    keep_freed_memory()
    logging.set_verbosity_error()
    commands = {
        "painter": train_painter,
        "decoder": train_decoder,
        "composer": train_small_composer,
    }
    commands[options.model](options)


def keep_freed_memory() -> None:
    """Makes glibc reuse freed memory instead of returning it to the system.

    Page faults took a third of the time: encoding 16 pictures of 128x128 took 1.4 s without this
    setting and 0.9 s with it. On other systems the function does nothing.
    """
    if sys.platform == "linux" and hasattr(libc := ctypes.CDLL(None), "mallopt"):
        trim_threshold, most_mapped = -1, -4  # M_TRIM_THRESHOLD and M_MMAP_MAX of malloc.h
        libc.mallopt(trim_threshold, 2**31 - 1)
        libc.mallopt(most_mapped, 0)


def train_painter(options: argparse.Namespace) -> None:
    """Trains autoencoder, UNet and text encoder and writes lib_omost/models/painter."""
    vae = train_autoencoder(
        new_part("vae", options.seed),
        options.work / "autoencoder.pt",
        options.autoencoder_steps,
        options.seed,
    )
    encoded = latents(vae, options.pictures, options.work / "latents.pt", options.seed)
    factor = scaling_factor(encoded)
    denoiser = train_denoiser(
        Denoiser(new_part("unet", options.seed), new_part("text_encoder", options.seed)),
        encoded * factor,
        options.work / "denoiser.pt",
        Plan(options.denoiser_steps, rate=1e-3, matrix_rate=0.02),
        options.seed,
    )
    parts = painter_configs()
    parts["vae"]["scaling_factor"] = factor
    write_painter(parts, vae, denoiser, options.seed)


def train_decoder(options: argparse.Namespace) -> None:
    """Trains the shipped painter's decoder further, on new pictures; its latents stay the same."""
    painter = demo_painter.load_painter()
    painter.vae.encoder.requires_grad_(False)
    painter.vae.quant_conv.requires_grad_(False)
    file = options.work / "decoder.pt"
    vae = train_autoencoder(painter.vae, file, options.steps, options.seed + 1)
    denoiser = Denoiser(painter.unet, painter.text_encoder)
    write_painter(read_configs(demo_painter.FOLDER), vae, denoiser, options.seed)


def write_painter(parts: Configs, vae: Any, denoiser: Denoiser, seed: int) -> None:
    """Writes lib_omost/models/painter with the token embeddings that the captions use."""
    models = {"unet": denoiser.unet, "vae": vae, "text_encoder": denoiser.text_encoder}
    tokenizer = load_tokenizers("sd1")["tokenizer"]
    tokens = trained_tokens(tokenizer, seed)
    save_painter(demo_painter.FOLDER, parts, models, tokens, unknown_token(tokenizer))


def train_small_composer(options: argparse.Namespace) -> None:
    """Trains the composer and writes lib_omost/models/composer."""
    tokenizer = new_tokenizer(options.seed)
    model = train_composer(tokenizer, options.work, options.steps, options.seed)
    save(model, tokenizer, COMPOSER_FOLDER)


if __name__ == "__main__":
    main()
