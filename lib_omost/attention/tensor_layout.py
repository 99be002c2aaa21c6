"""Reshapes attention tensors between heads, tokens and conditions."""

from __future__ import annotations

from collections.abc import Sequence

import torch


def split_heads(x: torch.Tensor, heads: int) -> torch.Tensor:
    """Reshapes [B, N, heads * d] to [B, heads, N, d]."""
    return x.view(*x.shape[:2], heads, -1).transpose(1, 2)


def join_heads(x: torch.Tensor) -> torch.Tensor:
    """Reshapes [B, heads, N, d] to [B, N, heads * d]."""
    return x.transpose(1, 2).flatten(2)


def split_tokens(x: torch.Tensor, lengths: Sequence[int]) -> tuple[torch.Tensor, ...]:
    """Splits [B, T, C] on the token axis into one tensor for each condition."""
    return torch.split(x, list(lengths), 1)


def repeat_for_tokens(values: torch.Tensor, lengths: Sequence[int]) -> torch.Tensor:
    """Repeats the value of each condition for each of its tokens: [C, ...] to [T, ...]."""
    return values.repeat_interleave(torch.tensor(lengths, device=values.device), dim=0)
