"""One step of A1111's sampling: which rows are positive, and how far the sampling has come."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

CHUNK = 77
"""Tokens of one chunk of text; a cond is as many chunks as its prompt needs."""


class A1111BatchRows:
    """The rows of one step, in the order in which calls of the UNet take them.

    The host lays them out as image 0's AND parts, image 1's, ..., then the negative prompts in
    the images' order, and however it cuts them into calls, the order stays.

    images: the image of each positive row.
    """

    def __init__(self, images: Sequence[int]) -> None:
        self._images = tuple(images)
        self._taken = 0

    def take(self, count: int) -> tuple[int, ...]:
        """Take the next rows; the first of them are positive, and their images are returned."""
        start = self._taken
        self._taken += count
        return self._images[start : self._taken]


def positive_images(cond: Any) -> list[int]:
    """The image of each positive row; cond: a MulticondLearnedConditioning, AND parts by image."""
    return [image for image, parts in enumerate(cond.batch) for _ in parts]


def progress(denoiser: Any) -> float:
    """The fraction of the steps that are done, 0 <= progress < 1.

    The denoiser counts its calls, and says how many it expects for its steps: some samplers make
    two calls a step, and both belong to it. PLMS and UniPC make one call more than they tell, so
    their later steps seem one step farther; DPM adaptive makes as many as it likes.
    """
    calls = max(1, denoiser.total_steps // denoiser.steps)
    done: float = min(denoiser.step // calls, denoiser.steps - 1) / denoiser.steps
    return done


def marker(context: torch.Tensor) -> torch.Tensor:
    """What sd-webui-controlnet puts before the tokens of each cond: [rows, 1 or 0, C]."""
    return context[:, : int(context.shape[1] % CHUNK == 1)]


def without_marker(context: torch.Tensor) -> torch.Tensor:
    """The tokens alone, [rows, T, C]."""
    return context[:, marker(context).shape[1] :]


def replace_pooled(
    vector: torch.Tensor, images: Sequence[int], pooled: Sequence[torch.Tensor | None]
) -> None:
    """Put each image's pooled vector into its positive rows, in place; the sizes behind it stay.

    vector: [rows, P + sizes], positive rows first; pooled: [P] for each image.
    """
    for row, image in enumerate(images):
        own = pooled[image]
        if own is not None:
            vector[row, : len(own)] = own.to(vector)
