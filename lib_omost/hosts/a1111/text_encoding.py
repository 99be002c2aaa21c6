"""Encodes bags with A1111's own text encoders, chunk by chunk as A1111 encodes a prompt."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from modules import devices, prompt_parser
from modules.sd_hijack_clip import TextConditionalModel
from modules.shared import opts

from lib_omost.hosts.prompt_chunks import HostTextEncoder
from lib_omost.hosts.protocol import EncodedBags
from lib_omost.text.bags import Bag


def find_clip_models(model: Any) -> list[TextConditionalModel]:
    """Finds the CLIP text encoders of a model: one in SD1 and SD2, two in SDXL.

    Args:
        model: The host's loaded model.

    Returns:
        The text encoders in the order of their channels in the context.
    """
    conditioner = getattr(model, "conditioner", None)
    parts = [model.cond_stage_model] if conditioner is None else conditioner.embedders
    return [part for part in parts if isinstance(part, TextConditionalModel)]


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
        model: The host's loaded model.
        bags: The bags.

    Returns:
        Context [bags, 77, C] and, on SDXL, the pooled vectors of the second text encoder.

    Raises:
        ValueError: A bag has more than 75 tokens.
    """
    _move_to_device(model)
    with torch.no_grad(), devices.autocast():
        encoded = [encoder.encode(bags) for encoder in build_text_encoders(model)]
    return EncodedBags(torch.cat([z for z, _ in encoded], dim=2), encoded[-1][1])


def _move_to_device(model: Any) -> None:
    """Runs the hooks that move SDXL's text encoders to the GPU under medvram and lowvram.

    The hooks belong to the conditioner, and a call of one of its text encoders does not run them.
    On SD1 and SD2 they belong to the text encoder's own modules.
    """
    conditioner = getattr(model, "conditioner", None)
    if conditioner is not None:
        for hook in list(conditioner._forward_pre_hooks.values()):
            hook(conditioner, ())
