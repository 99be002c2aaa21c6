"""Pixels grouped by the conditions that count there, so that few and dense attentions suffice."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch


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
    counts = torch.bincount(index, minlength=len(members))
    pixels = torch.split(index.argsort(stable=True), counts.tolist())
    conditions = [tuple(np.flatnonzero(member).tolist()) for member in members.cpu().numpy()]
    return [Cell(own, which) for own, which in zip(pixels, conditions, strict=True)]
