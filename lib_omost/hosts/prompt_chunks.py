"""Bags as the chunks that A1111 and Forge encode: token ids, weights, and embeddings."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import torch

from lib_omost.text.sub_prompt import Bag, SubPrompt

LARGEST_BATCH = 16
"""Chunks in one call: the encoder keeps the states of all layers, 13 MB a chunk for SDXL."""


class ChunkFix(NamedTuple):
    """A textual-inversion embedding and where in the chunk its vectors go."""

    offset: int
    embedding: Any


@dataclass
class PromptChunk:
    """Tokens, the weight of each, and the embeddings that stand in for some of them."""

    tokens: list[int] = field(default_factory=list)
    multipliers: list[float] = field(default_factory=list)
    fixes: list[ChunkFix] = field(default_factory=list)


@dataclass(frozen=True)
class HostTextEncoder:
    """One of a model's CLIP text encoders, as its host names things.

    clip: has tokenize, process_tokens, id_start, id_end, chunk_length and return_pooled.
    embeddings: has find_embedding_at_position. fixes: what holds the list `fixes`, by which the
    host's token embedding learns where embeddings go.
    parse: webui syntax to pieces of text and their weights, in the host's current mode.
    restores_mean: whether emphasis restores the mean of all that is in a call ("Original").
    """

    clip: Any
    embeddings: Any
    fixes: Any
    parse: Callable[[str], Iterable[Sequence[Any]]]
    restores_mean: bool

    def read(self, bag: Iterable[SubPrompt]) -> PromptChunk:
        """Tokenise a bag, without begin, end and padding; plain text is text alone."""
        chunk = PromptChunk()
        for sub_prompt in bag:
            if sub_prompt.syntax == "plain":
                tokens = self.clip.tokenize([sub_prompt.text])[0]
                chunk.tokens += tokens
                chunk.multipliers += [1.0] * len(tokens)
            else:
                for text, weight in self.parse(sub_prompt.text):
                    self._add_words(chunk, self.clip.tokenize([text])[0], weight)
        return chunk

    def encode(self, bags: Sequence[Bag]) -> tuple[torch.Tensor, torch.Tensor | None]:
        """Encode bags: [bags, 77, C], and [bags, P] from an encoder that pools.

        Raises ValueError for a bag of more than 75 tokens.
        """
        chunks = [self._closed(self.read(bag)) for bag in bags]
        contexts: dict[int, torch.Tensor] = {}
        pooled: dict[int, torch.Tensor] = {}
        for batch in self._batches(chunks):
            # The token embedding takes the fixes away with every call.
            self.fixes.fixes = [chunks[i].fixes for i in batch]
            z = self.clip.process_tokens(
                [chunks[i].tokens for i in batch], [chunks[i].multipliers for i in batch]
            )
            contexts |= zip(batch, z, strict=True)
            if self.clip.return_pooled:
                pooled |= zip(batch, z.pooled, strict=True)
        order = range(len(chunks))
        return (
            torch.stack([contexts[i] for i in order]),
            torch.stack([pooled[i] for i in order]) if pooled else None,
        )

    def _add_words(self, chunk: PromptChunk, tokens: list[int], weight: float) -> None:
        """Add tokens of one weight; where they name an embedding, its vectors stand in for them."""
        position = 0
        while position < len(tokens):
            embedding, length = self.embeddings.find_embedding_at_position(tokens, position)
            added = tokens[position : position + 1]
            if embedding is not None:
                chunk.fixes.append(ChunkFix(len(chunk.tokens), embedding))
                added = [0] * int(embedding.vectors)
            chunk.tokens += added
            chunk.multipliers += [weight] * len(added)
            position += length or 1

    def _closed(self, chunk: PromptChunk) -> PromptChunk:
        """Put a chunk between begin and end tokens, padded to 77."""
        most = self.clip.chunk_length
        padding = most - len(chunk.tokens)
        if padding < 0:
            raise ValueError(f"a bag has {len(chunk.tokens)} tokens; {most} is the most")
        return PromptChunk(
            [self.clip.id_start, *chunk.tokens, *[self.clip.id_end] * (padding + 1)],
            [1.0, *chunk.multipliers, *[1.0] * (padding + 1)],
            chunk.fixes,
        )

    def _batches(self, chunks: Sequence[PromptChunk]) -> Iterator[list[int]]:
        """The chunks that are encoded in one call, by number.

        A weighted chunk needs a call of its own where emphasis restores the mean.
        """
        alone = {
            i
            for i, chunk in enumerate(chunks)
            if self.restores_mean and any(weight != 1 for weight in chunk.multipliers)
        }
        yield from ([i] for i in sorted(alone))
        together = [i for i in range(len(chunks)) if i not in alone]
        for start in range(0, len(together), LARGEST_BATCH):
            yield together[start : start + LARGEST_BATCH]
