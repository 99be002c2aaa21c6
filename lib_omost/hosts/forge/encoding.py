"""Bags through Forge's own text engines, chunk by chunk as it encodes a prompt."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import torch
from backend.text_processing import emphasis, parsing
from backend.text_processing.classic_engine import (
    ClassicTextProcessingEngine,
    PromptChunk,
    PromptChunkFix,
)
from modules.shared import opts

from lib_omost.text.subprompt import Bag, SubPrompt

LARGEST_BATCH = 16
"""Chunks in one call: the engine keeps the states of all layers, 13 MB a chunk for SDXL."""


def read_bag(engine: ClassicTextProcessingEngine, bag: Iterable[SubPrompt]) -> PromptChunk:
    """Tokenise a bag: tokens, weights and embeddings, without begin, end and padding.

    Plain text is text alone; webui syntax is read by Forge's own parser, in its current mode.
    """
    engine.emphasis = emphasis.get_current_option(opts.emphasis)()
    chunk = PromptChunk()
    for sub_prompt in bag:
        if sub_prompt.syntax == "plain":
            tokens = engine.tokenize([sub_prompt.text])[0]
            chunk.tokens += tokens
            chunk.multipliers += [1.0] * len(tokens)
        else:
            for text, weight in parsing.parse_prompt_attention(
                sub_prompt.text, engine.emphasis.name
            ):
                _add_words(engine, chunk, engine.tokenize([text])[0], weight)
    return chunk


def _add_words(
    engine: ClassicTextProcessingEngine, chunk: PromptChunk, tokens: list[int], weight: float
) -> None:
    """Add tokens of one weight; where they name an embedding, its vectors stand in for them."""
    position = 0
    while position < len(tokens):
        embedding, length = engine.embeddings.find_embedding_at_position(tokens, position)
        added = tokens[position : position + 1]
        if embedding is not None:
            chunk.fixes.append(PromptChunkFix(len(chunk.tokens), embedding))
            added = [0] * int(embedding.vectors)
        chunk.tokens += added
        chunk.multipliers += [weight] * len(added)
        position += length or 1


def encode(
    engine: ClassicTextProcessingEngine, bags: Sequence[Bag]
) -> tuple[torch.Tensor, torch.Tensor | None]:
    """Encode bags with one engine: [bags, 77, C], and [bags, P] from an engine that pools.

    Raises ValueError for a bag of more than 75 tokens.
    """
    chunks = [_closed(engine, read_bag(engine, bag)) for bag in bags]
    contexts: dict[int, torch.Tensor] = {}
    pooled: dict[int, torch.Tensor] = {}
    for batch in _batches(chunks, by_itself=engine.emphasis.name == "Original"):
        # The token embedding takes the fixes away with every call.
        engine.embeddings.fixes = [chunks[i].fixes for i in batch]
        z = engine.process_tokens(
            [chunks[i].tokens for i in batch], [chunks[i].multipliers for i in batch]
        )
        contexts |= zip(batch, z, strict=True)
        if engine.return_pooled:
            pooled |= zip(batch, z.pooled, strict=True)
    order = range(len(chunks))
    return (
        torch.stack([contexts[i] for i in order]),
        torch.stack([pooled[i] for i in order]) if pooled else None,
    )


def _closed(engine: ClassicTextProcessingEngine, chunk: PromptChunk) -> PromptChunk:
    """Put a chunk between begin and end tokens, padded to 77."""
    padding = engine.chunk_length - len(chunk.tokens)
    if padding < 0:
        raise ValueError(f"a bag has {len(chunk.tokens)} tokens; {engine.chunk_length} is the most")
    chunk.tokens = [engine.id_start, *chunk.tokens, *[engine.id_end] * (padding + 1)]
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
