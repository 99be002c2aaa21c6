"""Small canvases, a small cross-attention layer, and the reference output for both."""

from __future__ import annotations

import weakref
from collections.abc import Sequence

import torch

from benchmarks import reference_attention as reference
from lib_omost.attention.conditions import CanvasConditions
from lib_omost.attention.region_masks import (
    area_scales,
    build_region_masks,
    condition_weights,
    level_size,
)
from lib_omost.attention.regional_options import RegionalOptions
from lib_omost.attention.regional_pass import RegionalPass
from lib_omost.canvas.model import WHOLE_CANVAS, Box

LEFT, RIGHT = Box(0, 90, 0, 45), Box(0, 90, 45, 90)
CENTRE = Box(22.5, 67.5, 22.5, 67.5)
OVERLAPPING = (WHOLE_CANVAS, Box(0, 60, 0, 60), Box(30, 90, 40.5, 90), Box(20, 50.2, 0, 90))
CONTEXT = 24
HEADS = 4
CHANNELS = 32


def conditions(boxes: Sequence[Box], lengths: Sequence[int] | None = None) -> CanvasConditions:
    """Returns a canvas with random tokens, by default 5 for each condition."""
    lengths = tuple(lengths or [5] * len(boxes))
    return CanvasConditions(torch.randn(sum(lengths), CONTEXT), lengths, tuple(boxes))


def held_tensors(regional_pass: RegionalPass) -> list[weakref.ref[torch.Tensor]]:
    """Returns weak references to the contexts, keys and values that a pass holds."""
    held = [canvas.context for canvas in regional_pass.canvases]
    held += [tensor for _, pair in regional_pass.cache._entries.values() for tensor in pair]
    return [weakref.ref(tensor) for tensor in held]


class Layer:
    """The to_k and to_v of a cross-attention layer; counts its calls."""

    def __init__(self, dtype: torch.dtype = torch.float32) -> None:
        self.weight = (torch.randn(CONTEXT, 2 * CHANNELS) * 0.2).to(dtype)
        self.calls = 0

    def __call__(self, context: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        self.calls += 1
        k, v = torch.matmul(context, self.weight).chunk(2, -1)
        return k, v


def reference_output(
    q: torch.Tensor,
    canvas: CanvasConditions,
    layer: Layer,
    size: tuple[int, int],
    options: RegionalOptions,
    prompt_box: torch.Tensor | None = None,
) -> torch.Tensor:
    """Computes the formula in float32; all rows of q share `prompt_box` [T, C]."""
    mask = build_region_masks(canvas.boxes, level_size(size, q.shape[1]))
    weight = condition_weights(mask, options, prompt_box is not None).flatten(1)
    context, lengths, scale = canvas.context, canvas.lengths, area_scales(mask, options.sharpness)
    if prompt_box is not None:
        context = torch.cat([context, prompt_box])
        lengths, scale = (*lengths, len(prompt_box)), (*scale, 1.0)
    k, v = (x.float() for x in layer(context[None].to(layer.weight)))
    if options.method == "couple":
        return reference.decomposed_attention(q.float(), k, v, lengths, weight, HEADS)
    return reference.regional_attention(q.float(), k, v, lengths, scale, weight, HEADS)
