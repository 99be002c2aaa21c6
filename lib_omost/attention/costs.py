"""What attention costs on a device, for deciding which cells to merge."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import torch

Number = TypeVar("Number", float, npt.NDArray[np.float64])


@dataclass(frozen=True)
class Costs:
    """Costs in units of a meeting: one query with one key in one channel (4 operations).

    call: one more attention, with its gathers; token: bringing one key and value of a cell
    together and packing them, in one channel; mask: what a mask adds to each meeting.
    """

    call: float
    token: float
    mask: float

    def of(self, pixels: Number, tokens: Number, channels: int, mixed: bool) -> Number:
        """Cost of one attention, or of many; pixels: of all rows; mixed: whether it has a mask."""
        meeting = 1 + self.mask if mixed else 1.0
        return self.call + channels * tokens * (self.token + pixels * meeting)


SEPARATE = Costs(call=0.0, token=0.0, mask=math.inf)
"""Never merge: every cell has its own attention."""

TOGETHER = Costs(call=math.inf, token=0.0, mask=0.0)
"""Merge all: one masked attention."""

CPU = Costs(call=5e5, token=20.0, mask=0.15)
"""Measured on one core with AVX-512 in float32: a meeting takes 50 to 60 ps, a call about 30 us, a
mask adds 5 to 20 %; cells of few pixels take as long as if each had 16 to 22 pixels more."""

CUDA = Costs(call=3e8, token=60.0, mask=0.6)
"""Estimated, not measured: launching a cell's five kernels takes about 50 us, in which a card of
30 TFLOP/s has 4e8 meetings; a mask forbids the fastest kernel and must be read for each head.
`benchmarks/attention.py --fit` measures a card at hand."""


def costs_of(device: torch.device) -> Costs:
    """The costs of a kind of device: many small calls on a CPU, few masked ones elsewhere."""
    return CPU if device.type == "cpu" else CUDA
