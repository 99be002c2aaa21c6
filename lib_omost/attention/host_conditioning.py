"""The prompt box's own cond in one UNet call: which rows share it."""

from __future__ import annotations

from dataclasses import dataclass

import torch


@dataclass(frozen=True, eq=False)
class HostConditioning:
    """The distinct conds of a UNet call, [U, T, C], and for each row which of them is its own."""

    contexts: torch.Tensor
    rows: tuple[int, ...]

    @classmethod
    def of(cls, context: torch.Tensor) -> HostConditioning:
        """Find the rows of [rows, T, C] that are equal.

        With more than one row this waits for the device, so do it once a UNet call and hand the
        result to every layer.
        """
        distinct: list[torch.Tensor] = []
        rows: list[int] = []
        for row in context:
            same = [index for index, other in enumerate(distinct) if torch.equal(row, other)]
            rows.append(same[0] if same else len(distinct))
            if not same:
                distinct.append(row)
        return cls(torch.stack(distinct), tuple(rows))
