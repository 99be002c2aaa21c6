"""Groups the pixels of a UNet level into cells: sets of pixels that attend to the same conditions.

A cell needs one dense attention without a mask, which is faster than one masked attention of all
pixels to all conditions.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch


@dataclass(frozen=True, eq=False)
class Cell:
    """A group of pixels and the conditions that one attention computes for them.

    Attributes:
        pixels: Indices of the pixels of a level, [n], ascending.
        conditions: Indices of the conditions, ascending.
        masked: True if some pixel of the cell must not attend to some of the conditions. The
            attention of the cell then needs a mask.
    """

    pixels: torch.Tensor
    conditions: tuple[int, ...]
    masked: bool = False


def build_cells(weights: torch.Tensor) -> list[Cell]:
    """Groups the pixels by the set of conditions that have a weight above 0.

    Args:
        weights: Weight of each condition at each pixel, [C, N].

    Returns:
        Unmasked cells that together contain every pixel once.
    """
    members, index = torch.unique((weights > 0).T, dim=0, return_inverse=True)
    counts = torch.bincount(index, minlength=len(members))
    pixels = torch.split(index.argsort(stable=True), counts.tolist())
    conditions = [tuple(np.flatnonzero(member).tolist()) for member in members.cpu().numpy()]
    return [Cell(*cell) for cell in zip(pixels, conditions, strict=True)]
