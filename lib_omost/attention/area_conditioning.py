"""Area conditioning: one prediction for each condition, blended by weights at the latent's size."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import torch

from lib_omost.attention.conditions import CanvasConditions
from lib_omost.attention.region_masks import Size, masks, weights
from lib_omost.attention.regional_options import RegionalOptions
from lib_omost.canvas.model import Box

GLOBAL_SHARE = 0.2
REGION_SHARE = 0.8
"""What the seed's layout node gives the global condition and each region."""

Turn = tuple["int | None", ...]
"""For each row of a call the condition it predicts, None where it has none left."""


def shares(boxes: Sequence[Box], size: Size, options: RegionalOptions) -> torch.Tensor:
    """What each condition's prediction is worth at each pixel: [C, H, W], sums to 1 over C."""
    strengths = replace(
        options,
        global_strength=GLOBAL_SHARE * options.global_strength,
        region_strength=REGION_SHARE * options.region_strength,
    )
    weight = weights(masks(boxes, size), strengths)
    return weight / weight.sum(0)


def turns(lengths: Sequence[Sequence[int]]) -> Iterator[Turn]:
    """Share out the conditions of all rows over calls whose contexts have one length.

    lengths: for each row, the tokens of its conditions. Rows of one canvas take one call a
    condition; every call has all rows, since ControlNet counts on them.
    """
    for length in sorted({length for row in lengths for length in row}):
        queues = [[c for c, own in enumerate(row) if own == length] for row in lengths]
        for turn in range(max(map(len, queues))):
            yield tuple(queue[turn] if turn < len(queue) else None for queue in queues)


def blend(
    predict: Callable[[torch.Tensor], torch.Tensor],
    canvases: Sequence[CanvasConditions],
    options: RegionalOptions,
    host_contexts: Sequence[torch.Tensor | None],
) -> torch.Tensor:
    """Predict every condition of every row and blend by `shares`; the sum is taken in float32.

    predict: context [rows, T, C] to [rows, c, H, W]; canvases: the conditions of each row;
    host_contexts: for each row the prompt box's [T, C], which joins the tokens of every condition,
    None where it takes no part.
    """
    texts = [_texts(*pair) for pair in zip(canvases, host_contexts, strict=True)]
    blended, size = torch.zeros(()), (0, 0)
    share: dict[CanvasConditions, torch.Tensor] = {}
    for turn in turns([[len(text) for text in row] for row in texts]):
        prediction = predict(_contexts(texts, turn))
        if size == (0, 0):
            size = (prediction.shape[2], prediction.shape[3])
            blended = torch.zeros_like(prediction, dtype=torch.float32)
            share = {
                canvas: shares(canvas.boxes, size, options).to(prediction.device)
                for canvas in dict.fromkeys(canvases)
            }
        for row, condition in enumerate(turn):
            if condition is not None:
                blended[row] += prediction[row] * share[canvases[row]][condition]
    return blended.to(prediction.dtype)


def _texts(canvas: CanvasConditions, host_context: torch.Tensor | None) -> list[torch.Tensor]:
    """The tokens that predict each condition."""
    texts = list(torch.split(canvas.context, list(canvas.lengths)))
    if host_context is None:
        return texts
    return [torch.cat([text, host_context.to(text)]) for text in texts]


def _contexts(texts: Sequence[Sequence[torch.Tensor]], turn: Turn) -> torch.Tensor:
    """The context of one call; a row with nothing to predict borrows another's."""
    own = [None if c is None else row[c] for row, c in zip(texts, turn, strict=True)]
    borrowed = next(text for text in own if text is not None)
    return torch.stack([borrowed if text is None else text for text in own])
