"""The rows of one call of Forge's UNet: whose they are, and how to call it with some of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from backend.sampling.condition import Condition

POSITIVE, NEGATIVE = 0, 1
"""Forge's marks of chunks of rows."""

IMAGES = "omost_images"
"""The condition that tells each row's image, or NO_IMAGE."""

NO_IMAGE = -1

Call = dict[str, Any]
"""What Forge hands to a model_function_wrapper.

input [rows, c, H, W], timestep [rows], cond_or_uncond: the mark of each chunk; c: the keywords of
apply_model. A chunk is the whole batch once, its rows the images in the batch's order.
"""


def label(cond: Sequence[Any], uncond: Sequence[Any] | None, images: int) -> None:
    """Give every chunk a condition that says whose its rows are.

    Forge's own marks do not do: self-attention guidance has the negative prompt marked positive.
    cond, uncond: the compiled conditions of one call of the model, made anew for it by Forge.
    """
    for chunk in cond:
        chunk["model_conds"][IMAGES] = Condition(torch.arange(images))
    for chunk in uncond or ():
        chunk["model_conds"][IMAGES] = Condition(torch.full((images,), NO_IMAGE))


@dataclass(frozen=True)
class ForgeBatchRows:
    """Rows of one call by number, and the image of each positive row."""

    positive: torch.Tensor
    negative: torch.Tensor
    images: tuple[int, ...]

    @classmethod
    def of(cls, labels: torch.Tensor) -> ForgeBatchRows:
        """Read what `label` wrote: the image of each row, or NO_IMAGE."""
        images: list[int] = labels.tolist()
        positive = [row for row, image in enumerate(images) if image != NO_IMAGE]
        negative = [row for row, image in enumerate(images) if image == NO_IMAGE]
        return cls(
            torch.tensor(positive, dtype=torch.long, device=labels.device),
            torch.tensor(negative, dtype=torch.long, device=labels.device),
            tuple(images[row] for row in positive),
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


def replace_pooled(
    y: torch.Tensor, rows: ForgeBatchRows, pooled: Sequence[torch.Tensor]
) -> torch.Tensor:
    """Put each image's pooled vector into its positive rows; what follows it, the sizes, stays.

    y: [rows, P + sizes], left as it is; pooled: [P] for each image. Returns a copy.
    """
    y = y.clone()
    vectors = torch.stack([pooled[image] for image in rows.images]).to(y)
    y[rows.positive, : vectors.shape[1]] = vectors
    return y
