"""Encodes bags with Forge's own text engines, chunk by chunk as Forge encodes a prompt."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from functools import partial
from typing import Any

import torch
from backend.text_processing.parsing import parse_prompt_attention
from modules.shared import opts

from lib_omost.hosts.prompt_chunks import HostTextEncoder
from lib_omost.hosts.protocol import EncodedBags
from lib_omost.text.bags import Bag

ENGINE_ATTRIBUTES = (
    "text_processing_engine",
    "text_processing_engine_l",
    "text_processing_engine_g",
)
"""Attributes of a model that hold its CLIP engines: the first on SD1 and SD2, else the others."""

REQUIRED_ATTRIBUTES = (
    "chunk_length",
    "embeddings",
    "emphasis",
    "id_end",
    "id_start",
    "process_tokens",
    "return_pooled",
    "tokenize",
)
"""Attributes of a CLIP engine; engines of other text encoders lack some of them."""


def find_clip_engines(model: Any) -> list[Any]:
    """Finds the CLIP engines of a model: one in SD1 and SD2, two in SDXL.

    Engines are recognised by their attributes, because the class has another name in each
    generation of Forge.

    Args:
        model: The host's loaded model.

    Returns:
        The engines in the order of their channels in the context.
    """
    engines = [getattr(model, name, None) for name in ENGINE_ATTRIBUTES]
    return [
        engine for engine in engines if all(hasattr(engine, name) for name in REQUIRED_ATTRIBUTES)
    ]


def build_text_encoders(model: Any) -> list[HostTextEncoder]:
    """Builds the HostTextEncoders of a model, in the host's current emphasis mode.

    Args:
        model: The host's loaded model.
    """
    return [_build_text_encoder(engine) for engine in find_clip_engines(model)]


def _build_text_encoder(engine: Any) -> HostTextEncoder:
    """Builds the HostTextEncoder of an engine and sets the engine's emphasis mode.

    Forge sets the mode before every prompt. An engine whose `emphasis` is a property reads the mode
    from the settings.
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


@torch.inference_mode()
def encode_bags(model: Any, bags: Sequence[Bag]) -> EncodedBags:
    """Encodes bags with all text engines of a model and concatenates their channels.

    Args:
        model: The host's loaded model; its text encoders are on the device.
        bags: The bags.

    Returns:
        Context [bags, 77, C] and, on SDXL, the pooled vectors of the second text encoder.

    Raises:
        ValueError: A bag has more than 75 tokens.
    """
    model.set_clip_skip(int(opts.CLIP_stop_at_last_layers))
    encoded = [encoder.encode(bags) for encoder in build_text_encoders(model)]
    return EncodedBags(torch.cat([z for z, _ in encoded], dim=2), encoded[-1][1])


def embeddings_key() -> Hashable:
    """Returns a constant, because Forge reads embeddings only when it loads a checkpoint."""
    return ()
