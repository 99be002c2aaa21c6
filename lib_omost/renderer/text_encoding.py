"""Bags through a pipeline's text encoders, in chunks of 77 tokens as the WebUI encodes them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch

from lib_omost.hosts.protocol import EncodedBags
from lib_omost.text.prompt_syntax import parse_emphasis
from lib_omost.text.sub_prompt import Bag, SubPrompt

CHUNK = 77
"""Tokens of a chunk, begin and end included."""

LARGEST_BATCH = 16
"""Chunks in one call: the encoder keeps the states of all layers."""


@dataclass(frozen=True)
class PipelineChunk:
    """Tokens and their weights, 77 of each."""

    tokens: tuple[int, ...]
    weights: tuple[float, ...]

    @property
    def weighted(self) -> bool:
        """Whether any token is emphasised."""
        return any(weight != 1 for weight in self.weights)


@dataclass(frozen=True)
class PipelineTextEncoder:
    """A CLIP text model and its tokenizer.

    penultimate: whether its context is the last layer's input (SDXL) or its normalised output.
    """

    tokenizer: Any
    model: Any
    penultimate: bool

    def tokens(self, sub_prompt: SubPrompt) -> list[tuple[int, float]]:
        """Tokenise a sub-prompt: each token with its weight, without begin and end."""
        plain = sub_prompt.syntax == "plain"
        pieces = [(sub_prompt.text, 1.0)] if plain else parse_emphasis(sub_prompt.text)
        return [
            (token, weight)
            for text, weight in pieces
            for token in self.tokenizer(text, add_special_tokens=False, verbose=False).input_ids
        ]

    def chunk(self, bag: Bag) -> PipelineChunk:
        """Put a bag between begin and end tokens and pad it.

        Raises ValueError for a bag of more than 75 tokens.
        """
        read = [token for sub_prompt in bag for token in self.tokens(sub_prompt)]
        padding = CHUNK - 2 - len(read)
        if padding < 0:
            raise ValueError(f"a bag has {len(read)} tokens; {CHUNK - 2} is the most")
        tokenizer = self.tokenizer
        return PipelineChunk(
            (
                tokenizer.bos_token_id,
                *(token for token, _ in read),
                tokenizer.eos_token_id,
                *[tokenizer.pad_token_id] * padding,
            ),
            (1.0, *(weight for _, weight in read), *[1.0] * (padding + 1)),
        )

    def encode(self, bags: Sequence[Bag]) -> tuple[torch.Tensor, torch.Tensor | None]:
        """Encode bags: [bags, 77, C], and [bags, P] from a model that pools."""
        chunks = [self.chunk(bag) for bag in bags]
        parts = [
            self._run(chunks[start : start + LARGEST_BATCH])
            for start in range(0, len(chunks), LARGEST_BATCH)
        ]
        pooled = [part for _, part in parts if part is not None]
        context = torch.cat([context for context, _ in parts])
        emphasised = [emphasise(z, chunk) for z, chunk in zip(context, chunks, strict=True)]
        return torch.stack(emphasised), torch.cat(pooled) if pooled else None

    def _run(self, chunks: Sequence[PipelineChunk]) -> tuple[torch.Tensor, torch.Tensor | None]:
        ids = torch.tensor([chunk.tokens for chunk in chunks], device=self.model.device)
        with torch.no_grad():
            out = self.model(ids, output_hidden_states=self.penultimate)
        context = out.hidden_states[-2] if self.penultimate else out.last_hidden_state
        return context, getattr(out, "text_embeds", None)


def emphasise(context: torch.Tensor, chunk: PipelineChunk) -> torch.Tensor:
    """Multiply each token by its weight and restore the chunk's mean (A1111's "Original").

    context: [77, C]. A chunk without emphasis is returned as it is.
    """
    if not chunk.weighted:
        return context
    weights = torch.tensor(chunk.weights, device=context.device, dtype=context.dtype)
    weighted = context * weights[:, None]
    return weighted * (context.mean() / weighted.mean())


def text_encoders(pipeline: Any) -> list[PipelineTextEncoder]:
    """A pipeline's text encoders: one for SD1 and SD2, two for SDXL, in the context's order."""
    if not hasattr(pipeline, "text_encoder_2"):
        return [PipelineTextEncoder(pipeline.tokenizer, pipeline.text_encoder, penultimate=False)]
    return [
        PipelineTextEncoder(pipeline.tokenizer, pipeline.text_encoder, penultimate=True),
        PipelineTextEncoder(pipeline.tokenizer_2, pipeline.text_encoder_2, penultimate=True),
    ]


def encode_bags(pipeline: Any, bags: Sequence[Bag]) -> EncodedBags:
    """Encode bags with all of a pipeline's text encoders, their contexts side by side."""
    encoded = [encoder.encode(bags) for encoder in text_encoders(pipeline)]
    return EncodedBags(torch.cat([context for context, _ in encoded], dim=2), encoded[-1][1])
