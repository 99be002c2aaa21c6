"""Builds 77-token prompt chunks from bags and encodes them with the host's text encoders."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import torch

from lib_omost.text.bags import Bag
from lib_omost.text.sub_prompt import SubPrompt

MAX_BATCH_CHUNKS = 16
"""Largest number of chunks in one text encoder call.

The encoder holds the states of all layers, 13 MB for each chunk on SDXL.
"""


class ChunkFix(NamedTuple):
    """A textual-inversion embedding and the offset of its vectors in the chunk, in tokens."""

    offset: int
    embedding: Any


@dataclass
class PromptChunk:
    """The tokens of one prompt chunk with their weights and embeddings.

    Attributes:
        tokens: Token ids; 0 where an embedding's vector is inserted.
        multipliers: Emphasis weight of each token.
        fixes: Embeddings and their offsets, as the host names them.
    """

    tokens: list[int] = field(default_factory=list)
    multipliers: list[float] = field(default_factory=list)
    fixes: list[ChunkFix] = field(default_factory=list)


@dataclass(frozen=True)
class HostTextEncoder:
    """One CLIP text encoder of the host's model.

    Attributes:
        clip: The host's text encoder, with tokenize, process_tokens, id_start, id_end and
            chunk_length.
        embeddings: The host's embedding database, with find_embedding_at_position.
        fixes: Object whose attribute `fixes` tells the host's token embedding layer where to insert
            embeddings.
        parse: Parses webui syntax into pieces of text and weights, in the host's emphasis mode.
        restores_mean: True if the emphasis mode restores the mean of all chunks of one call
            ("Original").
    """

    clip: Any
    embeddings: Any
    fixes: Any
    parse: Callable[[str], Iterable[Sequence[Any]]]
    restores_mean: bool

    def tokenize(self, bag: Iterable[SubPrompt]) -> PromptChunk:
        """Tokenises a bag without begin, end and padding tokens.

        Args:
            bag: Sub-prompts; plain ones have neither emphasis nor embeddings.

        Returns:
            The tokens, weights and embeddings.
        """
        chunk = PromptChunk()
        for sub_prompt in bag:
            if sub_prompt.syntax == "plain":
                tokens = self.clip.tokenize([sub_prompt.text])[0]
                chunk.tokens += tokens
                chunk.multipliers += [1.0] * len(tokens)
            else:
                for text, weight in self.parse(sub_prompt.text):
                    self._add_tokens(chunk, self.clip.tokenize([text])[0], weight)
        return chunk

    def encode(self, bags: Sequence[Bag]) -> tuple[torch.Tensor, torch.Tensor | None]:
        """Encodes bags.

        Args:
            bags: The bags.

        Returns:
            Context [bags, 77, C], and pooled vectors [bags, P] if the encoder pools, else None.

        Raises:
            ValueError: A bag has more than 75 tokens.
        """
        chunks = [self._add_special_tokens(self.tokenize(bag)) for bag in bags]
        contexts: dict[int, torch.Tensor] = {}
        pooled: dict[int, torch.Tensor] = {}
        for batch in self._batches(chunks):
            # The host's token embedding layer clears the fixes in every call.
            self.fixes.fixes = [chunks[i].fixes for i in batch]
            z = self.clip.process_tokens(
                [chunks[i].tokens for i in batch], [chunks[i].multipliers for i in batch]
            )
            contexts |= zip(batch, z, strict=True)
            if (vectors := getattr(z, "pooled", None)) is not None:
                pooled |= zip(batch, vectors, strict=True)
        order = range(len(chunks))
        return (
            torch.stack([contexts[i] for i in order]),
            torch.stack([pooled[i] for i in order]) if pooled else None,
        )

    def _add_tokens(self, chunk: PromptChunk, tokens: list[int], weight: float) -> None:
        """Adds tokens of one weight; an embedding's vectors replace the tokens of its name."""
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

    def _add_special_tokens(self, chunk: PromptChunk) -> PromptChunk:
        """Adds begin, end and padding tokens, 77 tokens in all."""
        limit = self.clip.chunk_length
        padding = limit - len(chunk.tokens)
        if padding < 0:
            raise ValueError(f"a bag has {len(chunk.tokens)} tokens; the limit is {limit}")
        return PromptChunk(
            [self.clip.id_start, *chunk.tokens, *[self.clip.id_end] * (padding + 1)],
            [1.0, *chunk.multipliers, *[1.0] * (padding + 1)],
            chunk.fixes,
        )

    def _batches(self, chunks: Sequence[PromptChunk]) -> Iterator[list[int]]:
        """Yields the indices of the chunks that are encoded in one call.

        If the emphasis mode restores the mean, each chunk with emphasis needs a call of its own.
        """
        alone = {
            i
            for i, chunk in enumerate(chunks)
            if self.restores_mean and any(weight != 1 for weight in chunk.multipliers)
        }
        yield from ([i] for i in sorted(alone))
        together = [i for i in range(len(chunks)) if i not in alone]
        for start in range(0, len(together), MAX_BATCH_CHUNKS):
            yield together[start : start + MAX_BATCH_CHUNKS]
