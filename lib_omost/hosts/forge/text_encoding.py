"""Bags through Forge's own text engines, chunk by chunk as it encodes a prompt."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from functools import partial
from typing import Any

import torch
from backend import memory_management
from backend.text_processing.parsing import parse_prompt_attention
from modules.shared import opts

from lib_omost.hosts.prompt_chunks import HostTextEncoder
from lib_omost.hosts.protocol import EncodedBags
from lib_omost.text.sub_prompt import Bag

ENGINES = ("text_processing_engine", "text_processing_engine_l", "text_processing_engine_g")
"""Where a model keeps its CLIP engines: SD1 and SD2 the first, SDXL the others in this order."""

ENGINE_PARTS = (
    "chunk_length",
    "embeddings",
    "emphasis",
    "id_end",
    "id_start",
    "process_tokens",
    "return_pooled",
    "tokenize",
)
"""What we use of a CLIP engine. An engine of another text encoder lacks some of it."""


def clip_engines(model: Any) -> list[Any]:
    """Find a model's CLIP engines: one for SD1 and SD2, two for SDXL, in the host's order.

    An engine counts by what it can do: its class has another name in each generation of Forge.
    """
    found = [getattr(model, name, None) for name in ENGINES]
    return [engine for engine in found if all(hasattr(engine, part) for part in ENGINE_PARTS)]


def text_encoders(model: Any) -> list[HostTextEncoder]:
    """Return a model's CLIP engines, set to the emphasis mode of the moment."""
    return [text_encoder(engine) for engine in clip_engines(model)]


def text_encoder(engine: Any) -> HostTextEncoder:
    """Return one engine, set to the emphasis mode as Forge sets it before every prompt.

    An engine whose `emphasis` is a property follows the mode by itself.
    """
    if not isinstance(getattr(type(engine), "emphasis", None), property):
        from backend.text_processing.emphasis import get_current_option

        engine.emphasis = get_current_option(opts.emphasis)()
    emphasis = engine.emphasis.name
    return HostTextEncoder(
        engine,
        embeddings=engine.embeddings,
        fixes=engine.embeddings,
        parse=partial(parse_prompt_attention, emphasis=emphasis),
        restores_mean=emphasis == "Original",
    )


def patches_key(patcher: Any) -> Hashable:
    """Return what tells apart the sets of LoRAs that are laid over a text encoder.

    Forge lists them. Forge Neo draws a new id whenever they change.
    """
    if hasattr(patcher, "patches_uuid"):
        return str(patcher.patches_uuid)
    return tuple(patcher.lora_patches)


@torch.inference_mode()
def encode(model: Any, bags: Sequence[Bag]) -> EncodedBags:
    """Encode bags with all text engines of a model, their contexts side by side.

    Raises ValueError for a bag of more than 75 tokens.
    """
    model.set_clip_skip(int(opts.CLIP_stop_at_last_layers))
    memory_management.load_model_gpu(model.forge_objects.clip.patcher)
    encoded = [encoder.encode(bags) for encoder in text_encoders(model)]
    return EncodedBags(torch.cat([z for z, _ in encoded], dim=2), encoded[-1][1])
