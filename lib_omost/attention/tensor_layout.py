"""Reshapes attention tensors between heads, tokens and conditions."""

from __future__ import annotations

from collections.abc import Sequence

import torch


def split_heads(x: torch.Tensor, heads: int) -> torch.Tensor:
    """Splits the channels into heads.

    Args:
        x: Queries, keys or values [B, N, heads * d].
        heads: Number of heads.

    Returns:
        The tensor as [B, heads, N, d].
    """
    return x.view(*x.shape[:2], heads, -1).transpose(1, 2)


def join_heads(x: torch.Tensor) -> torch.Tensor:
    """Joins the heads to channels.

    Args:
        x: Attention output [B, heads, N, d].

    Returns:
        The tensor as [B, N, heads * d].
    """
    return x.transpose(1, 2).flatten(2)


def split_tokens(x: torch.Tensor, lengths: Sequence[int]) -> tuple[torch.Tensor, ...]:
    """Splits a tensor on the token axis into one tensor for each condition.

    Args:
        x: Keys, values or context [B, T, channels].
        lengths: Number of tokens of each condition.

    Returns:
        One tensor [B, tokens, channels] for each condition.
    """
    return torch.split(x, list(lengths), 1)


def repeat_for_tokens(values: torch.Tensor, lengths: Sequence[int]) -> torch.Tensor:
    """Repeats the value of each condition for each of its tokens.

    Args:
        values: One value for each condition, [C, ...].
        lengths: Number of tokens of each condition.

    Returns:
        One value for each token, [T, ...].
    """
    return values.repeat_interleave(torch.tensor(lengths, device=values.device), dim=0)
