"""Computes the couple method: one cross-attention for each condition, outputs blended by weight."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F

from lib_omost.attention.tensor_layout import join_heads, split_heads, split_tokens


@dataclass(frozen=True, eq=False)
class DecompositionPart:
    """The pixels of one condition and its share of the blended output there.

    Attributes:
        pixels: Indices of the pixels, [n], or None for all pixels of the level.
        shares: Share of the condition at these pixels, [n, 1].
    """

    pixels: torch.Tensor | None
    shares: torch.Tensor


@dataclass(frozen=True, eq=False)
class DecompositionPlan:
    """The blended attentions of one UNet level.

    Attributes:
        parts: One part for each condition.
        lengths: Number of tokens of each condition.
    """

    parts: tuple[DecompositionPart, ...]
    lengths: tuple[int, ...]

    def attend(
        self,
        q: torch.Tensor,
        keys: Sequence[torch.Tensor],
        values: Sequence[torch.Tensor],
        heads: int,
    ) -> torch.Tensor:
        """Computes the attention to each condition and blends the outputs in float32.

        Args:
            q: Queries [B, N, heads * d].
            keys: Keys [1, T, heads * d] of the canvas and, if it takes part, of the prompt box.
            values: Values, like the keys.
            heads: Number of heads.

        Returns:
            Attention output [B, N, heads * d], before the layer's to_out.

        Source:
            "Attention decomposition" in the README of the Omost repository; docs/omost-format.md,
            "Attention formula".
        """
        canvas = slice(len(self.lengths) - len(keys) + 1)
        keys = [*split_tokens(keys[0], self.lengths[canvas]), *keys[1:]]
        values = [*split_tokens(values[0], self.lengths[canvas]), *values[1:]]
        out = torch.zeros(q.shape, dtype=torch.float32, device=q.device)
        for part, key, value in zip(self.parts, keys, values, strict=True):
            if part.pixels is None:
                out += _attention(q, key, value, heads) * part.shares
            elif len(part.pixels):
                part_out = _attention(q.index_select(1, part.pixels), key, value, heads)
                out.index_add_(1, part.pixels, part_out * part.shares)
        return out.to(q.dtype)


def build_plan(
    weights: torch.Tensor, lengths: Sequence[int], device: torch.device | str = "cpu"
) -> DecompositionPlan:
    """Builds the plan of one UNet level; the shares sum to 1 at every pixel.

    Args:
        weights: Weight of each condition at each pixel, [C, N].
        lengths: Number of tokens of each condition.
        device: Device of the queries.

    Returns:
        The plan.
    """
    parts = []
    for share in weights / weights.sum(0):
        pixels = share.nonzero()[:, 0]
        shares = share[pixels, None].to(device)
        parts.append(
            DecompositionPart(None if len(pixels) == len(share) else pixels.to(device), shares)
        )
    return DecompositionPlan(tuple(parts), tuple(lengths))


def _attention(q: torch.Tensor, k: torch.Tensor, v: torch.Tensor, heads: int) -> torch.Tensor:
    """Computes plain attention of q [B, N, heads * d] to k and v [1, T, heads * d]."""
    rows = q.shape[0]
    q, k, v = (split_heads(x, heads) for x in (q, k, v))
    k, v = (x.expand(rows, -1, -1, -1) for x in (k, v))
    return join_heads(F.scaled_dot_product_attention(q, k, v, scale=1 / math.sqrt(q.shape[-1])))
