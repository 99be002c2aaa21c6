"""Bags through A1111's own text encoders, chunk by chunk as it encodes a prompt."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from modules import devices, prompt_parser
from modules.sd_hijack_clip import TextConditionalModel
from modules.shared import opts

from lib_omost.hosts.prompt_chunks import HostTextEncoder
from lib_omost.hosts.protocol import EncodedBags
from lib_omost.text.sub_prompt import Bag


def clip_models(model: Any) -> list[TextConditionalModel]:
    """A model's CLIP text models: one for SD1 and SD2, two for SDXL, in the host's order."""
    conditioner = getattr(model, "conditioner", None)
    parts = [model.cond_stage_model] if conditioner is None else conditioner.embedders
    return [part for part in parts if isinstance(part, TextConditionalModel)]


def text_encoders(model: Any) -> list[HostTextEncoder]:
    """The same, as they encode bags in the emphasis mode of the moment."""
    return [
        HostTextEncoder(
            clip,
            embeddings=clip.hijack.embedding_db,
            fixes=clip.hijack,
            parse=_weighted,
            restores_mean=opts.emphasis == "Original",
        )
        for clip in clip_models(model)
    ]


def _weighted(text: str) -> list[Sequence[Any]]:
    if opts.emphasis == "None":
        return [(text, 1.0)]
    pieces: list[Sequence[Any]] = prompt_parser.parse_prompt_attention(text)
    return pieces


def encode(model: Any, bags: Sequence[Bag]) -> EncodedBags:
    """Encode bags with all text encoders of a model, their contexts side by side.

    Raises ValueError for a bag of more than 75 tokens.
    """
    _move_to_device(model)
    with torch.no_grad(), devices.autocast():
        encoded = [encoder.encode(bags) for encoder in text_encoders(model)]
    return EncodedBags(torch.cat([z for z, _ in encoded], dim=2), encoded[-1][1])


def _move_to_device(model: Any) -> None:
    """Run the hooks that bring SDXL's text encoders to the GPU under medvram and lowvram.

    They hang on the conditioner, and calling one of its encoders passes them by. On SD1 and SD2
    they hang on the encoder's own modules.
    """
    conditioner = getattr(model, "conditioner", None)
    if conditioner is not None:
        for hook in list(conditioner._forward_pre_hooks.values()):
            hook(conditioner, ())
