"""Pixels grouped by the conditions that count there, so that few and dense attentions suffice."""

from __future__ import annotations

import functools
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

import torch

from lib_omost.attention.costs import Costs


@dataclass(frozen=True, eq=False)
class Cell:
    """Pixels answered by one attention, and the conditions it attends to, both ascending.

    Every pixel of a cell may attend to every one of its conditions unless it is `mixed`.
    """

    pixels: torch.Tensor
    conditions: tuple[int, ...]
    mixed: bool = False


def cells(weights: torch.Tensor) -> list[Cell]:
    """Group pixels by the conditions with a weight; weights: [C, N]."""
    members, index = torch.unique((weights > 0).T, dim=0, return_inverse=True)
    return [
        Cell((index == i).nonzero()[:, 0], tuple(member.nonzero()[:, 0].tolist()))
        for i, member in enumerate(members)
    ]


def merge(
    parts: Sequence[Cell], lengths: Sequence[int], costs: Costs, rows: int = 1, channels: int = 1
) -> list[Cell]:
    """Merge two cells into a masked one wherever that is cheaper, the best pair first.

    lengths: tokens of each condition; rows and channels: of the queries, all heads together.
    """
    merged = list(parts)
    if math.isinf(costs.call):
        return [_union(merged)]

    def cost(pixels: int, conditions: Iterable[int], mixed: bool) -> float:
        tokens = sum(lengths[c] for c in conditions)
        return costs.of(rows * pixels, tokens, channels, mixed)

    @functools.cache  # 40 regions have some 250 cells, and each merge leaves most pairs as they are
    def gain(pair: tuple[Cell, Cell]) -> float:
        apart = sum(cost(len(cell.pixels), cell.conditions, cell.mixed) for cell in pair)
        pixels = sum(len(cell.pixels) for cell in pair)
        return apart - cost(pixels, {c for cell in pair for c in cell.conditions}, True)

    while len(merged) > 1:
        best = max(combinations(merged, 2), key=gain)
        if gain(best) <= 0:
            break
        merged = [cell for cell in merged if cell not in best] + [_union(best)]
    return merged


def _union(parts: Sequence[Cell]) -> Cell:
    if len(parts) == 1:
        return parts[0]
    return Cell(
        torch.cat([cell.pixels for cell in parts]).sort().values,
        tuple(sorted({c for cell in parts for c in cell.conditions})),
        mixed=True,
    )
