"""Distinguishes the positive and negative batch rows of Forge's UNet calls by labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch

from lib_omost.hosts.forge.backend import Condition

POSITIVE, NEGATIVE = 0, 1
"""Forge's marks for chunks of positive and of negative rows."""

LABELS = "omost_images"
"""Name of the condition that holds the image of each row, or NO_IMAGE."""

NO_IMAGE = -1
"""Label of negative rows."""

UnetArguments = dict[str, Any]
"""The arguments that Forge passes to a model_function_wrapper for one UNet call.

"input": latent [rows, c, H, W]; "timestep": [rows]; "cond_or_uncond": mark of each chunk of rows;
"c": keyword arguments of apply_model. A chunk holds the whole batch once, in the batch's order.
"""


def label_rows(cond: Sequence[Any], uncond: Sequence[Any] | None, images: int) -> None:
    """Adds a condition to every chunk that labels its rows with their images.

    Forge's own marks are not sufficient: self-attention guidance marks the negative prompt as
    positive.

    Args:
        cond: Compiled positive conditions of one model call; Forge creates them for each call.
        uncond: Compiled negative conditions, or None.
        images: Number of images in the batch.
    """
    for chunk in cond:
        chunk["model_conds"][LABELS] = Condition(torch.arange(images))
    for chunk in uncond or ():
        chunk["model_conds"][LABELS] = Condition(torch.full((images,), NO_IMAGE))


@dataclass(frozen=True)
class ForgeBatchRows:
    """The positive and negative batch rows of one UNet call.

    Attributes:
        positive: Indices of the positive rows.
        negative: Indices of the negative rows.
        images: Image of each positive row.
    """

    positive: torch.Tensor
    negative: torch.Tensor
    images: tuple[int, ...]

    @classmethod
    def from_labels(cls, labels: torch.Tensor) -> ForgeBatchRows:
        """Sorts the rows of a call by the labels that `label_rows` added.

        Args:
            labels: Image of each row, or NO_IMAGE, [rows].
        """
        images: list[int] = labels.tolist()
        positive = [row for row, image in enumerate(images) if image != NO_IMAGE]
        negative = [row for row, image in enumerate(images) if image == NO_IMAGE]
        return cls(
            torch.tensor(positive, dtype=torch.long, device=labels.device),
            torch.tensor(negative, dtype=torch.long, device=labels.device),
            tuple(images[row] for row in positive),
        )


def select_rows(call: UnetArguments, rows: torch.Tensor, mark: int) -> UnetArguments:
    """Builds the arguments of a UNet call with only some of the rows.

    Args:
        call: Arguments of the whole call; they are not changed.
        rows: Indices of the rows, which all have the same mark.
        mark: POSITIVE or NEGATIVE.

    Returns:
        The arguments of the smaller call.
    """
    x = call["input"]
    chunks = len(call["cond_or_uncond"]) * len(rows) // len(x)

    def select(value: Any) -> Any:
        if isinstance(value, torch.Tensor) and value.ndim and len(value) == len(x):
            return value.index_select(0, rows.to(value.device))
        return value

    c = {name: select(value) for name, value in call["c"].items()}
    if c.get("control"):
        # Copied, because the UNet empties these lists while it runs.
        c["control"] = {name: list(map(select, parts)) for name, parts in c["control"].items()}
    indices = list(range(len(rows)))
    options = c["transformer_options"]
    # reForge marks the chunks, but not the rows.
    row_marks = {"cond_mark": select(options["cond_mark"])} if "cond_mark" in options else {}
    c["transformer_options"] = {
        **options,
        **row_marks,
        "cond_or_uncond": [mark] * chunks,
        "cond_indices": indices if mark == POSITIVE else [],
        "uncond_indices": [] if mark == POSITIVE else indices,
    }
    return {
        "input": select(x),
        "timestep": select(call["timestep"]),
        "c": c,
        "cond_or_uncond": [mark] * chunks,
    }


def replace_pooled(
    y: torch.Tensor, rows: ForgeBatchRows, pooled: Sequence[torch.Tensor]
) -> torch.Tensor:
    """Returns a copy of the vector conditioning with each image's pooled vector (SDXL).

    Args:
        y: Vector conditioning [rows, P + sizes]; the size embeddings stay.
        rows: The batch rows; the positive ones are replaced.
        pooled: Pooled vector [P] of each image.
    """
    y = y.clone()
    vectors = torch.stack([pooled[image] for image in rows.images]).to(y)
    y[rows.positive, : vectors.shape[1]] = vectors
    return y
