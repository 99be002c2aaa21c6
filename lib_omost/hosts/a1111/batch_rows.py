"""Finds the positive batch rows of A1111's UNet calls."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

CHUNK_TOKENS = 77
"""Tokens of one prompt chunk; a context consists of whole chunks."""


class A1111BatchRows:
    """The batch rows of one sampler step, in the order in which UNet calls use them.

    A1111 orders the rows of a step as the AND parts of image 0, those of image 1, ..., then the
    negative prompts of the images. It may split the rows into several UNet calls but keeps the
    order.

    Args:
        images: Image of each positive row.
    """

    def __init__(self, images: Sequence[int]) -> None:
        self._images = tuple(images)
        self._used_rows = 0

    def next_call(self, rows: int) -> tuple[int, ...]:
        """Assigns the next rows to a UNet call.

        Args:
            rows: Number of rows of the call.

        Returns:
            Image of each positive row; the positive rows come first.
        """
        start = self._used_rows
        self._used_rows += rows
        return self._images[start : self._used_rows]


def positive_images(cond: Any) -> list[int]:
    """Returns the image of each positive row.

    Args:
        cond: The host's MulticondLearnedConditioning, which lists the AND parts of each image.
    """
    return [image for image, parts in enumerate(cond.batch) for _ in parts]


def controlnet_marker(context: torch.Tensor) -> torch.Tensor:
    """Returns the marker token that sd-webui-controlnet puts before each context, if any.

    Args:
        context: Context [rows, T, C].

    Returns:
        Marker [rows, 1, C], or an empty tensor [rows, 0, C].
    """
    return context[:, : int(context.shape[1] % CHUNK_TOKENS == 1)]


def remove_controlnet_marker(context: torch.Tensor) -> torch.Tensor:
    """Returns the context without sd-webui-controlnet's marker token.

    Args:
        context: Context [rows, T, C] or, with a marker, [rows, 1 + T, C].

    Returns:
        Context [rows, T, C].
    """
    return context[:, controlnet_marker(context).shape[1] :]


def replace_pooled(
    vector: torch.Tensor, images: Sequence[int], pooled: Sequence[torch.Tensor | None]
) -> None:
    """Replaces the pooled vector of the positive rows in place; the size embeddings stay (SDXL).

    Args:
        vector: SDXL's vector conditioning [rows, P + sizes], positive rows first.
        images: Image of each positive row.
        pooled: Pooled vector [P] of each image, or None.
    """
    for row, image in enumerate(images):
        image_pooled = pooled[image]
        if image_pooled is not None:
            vector[row, : len(image_pooled)] = image_pooled.to(vector)
