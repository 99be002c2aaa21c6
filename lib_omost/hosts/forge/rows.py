"""One call of the UNet in Forge: which rows are positive, and how to call it with some of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch

POSITIVE = 0
"""Forge's mark of a chunk of rows that follow the prompt; 1 is the negative prompt."""

Call = dict[str, Any]
"""What Forge hands to a model_function_wrapper.

input [rows, c, H, W], timestep [rows], cond_or_uncond: the mark of each chunk; c: the keywords of
apply_model. A chunk is the whole batch once, its rows the images in the batch's order.
"""


@dataclass(frozen=True)
class Rows:
    """Rows of one call by number, and the image of each positive row."""

    positive: torch.Tensor
    negative: torch.Tensor
    images: tuple[int, ...]
    batch: int

    @classmethod
    def of(cls, call: Call) -> Rows:
        """Read the rows of a call from the marks of its chunks."""
        x, marks = call["input"], call["cond_or_uncond"]
        batch = len(x) // len(marks)
        positive = [row for row in range(len(x)) if marks[row // batch] == POSITIVE]
        negative = [row for row in range(len(x)) if marks[row // batch] != POSITIVE]
        return cls(
            torch.tensor(positive, dtype=torch.long, device=x.device),
            torch.tensor(negative, dtype=torch.long, device=x.device),
            tuple(row % batch for row in positive),
            batch,
        )


def take(call: Call, rows: torch.Tensor, mark: int) -> Call:
    """Make the call that has only these rows, all of one mark; nothing of the old one changes."""
    x = call["input"]
    chunks = len(call["cond_or_uncond"]) * len(rows) // len(x)

    def taken(value: Any) -> Any:
        if isinstance(value, torch.Tensor) and value.ndim and len(value) == len(x):
            return value.index_select(0, rows.to(value.device))
        return value

    c = {name: taken(value) for name, value in call["c"].items()}
    if c.get("control"):
        # The UNet empties these lists while it runs.
        c["control"] = {name: list(map(taken, parts)) for name, parts in c["control"].items()}
    numbers = list(range(len(rows)))
    c["transformer_options"] = {
        **c["transformer_options"],
        "cond_or_uncond": [mark] * chunks,
        "cond_mark": taken(c["transformer_options"]["cond_mark"]),
        "cond_indices": numbers if mark == POSITIVE else [],
        "uncond_indices": [] if mark == POSITIVE else numbers,
    }
    return {
        "input": taken(x),
        "timestep": taken(call["timestep"]),
        "c": c,
        "cond_or_uncond": [mark] * chunks,
    }


def replace_pooled(y: torch.Tensor, rows: Rows, pooled: Sequence[torch.Tensor]) -> torch.Tensor:
    """Put each image's pooled vector into its positive rows; what follows it, the sizes, stays.

    y: [rows, P + sizes], left as it is; pooled: [P] for each image. Returns a copy.
    """
    y = y.clone()
    vectors = torch.stack([pooled[image] for image in rows.images]).to(y)
    y[rows.positive, : vectors.shape[1]] = vectors
    return y
