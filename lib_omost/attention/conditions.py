"""A canvas as attention sees it: tokens, and the box that each stretch of tokens belongs to."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from lib_omost.canvas.model import Box


@dataclass(frozen=True, eq=False)
class Conditions:
    """The encoded conditions of one canvas, global first, then regions far to near.

    context: [T, C], the bags of all conditions one after the other on the token axis.
    lengths: tokens of each condition; they sum to T.
    boxes: one box for each condition; the first is the whole canvas.
    pooled: [P], of the global description's first bag, or None (SD1, SD2).
    """

    context: torch.Tensor
    lengths: tuple[int, ...]
    boxes: tuple[Box, ...]
    pooled: torch.Tensor | None = None
