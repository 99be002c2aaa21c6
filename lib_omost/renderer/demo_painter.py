"""Loads the demonstration painter, a small SD1 model that is part of the repository."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch

from lib_omost.renderer.architectures import empty_models, read_configs, restore_buffers
from lib_omost.renderer.pipeline_loading import assemble_pipeline

FOLDER = Path(__file__).parents[1] / "models" / "painter"

WEIGHTS_FILE = "weights.safetensors"
"""Weights in float16; names are "<component>.<diffusers' name>"."""

TOKENS_FILE = "tokens.json"
"""Token ids of the stored rows of the token embedding, in ascending order, as "tokens".

The id under the key "unknown" is one of them. Tokens without a stored row use its row.
"""

TOKEN_EMBEDDING = "token_embedding.weight"


def load_painter(folder: Path = FOLDER) -> Any:
    """Loads the painter as a diffusers pipeline, in float32 on the CPU.

    Args:
        folder: A folder in the format that `model_tools.painter_files.save_painter` writes.
    """
    from safetensors.torch import load_file

    configs = read_configs(folder)
    stored = json.loads((folder / TOKENS_FILE).read_text())
    weights = {name: value.float() for name, value in load_file(folder / WEIGHTS_FILE).items()}
    models = empty_models(configs)
    for component, model in models.items():
        state = {
            name.removeprefix(f"{component}."): value
            for name, value in weights.items()
            if name.startswith(f"{component}.")
        }
        if component == "text_encoder":
            name = next(name for name in state if name.endswith(TOKEN_EMBEDDING))
            vocabulary = configs[component]["vocab_size"]
            state[name] = expand_rows(state[name], stored["tokens"], stored["unknown"], vocabulary)
        model.to_empty(device="cpu")
        restore_buffers(model)
        model.load_state_dict(state)
        model.eval()
    return assemble_pipeline("sd1", configs, models)


def expand_rows(
    rows: torch.Tensor, tokens: Sequence[int], unknown: int, vocabulary: int
) -> torch.Tensor:
    """Expands the stored rows of a token embedding to the whole vocabulary.

    Args:
        rows: One row per stored token, [len(tokens), C].
        tokens: The token id of each row.
        unknown: Id of the token whose row all other tokens get.
        vocabulary: Number of tokens in the vocabulary.

    Returns:
        One row per token of the vocabulary, [vocabulary, C].
    """
    expanded = rows[list(tokens).index(unknown)].repeat(vocabulary, 1)
    expanded[list(tokens)] = rows
    return expanded
