"""A canvas as attention sees it: tokens, and the box that each stretch of tokens belongs to."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from lib_omost.canvas.model import Box


@dataclass(frozen=True, eq=False)
class CanvasConditions:
    """The encoded conditions of one canvas, global first, then regions far to near.

    context: [T, C], the bags of all conditions one after the other on the token axis.
    lengths: tokens of each condition; they sum to T.
    boxes: one box for each condition; the first is the whole canvas.
    pooled: [P], of the global description's first bag, or None (SD1, SD2).
    Raises ValueError when lengths, boxes and context do not agree.
    """

    context: torch.Tensor
    lengths: tuple[int, ...]
    boxes: tuple[Box, ...]
    pooled: torch.Tensor | None = None

    def __post_init__(self) -> None:
        if len(self.lengths) != len(self.boxes) or not self.lengths:
            raise ValueError(f"{len(self.lengths)} lengths do not fit {len(self.boxes)} boxes")
        if sum(self.lengths) != len(self.context):
            raise ValueError(f"lengths {self.lengths} do not sum to {len(self.context)} tokens")
