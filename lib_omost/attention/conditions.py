"""Holds an encoded canvas: the text encoder's tokens and the box of each condition."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from lib_omost.canvas.model import Box


@dataclass(frozen=True, eq=False)
class CanvasConditions:
    """The encoded conditions of one canvas: the global condition, then the regions far to near.

    Attributes:
        context: Text encoder output [T, C], the chunks of all conditions in order.
        lengths: Number of tokens of each condition; they sum to T.
        boxes: Box of each condition in canvas units; the first box is the whole canvas.
        pooled: Pooled vector [P] of the first chunk of the global condition (SDXL), or None
            (SD1, SD2).

    Raises:
        ValueError: The numbers of lengths, boxes and tokens do not agree.
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
