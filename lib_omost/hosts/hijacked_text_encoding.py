"""Encodes bags with the text encoders that modules.sd_hijack wraps, as the host encodes a prompt.

A1111 has these text encoders, and the first generation of Forge (reForge, Forge Classic).
"""

from __future__ import annotations

import weakref
from collections.abc import Hashable, Sequence
from typing import Any

import torch
from modules import devices, prompt_parser, sd_hijack
from modules.shared import opts

from lib_omost.hosts.prompt_chunks import HostTextEncoder
from lib_omost.hosts.protocol import EncodedBags
from lib_omost.text.bags import Bag

REQUIRED_ATTRIBUTES = ("chunk_length", "hijack", "id_end", "id_start", "process_tokens", "tokenize")
"""Attributes of a wrapped CLIP text encoder; its class has another name in Forge Classic."""


def find_clip_models(model: Any) -> list[Any]:
    """Finds the CLIP text encoders of a model: one in SD1 and SD2, two in SDXL.

    Args:
        model: The host's loaded model.

    Returns:
        The text encoders in the order of their channels in the context.
    """
    conditioner = getattr(model, "conditioner", None)
    parts = [model.cond_stage_model] if conditioner is None else conditioner.embedders
    return [part for part in parts if all(hasattr(part, name) for name in REQUIRED_ATTRIBUTES)]


def build_text_encoders(model: Any) -> list[HostTextEncoder]:
    """Builds the HostTextEncoders of a model, in the host's current emphasis mode.

    Args:
        model: The host's loaded model.
    """
    return [
        HostTextEncoder(
            clip,
            embeddings=clip.hijack.embedding_db,
            fixes=clip.hijack,
            parse=_parse_emphasis,
            restores_mean=opts.emphasis == "Original",
        )
        for clip in find_clip_models(model)
    ]


def _parse_emphasis(text: str) -> list[Sequence[Any]]:
    """Parses a prompt into pieces and weights with the host's parser."""
    if opts.emphasis == "None":
        return [(text, 1.0)]
    pieces: list[Sequence[Any]] = prompt_parser.parse_prompt_attention(text)
    return pieces


def encode_bags(model: Any, bags: Sequence[Bag]) -> EncodedBags:
    """Encodes bags with all text encoders of a model and concatenates their channels.

    Args:
        model: The host's loaded model; its text encoders are on the device.
        bags: The bags.

    Returns:
        Context [bags, 77, C] and, on SDXL, the pooled vectors of the second text encoder.

    Raises:
        ValueError: A bag has more than 75 tokens.
    """
    with torch.no_grad(), devices.autocast():
        encoded = [encoder.encode(bags) for encoder in build_text_encoders(model)]
    return EncodedBags(torch.cat([z for z, _ in encoded], dim=2), encoded[-1][1])


def embeddings_key() -> Hashable:
    """Returns a key of the textual-inversion embeddings; the host creates new ones to reload them.

    Weak references identify them without extending their life.
    """
    return tuple(map(weakref.ref, sd_hijack.model_hijack.embedding_db.word_embeddings.values()))
