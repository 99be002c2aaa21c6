"""Encodes bags with a pipeline's text encoders, in prompt chunks of 77 tokens as the WebUI does.

A bag is a group of sub-prompts that share one chunk; see docs/omost-format.md, "Bags and prefix
paths".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch

from lib_omost.hosts.protocol import EncodedBags
from lib_omost.text.bags import Bag
from lib_omost.text.prompt_syntax import parse_emphasis
from lib_omost.text.sub_prompt import SubPrompt

CHUNK_TOKENS = 77
"""Number of tokens of a prompt chunk, with the begin and end tokens."""

MAX_BATCH = 16
"""Largest number of chunks in one call of a text encoder, which returns the states of all layers.
"""


@dataclass(frozen=True)
class PipelineChunk:
    """A prompt chunk as token ids and their emphasis weights, 77 of each."""

    tokens: tuple[int, ...]
    weights: tuple[float, ...]

    @property
    def weighted(self) -> bool:
        """True if the emphasis weight of any token differs from 1."""
        return any(weight != 1 for weight in self.weights)


@dataclass(frozen=True)
class PipelineTextEncoder:
    """A CLIP text model with its tokenizer.

    Attributes:
        tokenizer: The tokenizer of transformers.
        model: The text model of transformers.
        penultimate: True if the UNet reads the last but one layer (SDXL), False if it reads the
            normalised output of the last layer.
    """

    tokenizer: Any
    model: Any
    penultimate: bool

    def tokenize(self, sub_prompt: SubPrompt) -> list[tuple[int, float]]:
        """Returns a sub-prompt's token ids with their weights, without begin and end tokens."""
        plain = sub_prompt.syntax == "plain"
        pieces = [(sub_prompt.text, 1.0)] if plain else parse_emphasis(sub_prompt.text)
        return [
            (token, weight)
            for text, weight in pieces
            for token in self.tokenizer(text, add_special_tokens=False, verbose=False).input_ids
        ]

    def build_chunk(self, bag: Bag) -> PipelineChunk:
        """Builds the prompt chunk of a bag: begin token, the bag's tokens, end token, padding.

        Raises:
            ValueError: The bag has more than 75 tokens.
        """
        tokens = [token for sub_prompt in bag for token in self.tokenize(sub_prompt)]
        padding = CHUNK_TOKENS - 2 - len(tokens)
        if padding < 0:
            raise ValueError(f"a bag has {len(tokens)} tokens; {CHUNK_TOKENS - 2} is the most")
        tokenizer = self.tokenizer
        return PipelineChunk(
            (
                tokenizer.bos_token_id,
                *(token for token, _ in tokens),
                tokenizer.eos_token_id,
                *[tokenizer.pad_token_id] * padding,
            ),
            (1.0, *(weight for _, weight in tokens), *[1.0] * (padding + 1)),
        )

    def encode(self, bags: Sequence[Bag]) -> tuple[torch.Tensor, torch.Tensor | None]:
        """Encodes bags with their emphasis.

        Args:
            bags: The bags, N of them.

        Returns:
            The encoded tokens, [N, 77, C], and the pooled vectors, [N, P], or None for a model
            without pooled vectors.
        """
        chunks = [self.build_chunk(bag) for bag in bags]
        batches = [
            self._run_model(chunks[start : start + MAX_BATCH])
            for start in range(0, len(chunks), MAX_BATCH)
        ]
        pooled = [vectors for _, vectors in batches if vectors is not None]
        context = torch.cat([context for context, _ in batches])
        emphasised = [apply_emphasis(z, chunk) for z, chunk in zip(context, chunks, strict=True)]
        return torch.stack(emphasised), torch.cat(pooled) if pooled else None

    def _run_model(
        self, chunks: Sequence[PipelineChunk]
    ) -> tuple[torch.Tensor, torch.Tensor | None]:
        ids = torch.tensor([chunk.tokens for chunk in chunks], device=self.model.device)
        with torch.no_grad():
            out = self.model(ids, output_hidden_states=self.penultimate)
        context = out.hidden_states[-2] if self.penultimate else out.last_hidden_state
        return context, getattr(out, "text_embeds", None)


def apply_emphasis(context: torch.Tensor, chunk: PipelineChunk) -> torch.Tensor:
    """Multiplies each token by its weight and restores the mean (A1111's emphasis "Original").

    Args:
        context: The encoded tokens of one chunk, [77, C].
        chunk: The chunk with the weights.

    Returns:
        The emphasised tokens, [77, C]; a chunk without emphasis is returned unchanged.
    """
    if not chunk.weighted:
        return context
    weights = torch.tensor(chunk.weights, device=context.device, dtype=context.dtype)
    weighted = context * weights[:, None]
    return weighted * (context.mean() / weighted.mean())


def text_encoders(pipeline: Any) -> list[PipelineTextEncoder]:
    """Returns a pipeline's text encoders in the order of their channels in the context.

    SD1 and SD2 have one, SDXL has two.
    """
    if not hasattr(pipeline, "text_encoder_2"):
        return [PipelineTextEncoder(pipeline.tokenizer, pipeline.text_encoder, penultimate=False)]
    return [
        PipelineTextEncoder(pipeline.tokenizer, pipeline.text_encoder, penultimate=True),
        PipelineTextEncoder(pipeline.tokenizer_2, pipeline.text_encoder_2, penultimate=True),
    ]


def encode_bags(pipeline: Any, bags: Sequence[Bag]) -> EncodedBags:
    """Encodes bags with all text encoders of a pipeline and joins their channels."""
    encoded = [encoder.encode(bags) for encoder in text_encoders(pipeline)]
    return EncodedBags(torch.cat([context for context, _ in encoded], dim=2), encoded[-1][1])
