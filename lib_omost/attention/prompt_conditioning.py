"""Holds the prompt box's conditioning of one UNet call, without duplicates among batch rows."""

from __future__ import annotations

from dataclasses import dataclass

import torch


@dataclass(frozen=True, eq=False)
class PromptConditioning:
    """The distinct prompt box contexts of one UNet call.

    Attributes:
        contexts: Distinct contexts [U, T, C].
        row_indices: Index into `contexts` of each batch row.
    """

    contexts: torch.Tensor
    row_indices: tuple[int, ...]

    @classmethod
    def from_rows(cls, context: torch.Tensor) -> PromptConditioning:
        """Finds batch rows with equal contexts.

        With more than one row the comparison waits for the device. Call it once for each UNet
        call and pass the result to every layer.

        Args:
            context: Context of each batch row, [rows, T, C].

        Returns:
            The distinct contexts in the order of their first row.
        """
        distinct: list[torch.Tensor] = []
        indices: list[int] = []
        for row in context:
            equal = [index for index, other in enumerate(distinct) if torch.equal(row, other)]
            indices.append(equal[0] if equal else len(distinct))
            if not equal:
                distinct.append(row)
        return cls(torch.stack(distinct), tuple(indices))
