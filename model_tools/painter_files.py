"""Writes the demonstration painter: after training, for diffusers, and for A1111.

`python -m model_tools.painter_files FOLDER` writes FOLDER/diffusers, and the checkpoint
FOLDER/painter.safetensors with the configuration that A1111 needs beside it.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch

from lib_omost.renderer.architectures import Configs
from lib_omost.renderer.demo_painter import (
    TOKEN_EMBEDDING,
    TOKENS_FILE,
    WEIGHTS_FILE,
    load_painter,
)
from lib_omost.renderer.pipeline_loading import silence_libraries
from model_tools.a1111_config import a1111_config, write_clip_folder
from model_tools.ldm_format import to_ldm

COMPONENTS = ("unet", "vae", "text_encoder")


def save_painter(
    folder: Path,
    configs: Configs,
    models: Mapping[str, torch.nn.Module],
    tokens: Sequence[int],
    unknown: int,
) -> None:
    """Writes a trained painter in float16, with only the token embeddings that training changed.

    Args:
        folder: The folder to write; `lib_omost.renderer.demo_painter` reads it.
        configs: The configurations of the components and of the scheduler.
        models: The trained components.
        tokens: Ids of the tokens that the training captions contain.
        unknown: Id of the token that stands for all other tokens.
    """
    from safetensors.torch import save_file

    stored_tokens = sorted({*tokens, unknown})
    weights: dict[str, torch.Tensor] = {}
    for component in COMPONENTS:
        for name, parameter in models[component].named_parameters():
            value = parameter.detach()
            if name.endswith(TOKEN_EMBEDDING):
                value = value[stored_tokens]
            weights[f"{component}.{name}"] = value.half().contiguous()
    folder.mkdir(parents=True, exist_ok=True)
    save_file(weights, folder / WEIGHTS_FILE)
    token_ids = {"unknown": unknown, "tokens": stored_tokens}
    (folder / TOKENS_FILE).write_text(json.dumps(token_ids) + "\n")
    for component, config in configs.items():
        name = "scheduler_config.json" if component == "scheduler" else "config.json"
        (folder / component).mkdir(exist_ok=True)
        (folder / component / name).write_text(json.dumps(config, indent=2) + "\n")


def write_checkpoint(pipeline: Any, file: Path) -> None:
    """Writes an SD1 pipeline as a checkpoint file that A1111 loads.

    Args:
        pipeline: A diffusers pipeline with SD1's components, of any width.
        file: The .safetensors file to write. A .yaml configuration and a CLIP folder are written
            beside it, because A1111 needs them for widths other than SD1's.
    """
    from safetensors.torch import save_file

    configs: Configs = {name: dict(getattr(pipeline, name).config) for name in ("unet", "vae")}
    configs["text_encoder"] = pipeline.text_encoder.config.to_dict()
    configs["scheduler"] = dict(pipeline.scheduler.config)
    weights = to_ldm(
        "sd1",
        pipeline.unet.state_dict(),
        pipeline.vae.state_dict(),
        (pipeline.text_encoder.state_dict(),),
    )
    clip = file.absolute().with_name(f"{file.stem}-clip")
    write_clip_folder(clip, configs["text_encoder"])
    file.with_suffix(".yaml").write_text(a1111_config("sd1", configs, str(clip)))
    save_file({name: value.half().contiguous() for name, value in weights.items()}, file)


def main() -> None:
    """Writes the painter for other programs."""
    parser = argparse.ArgumentParser(
        prog="python -m model_tools.painter_files",
        description="Write the demonstration painter as a diffusers folder and as a checkpoint "
        "for A1111.",
    )
    parser.add_argument("folder", type=Path, metavar="FOLDER")
    folder = parser.parse_args().folder
    silence_libraries()
    painter = load_painter()
    painter.save_pretrained(folder / "diffusers")
    write_checkpoint(painter, folder / "painter.safetensors")


if __name__ == "__main__":
    main()
