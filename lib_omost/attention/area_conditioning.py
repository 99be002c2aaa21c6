"""Computes the area method: one UNet prediction for each condition, blended by weight."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import torch

from lib_omost.attention.conditions import CanvasConditions
from lib_omost.attention.region_masks import Size, build_region_masks, condition_weights
from lib_omost.attention.regional_options import RegionalOptions
from lib_omost.canvas.model import Box

GLOBAL_WEIGHT = 0.2
REGION_WEIGHT = 0.8
"""Weights of the global condition and of each region, as in ComfyUI_omost's node
"Omost Layout Cond (ComfyUI-Area)"."""

CallAssignment = tuple["int | None", ...]
"""The condition that each batch row predicts in one UNet call; None for a row with none left."""


def prediction_shares(boxes: Sequence[Box], size: Size, options: RegionalOptions) -> torch.Tensor:
    """Returns the share of each condition's prediction at each latent pixel.

    Args:
        boxes: Box of each condition in canvas units, the global condition first.
        size: Height and width of the latent.
        options: Strengths and the overlap mode.

    Returns:
        Shares [C, H, W] that sum to 1 over C.
    """
    strengths = replace(
        options,
        global_strength=GLOBAL_WEIGHT * options.global_strength,
        region_strength=REGION_WEIGHT * options.region_strength,
    )
    weights = condition_weights(build_region_masks(boxes, size), strengths)
    return weights / weights.sum(0)


def assign_calls(lengths: Sequence[Sequence[int]]) -> Iterator[CallAssignment]:
    """Assigns the conditions of all batch rows to UNet calls whose contexts have equal length.

    Rows that follow the same canvas need one call for each condition. Every call has all rows,
    because ControlNet expects the whole batch.

    Args:
        lengths: For each batch row, the number of tokens of each of its conditions.

    Yields:
        The condition of each row in one call.
    """
    for length in sorted({length for row in lengths for length in row}):
        queues = [[c for c, tokens in enumerate(row) if tokens == length] for row in lengths]
        for call in range(max(map(len, queues))):
            yield tuple(queue[call] if call < len(queue) else None for queue in queues)


def blend_predictions(
    predict: Callable[[torch.Tensor], torch.Tensor],
    canvases: Sequence[CanvasConditions],
    options: RegionalOptions,
    prompt_contexts: Sequence[torch.Tensor | None],
) -> torch.Tensor:
    """Predicts every condition of every batch row and blends the predictions in float32.

    Args:
        predict: Runs the UNet: context [rows, T, C] to prediction [rows, c, H, W].
        canvases: Canvas of each batch row.
        options: Strengths and the overlap mode.
        prompt_contexts: Prompt box context [T, C] of each batch row, which is appended to every
            condition, or None where the prompt box takes no part.

    Returns:
        Blended predictions [rows, c, H, W] in the dtype of the predictions.
    """
    contexts = [
        _condition_contexts(canvas, prompt)
        for canvas, prompt in zip(canvases, prompt_contexts, strict=True)
    ]
    blended, size = torch.zeros(()), (0, 0)
    shares: dict[CanvasConditions, torch.Tensor] = {}
    for assignment in assign_calls([[len(context) for context in row] for row in contexts]):
        prediction = predict(_call_context(contexts, assignment))
        if size == (0, 0):
            size = (prediction.shape[2], prediction.shape[3])
            blended = torch.zeros_like(prediction, dtype=torch.float32)
            shares = {
                canvas: prediction_shares(canvas.boxes, size, options).to(prediction.device)
                for canvas in dict.fromkeys(canvases)
            }
        for row, condition in enumerate(assignment):
            if condition is not None:
                blended[row] += prediction[row] * shares[canvases[row]][condition]
    return blended.to(prediction.dtype)


def _condition_contexts(
    canvas: CanvasConditions, prompt_context: torch.Tensor | None
) -> list[torch.Tensor]:
    """Returns the context [T, C] of each condition, with the prompt box's tokens appended."""
    contexts = list(torch.split(canvas.context, list(canvas.lengths)))
    if prompt_context is None:
        return contexts
    return [torch.cat([context, prompt_context.to(context)]) for context in contexts]


def _call_context(
    contexts: Sequence[Sequence[torch.Tensor]], assignment: CallAssignment
) -> torch.Tensor:
    """Stacks the contexts of one UNet call, [rows, T, C].

    A row without a condition in this call repeats another row's context; its output is unused.
    """
    assigned = [None if c is None else row[c] for row, c in zip(contexts, assignment, strict=True)]
    filler = next(context for context in assigned if context is not None)
    return torch.stack([filler if context is None else context for context in assigned])
