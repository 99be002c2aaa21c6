"""Bags through Forge's own text engines, chunk by chunk as it encodes a prompt."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import torch
from backend import memory_management
from backend.text_processing.classic_engine import ClassicTextProcessingEngine
from backend.text_processing.emphasis import get_current_option
from backend.text_processing.parsing import parse_prompt_attention
from modules.shared import opts

from lib_omost.hosts.chunks import TextEncoder
from lib_omost.hosts.protocol import EncodedBags
from lib_omost.text.subprompt import Bag

ENGINES = ("text_processing_engine", "text_processing_engine_l", "text_processing_engine_g")
"""Where a model keeps its CLIP engines: SD1 and SD2 the first, SDXL the others in this order."""


def clip_engines(model: Any) -> list[ClassicTextProcessingEngine]:
    """A model's CLIP engines: one for SD1 and SD2, two for SDXL, in the host's order."""
    found = [getattr(model, name, None) for name in ENGINES]
    return [engine for engine in found if isinstance(engine, ClassicTextProcessingEngine)]


def text_encoders(model: Any) -> list[TextEncoder]:
    """The same, set to the emphasis mode of the moment as Forge sets them before every prompt."""
    engines = clip_engines(model)
    for engine in engines:
        engine.emphasis = get_current_option(opts.emphasis)()
    return [
        TextEncoder(
            engine,
            embeddings=engine.embeddings,
            fixes=engine.embeddings,
            parse=partial(parse_prompt_attention, emphasis=engine.emphasis.name),
            restores_mean=engine.emphasis.name == "Original",
        )
        for engine in engines
    ]


@torch.inference_mode()
def encode(model: Any, bags: Sequence[Bag]) -> EncodedBags:
    """Encode bags with all text engines of a model, their contexts side by side.

    Raises ValueError for a bag of more than 75 tokens.
    """
    model.set_clip_skip(int(opts.CLIP_stop_at_last_layers))
    memory_management.load_model_gpu(model.forge_objects.clip.patcher)
    encoded = [encoder.encode(bags) for encoder in text_encoders(model)]
    return EncodedBags(torch.cat([z for z, _ in encoded], dim=2), encoded[-1][1])
