"""Bags through A1111's own text encoders, chunk by chunk as it encodes a prompt."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import torch
from modules import devices, prompt_parser
from modules.sd_hijack_clip import PromptChunk, PromptChunkFix, TextConditionalModel
from modules.shared import opts

from lib_omost.hosts.protocol import EncodedBags
from lib_omost.text.subprompt import Bag, SubPrompt

LARGEST_BATCH = 16
"""Chunks in one call: the encoder keeps the states of all layers, 13 MB a chunk for SDXL."""


def text_encoders(model: Any) -> list[TextConditionalModel]:
    """A model's CLIP text encoders: one for SD1 and SD2, two for SDXL, in the host's order."""
    conditioner = getattr(model, "conditioner", None)
    parts = [model.cond_stage_model] if conditioner is None else conditioner.embedders
    return [part for part in parts if isinstance(part, TextConditionalModel)]


def read_bag(encoder: TextConditionalModel, bag: Iterable[SubPrompt]) -> PromptChunk:
    """Tokenise a bag: tokens, weights and embeddings, without begin, end and padding.

    Plain text is text alone; webui syntax is read by the host's own parser, in its current mode.
    """
    chunk = PromptChunk()
    for sub_prompt in bag:
        if sub_prompt.syntax == "plain":
            tokens = encoder.tokenize([sub_prompt.text])[0]
            chunk.tokens += tokens
            chunk.multipliers += [1.0] * len(tokens)
        else:
            pieces = _weighted(sub_prompt.text)
            for tokens, (_, weight) in zip(
                encoder.tokenize([text for text, _ in pieces]), pieces, strict=True
            ):
                _add_words(encoder, chunk, tokens, weight)
    return chunk


def _weighted(text: str) -> list[tuple[str, float]]:
    if opts.emphasis == "None":
        return [(text, 1.0)]
    return [(piece, weight) for piece, weight in prompt_parser.parse_prompt_attention(text)]


def _add_words(
    encoder: TextConditionalModel, chunk: PromptChunk, tokens: list[int], weight: float
) -> None:
    """Add tokens of one weight; where they name an embedding, its vectors stand in for them."""
    position = 0
    while position < len(tokens):
        find = encoder.hijack.embedding_db.find_embedding_at_position
        embedding, length = find(tokens, position)
        added = tokens[position : position + 1]
        if embedding is not None:
            chunk.fixes.append(PromptChunkFix(len(chunk.tokens), embedding))
            added = [0] * int(embedding.vectors)
        chunk.tokens += added
        chunk.multipliers += [weight] * len(added)
        position += length or 1


def encode(model: Any, bags: Sequence[Bag]) -> EncodedBags:
    """Encode bags with all text encoders of a model, their contexts side by side.

    Raises ValueError for a bag of more than 75 tokens.
    """
    _move_to_device(model)
    with torch.no_grad(), devices.autocast():
        encoded = [_encode(encoder, bags) for encoder in text_encoders(model)]
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


def _encode(
    encoder: TextConditionalModel, bags: Sequence[Bag]
) -> tuple[torch.Tensor, torch.Tensor | None]:
    """Encode bags with one encoder: [bags, 77, C], and [bags, P] from one that pools."""
    chunks = [_closed(encoder, read_bag(encoder, bag)) for bag in bags]
    contexts: dict[int, torch.Tensor] = {}
    pooled: dict[int, torch.Tensor] = {}
    for batch in _batches(chunks, by_itself=opts.emphasis == "Original"):
        # The token embedding takes the fixes away with every call.
        encoder.hijack.fixes = [chunks[i].fixes for i in batch]
        z = encoder.process_tokens(
            [chunks[i].tokens for i in batch], [chunks[i].multipliers for i in batch]
        )
        contexts |= zip(batch, z, strict=True)
        if encoder.return_pooled:
            pooled |= zip(batch, z.pooled, strict=True)
    order = range(len(chunks))
    return (
        torch.stack([contexts[i] for i in order]),
        torch.stack([pooled[i] for i in order]) if pooled else None,
    )


def _closed(encoder: TextConditionalModel, chunk: PromptChunk) -> PromptChunk:
    """Put a chunk between begin and end tokens, padded to 77."""
    padding = encoder.chunk_length - len(chunk.tokens)
    if padding < 0:
        raise ValueError(
            f"a bag has {len(chunk.tokens)} tokens; {encoder.chunk_length} is the most"
        )
    chunk.tokens = [encoder.id_start, *chunk.tokens, *[encoder.id_end] * (padding + 1)]
    chunk.multipliers = [1.0, *chunk.multipliers, *[1.0] * (padding + 1)]
    return chunk


def _batches(chunks: Sequence[PromptChunk], by_itself: bool) -> Iterator[list[int]]:
    """The chunks that are encoded in one call, by number.

    by_itself: a weighted chunk needs a call of its own, because "Original" emphasis restores the
    mean of all that is in the call.
    """
    weighted = {
        i for i, chunk in enumerate(chunks) if by_itself and any(m != 1 for m in chunk.multipliers)
    }
    yield from ([i] for i in sorted(weighted))
    plain = [i for i in range(len(chunks)) if i not in weighted]
    for start in range(0, len(plain), LARGEST_BATCH):
        yield plain[start : start + LARGEST_BATCH]
