"""The formulas written out: what everything faster is compared with."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch


def split_heads(x: torch.Tensor, heads: int) -> torch.Tensor:
    """[B, N, heads * d] to [B, heads, N, d]."""
    return x.view(*x.shape[:2], heads, -1).transpose(1, 2)


def join_heads(x: torch.Tensor) -> torch.Tensor:
    """[B, heads, N, d] to [B, N, heads * d]."""
    return x.transpose(1, 2).flatten(2)


def split_tokens(x: torch.Tensor, lengths: Sequence[int]) -> tuple[torch.Tensor, ...]:
    """Cut [B, T, C] on the token axis."""
    return torch.split(x, list(lengths), 1)


def per_token(values: torch.Tensor, lengths: Sequence[int]) -> torch.Tensor:
    """Give every token its condition's value: [C, ...] to [T, ...]."""
    return values.repeat_interleave(torch.tensor(lengths, device=values.device), dim=0)


def regional_attention(
    q: torch.Tensor,
    k: torch.Tensor,
    v: torch.Tensor,
    lengths: Sequence[int],
    scales: Sequence[float],
    weights: torch.Tensor,
    heads: int,
) -> torch.Tensor:
    """softmax(q k^T / sqrt(d) * scale + log w) v over the tokens of all conditions.

    q: [B, N, heads * d]; k, v: [B or 1, T, heads * d]; lengths, scales: one for each condition;
    weights: [C, N]. Returns [B, N, heads * d].
    """
    q, k, v = (split_heads(x, heads) for x in (q, k, v))
    scale = per_token(torch.tensor(scales, dtype=q.dtype, device=q.device), lengths)
    bias = per_token(weights.to(q), lengths).log().T
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
    """sum_c w_c softmax(q k_c^T / sqrt(d)) v_c / sum_c w_c; shapes as in `regional_attention`."""
    shares = (weights / weights.sum(0)).to(q)
    out = torch.zeros_like(q)
    for share, k_c, v_c in zip(
        shares, split_tokens(k, lengths), split_tokens(v, lengths), strict=True
    ):
        logits = split_heads(q, heads) @ split_heads(k_c, heads).transpose(-1, -2)
        logits = logits / math.sqrt(q.shape[-1] // heads)
        out += share[:, None] * join_heads(logits.softmax(-1) @ split_heads(v_c, heads))
    return out
