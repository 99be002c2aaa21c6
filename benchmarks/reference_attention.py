"""Computes the attention formulas literally, without cells, plans or caches, for comparison."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch

from lib_omost.attention.tensor_layout import (
    join_heads,
    repeat_for_tokens,
    split_heads,
    split_tokens,
)


def regional_attention(
    q: torch.Tensor,
    k: torch.Tensor,
    v: torch.Tensor,
    lengths: Sequence[int],
    scales: Sequence[float],
    weights: torch.Tensor,
    heads: int,
) -> torch.Tensor:
    """Computes softmax(q k^T / sqrt(d) * scale + log w) v over the tokens of all conditions.

    Args:
        q: Queries [B, N, heads * d].
        k: Keys [B or 1, T, heads * d].
        v: Values [B or 1, T, heads * d].
        lengths: Number of tokens of each condition.
        scales: Area scale of each condition.
        weights: Weight of each condition at each pixel, [C, N].
        heads: Number of heads.

    Returns:
        Attention output [B, N, heads * d].
    """
    q, k, v = (split_heads(x, heads) for x in (q, k, v))
    scale = repeat_for_tokens(torch.tensor(scales, dtype=q.dtype, device=q.device), lengths)
    bias = repeat_for_tokens(weights.to(q), lengths).log().T
    logits = q @ k.transpose(-1, -2) / math.sqrt(q.shape[-1]) * scale + bias
    return join_heads(logits.softmax(-1) @ v)


def decomposed_attention(
    q: torch.Tensor,
    k: torch.Tensor,
    v: torch.Tensor,
    lengths: Sequence[int],
    weights: torch.Tensor,
    heads: int,
) -> torch.Tensor:
    """Computes sum_c w_c softmax(q k_c^T / sqrt(d)) v_c / sum_c w_c.

    Arguments and result have the shapes of `regional_attention`.
    """
    shares = (weights / weights.sum(0)).to(q)
    out = torch.zeros_like(q)
    for share, k_c, v_c in zip(
        shares, split_tokens(k, lengths), split_tokens(v, lengths), strict=True
    ):
        logits = split_heads(q, heads) @ split_heads(k_c, heads).transpose(-1, -2)
        logits = logits / math.sqrt(q.shape[-1] // heads)
        out += share[:, None] * join_heads(logits.softmax(-1) @ split_heads(v_c, heads))
    return out
