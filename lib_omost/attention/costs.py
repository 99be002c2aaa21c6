"""Estimates the cost of one attention on a device, to decide which cells to merge."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import torch

Number = TypeVar("Number", float, npt.NDArray[np.float64])


@dataclass(frozen=True)
class AttentionCosts:
    """The cost factors of a device, in units of one query-key product in one channel (4 FLOP).

    Attributes:
        call: Fixed cost of one more attention, including its gather operations.
        token: Cost of gathering and packing one key and its value, for each channel.
        mask: Relative cost that a mask adds to each query-key product.
    """

    call: float
    token: float
    mask: float

    def attention_cost(
        self, queries: Number, tokens: Number, channels: int, masked: bool
    ) -> Number:
        """Estimates the cost of one attention, or of many at once.

        Args:
            queries: Number of queries: pixels times batch rows.
            tokens: Number of keys.
            channels: Channels of the queries, all heads together.
            masked: True if the attention has a mask.

        Returns:
            The cost, a number or an array like `queries`.
        """
        product = 1 + self.mask if masked else 1.0
        return self.call + channels * tokens * (self.token + queries * product)


NEVER_MERGE = AttentionCosts(call=0.0, token=0.0, mask=math.inf)
"""Costs that keep every cell separate."""

MERGE_ALL = AttentionCosts(call=math.inf, token=0.0, mask=0.0)
"""Costs that merge all cells into one masked attention."""

CPU_COSTS = AttentionCosts(call=5e5, token=20.0, mask=0.15)
"""Costs measured on one CPU core with AVX-512 in float32.

A query-key product takes 50 to 60 ps, an attention call about 30 us. A mask adds 5 to 20 %. A cell
of few pixels takes as long as a cell with 16 to 22 more pixels.
"""

CUDA_COSTS = AttentionCosts(call=3e8, token=60.0, mask=0.6)
"""Costs estimated, not measured, for a CUDA GPU of about 30 TFLOP/s.

Launching the five kernels of a cell takes about 50 us, in which the GPU computes 4e8 query-key
products. A mask rules out the fastest kernel and must be read for each head.
`benchmarks/attention.py --fit` measures the costs of the GPU at hand.
"""


def device_costs(device: torch.device) -> AttentionCosts:
    """Returns the costs of a device type: CPU, or CUDA for every other type.

    Args:
        device: Device of the queries.
    """
    return CPU_COSTS if device.type == "cpu" else CUDA_COSTS
