"""Attention decomposition: one attention for each condition, outputs blended by weights."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F

from lib_omost.attention.reference import join_heads, split_heads, split_tokens


@dataclass(frozen=True, eq=False)
class DecompositionPart:
    """Where one condition counts: pixels (None: all of them) and their shares, [n, 1]."""

    pixels: torch.Tensor | None
    shares: torch.Tensor


@dataclass(frozen=True, eq=False)
class DecompositionPlan:
    """The parts of a level, one for each of the conditions, and the conditions' tokens."""

    parts: tuple[DecompositionPart, ...]
    lengths: tuple[int, ...]

    def attend(
        self,
        q: torch.Tensor,
        keys: Sequence[torch.Tensor],
        values: Sequence[torch.Tensor],
        heads: int,
    ) -> torch.Tensor:
        """Blend the attentions to each condition's own tokens; the sum is taken in float32.

        q: [B, N, heads * d]; keys, values: [1, T, heads * d], of the canvas, and then of the
        prompt box where it takes part. Returns [B, N, heads * d].
        """
        own = slice(len(self.lengths) - len(keys) + 1)
        keys = [*split_tokens(keys[0], self.lengths[own]), *keys[1:]]
        values = [*split_tokens(values[0], self.lengths[own]), *values[1:]]
        out = torch.zeros(q.shape, dtype=torch.float32, device=q.device)
        for part, key, value in zip(self.parts, keys, values, strict=True):
            if part.pixels is None:
                out += attention(q, key, value, heads) * part.shares
            elif len(part.pixels):
                answer = attention(q.index_select(1, part.pixels), key, value, heads)
                out.index_add_(1, part.pixels, answer * part.shares)
        return out.to(q.dtype)


def make_plan(
    weights: torch.Tensor, lengths: Sequence[int], device: torch.device | str = "cpu"
) -> DecompositionPlan:
    """Normalise weights [C, N] to shares that sum to 1 at every pixel."""
    parts = []
    for share in weights / weights.sum(0):
        pixels = share.nonzero()[:, 0]
        shares = share[pixels, None].to(device)
        parts.append(
            DecompositionPart(None if len(pixels) == len(share) else pixels.to(device), shares)
        )
    return DecompositionPlan(tuple(parts), tuple(lengths))


def attention(q: torch.Tensor, k: torch.Tensor, v: torch.Tensor, heads: int) -> torch.Tensor:
    """Plain attention; q: [B, N, heads * d]; k, v: [1, T, heads * d], shared by all rows."""
    rows = q.shape[0]
    q, k, v = (split_heads(x, heads) for x in (q, k, v))
    k, v = (x.expand(rows, -1, -1, -1) for x in (k, v))
    return join_heads(F.scaled_dot_product_attention(q, k, v, scale=1 / math.sqrt(q.shape[-1])))
