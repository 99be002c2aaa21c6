"""The painter that ships: a small SD1, stored with the token rows that its training touched.

`python -m lib_omost.renderer.demo_painter FOLDER` writes it for other programs: FOLDER/diffusers,
and FOLDER/painter.safetensors with its description for A1111.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch

from lib_omost.renderer.architectures import Configs, empty_models, read_configs, restore_buffers
from lib_omost.renderer.ldm_config import ldm_config, write_clip_folder
from lib_omost.renderer.ldm_format import to_ldm
from lib_omost.renderer.pipeline_loading import assemble, keep_quiet

FOLDER = Path(__file__).parents[1] / "models" / "painter"
WEIGHTS = "weights.safetensors"
TOKENS = "tokens.json"
"""The ids of the stored token rows in ascending order, the unknown token's among them."""
UNKNOWN = "unknown"
ROWS = "token_embedding.weight"
PARTS = ("unet", "vae", "text_encoder")


def pipeline(folder: Path = FOLDER) -> Any:
    """Load the painter as a pipeline, in float32 on the CPU."""
    from safetensors.torch import load_file

    parts = read_configs(folder)
    stored = json.loads((folder / TOKENS).read_text())
    weights = {name: value.float() for name, value in load_file(folder / WEIGHTS).items()}
    models = empty_models(parts)
    for part, model in models.items():
        state = {
            name.removeprefix(f"{part}."): value
            for name, value in weights.items()
            if name.startswith(f"{part}.")
        }
        if part == "text_encoder":
            rows = next(name for name in state if name.endswith(ROWS))
            vocabulary = parts[part]["vocab_size"]
            state[rows] = expand(state[rows], stored["tokens"], stored[UNKNOWN], vocabulary)
        model.to_empty(device="cpu")
        restore_buffers(model)
        model.load_state_dict(state)
        model.eval()
    return assemble("sd1", parts, models)


def save(
    folder: Path,
    parts: Configs,
    models: Mapping[str, torch.nn.Module],
    tokens: Sequence[int],
    unknown: int,
) -> None:
    """Write a painter in half precision, with the rows of these tokens and of the unknown one."""
    from safetensors.torch import save_file

    kept = sorted({*tokens, unknown})
    weights: dict[str, torch.Tensor] = {}
    for part in PARTS:
        for name, _ in models[part].named_parameters():
            value = models[part].get_parameter(name).detach()
            if name.endswith(ROWS):
                value = value[kept]
            weights[f"{part}.{name}"] = value.half().contiguous()
    folder.mkdir(parents=True, exist_ok=True)
    save_file(weights, folder / WEIGHTS)
    (folder / TOKENS).write_text(json.dumps({UNKNOWN: unknown, "tokens": kept}) + "\n")
    for part, config in parts.items():
        name = "scheduler_config.json" if part == "scheduler" else "config.json"
        (folder / part).mkdir(exist_ok=True)
        (folder / part / name).write_text(json.dumps(config, indent=2) + "\n")


def expand(
    rows: torch.Tensor, tokens: Sequence[int], unknown: int, vocabulary: int
) -> torch.Tensor:
    """Put token rows where they belong; all other tokens get the unknown one's."""
    full = rows[list(tokens).index(unknown)].repeat(vocabulary, 1)
    full[list(tokens)] = rows
    return full


def write_checkpoint(painter: Any, file: Path) -> None:
    """Write a pipeline of SD1's architecture as a checkpoint that A1111 loads.

    file: ends in .safetensors; beside it are put the description and the CLIP folder that A1111
    needs for unusual widths.
    """
    from safetensors.torch import save_file

    parts: Configs = {part: dict(getattr(painter, part).config) for part in ("unet", "vae")}
    parts["text_encoder"] = painter.text_encoder.config.to_dict()
    parts["scheduler"] = dict(painter.scheduler.config)
    weights = to_ldm(
        "sd1",
        painter.unet.state_dict(),
        painter.vae.state_dict(),
        (painter.text_encoder.state_dict(),),
    )
    clip = file.absolute().with_name(f"{file.stem}-clip")
    write_clip_folder(clip, parts["text_encoder"])
    file.with_suffix(".yaml").write_text(ldm_config("sd1", parts, str(clip)))
    save_file({name: value.half().contiguous() for name, value in weights.items()}, file)


def main() -> None:
    """Write the painter for other programs."""
    parser = argparse.ArgumentParser(
        prog="python -m lib_omost.renderer.demo_painter",
        description="Write the painter as a diffusers folder and as a checkpoint for A1111.",
    )
    parser.add_argument("folder", type=Path, metavar="FOLDER")
    folder = parser.parse_args().folder
    keep_quiet()
    painter = pipeline()
    painter.save_pretrained(folder / "diffusers")
    write_checkpoint(painter, folder / "painter.safetensors")


if __name__ == "__main__":
    main()
