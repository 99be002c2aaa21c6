"""What attention costs on a device, for deciding which cells to merge."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch


@dataclass(frozen=True)
class Costs:
    """Costs in units of one query meeting one key in all heads.

    call: one more attention, with its gathers; token: bringing one key and value of a cell
    together; mask: what a mask adds to each meeting.
    """

    call: float
    token: float
    mask: float

    def of(self, pixels: int, tokens: int, mixed: bool) -> float:
        """The cost of one attention."""
        return self.call + tokens * (self.token + pixels * (1 + self.mask * mixed))


SEPARATE = Costs(call=0.0, token=0.0, mask=math.inf)
"""Never merge: every cell has its own attention."""
TOGETHER = Costs(call=math.inf, token=0.0, mask=0.0)
"""Merge all: one masked attention."""

CPU = Costs(call=2000.0, token=25.0, mask=0.15)
CUDA = Costs(call=400_000.0, token=100.0, mask=0.3)


def costs_of(device: torch.device) -> Costs:
    """The costs of a kind of device."""
    return CPU if device.type == "cpu" else CUDA
