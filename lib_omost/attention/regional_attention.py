"""Regional attention by a plan made once for each level: attentions to cells, masked or not."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F

from lib_omost.attention.cell_merging import merge
from lib_omost.attention.cells import Cell, cells
from lib_omost.attention.costs import Costs
from lib_omost.attention.reference import join_heads, per_token, split_heads

BIAS_ALIGNMENT = 16
"""Fused attention on CUDA wants mask rows to start at multiples of this many elements."""

LARGEST_FLOAT16_SCALE = 2.0**14
"""Scale up to which keys stay in float16: that of one pixel of 128 x 128, with sharpness 1.

Half of its octaves are left to the queries (see `headroom`), so keys below 2**9 stay finite. A
larger scale takes a sharpness above 1 or a larger picture, and a tiny box.
"""


@dataclass(frozen=True, eq=False)
class AttentionCall:
    """One attention of a plan: its queries, its stretches of tokens, its bias on the logits.

    queries: among the plan's sorted pixels. bias: [1 or n, S], or None where it is the same for
    all tokens.
    """

    queries: slice
    stretches: tuple[slice, ...]
    bias: torch.Tensor | None


@dataclass(frozen=True, eq=False)
class AttentionPlan:
    """The attentions that together answer every pixel of a level.

    order: the pixels sorted by step, inverse: back again; None when there is one step.
    headroom: the part of the keys' scales that `attend` applies to all logits.
    dtype: the type in which `attend` computes.
    """

    steps: tuple[AttentionCall, ...]
    order: torch.Tensor | None
    inverse: torch.Tensor | None
    headroom: float
    dtype: torch.dtype

    def attend(
        self,
        q: torch.Tensor,
        keys: Sequence[torch.Tensor],
        values: Sequence[torch.Tensor],
        heads: int,
    ) -> torch.Tensor:
        """Carry out the plan.

        q: [B, N, heads * d]; keys, values: [1, T, heads * d], of the canvas, keys scaled by
        `scale_keys`, and then of the prompt box where it takes part. Returns [B, N, heads * d].
        """
        if q.dtype != self.dtype:
            keys, values = ([x.to(self.dtype) for x in tokens] for tokens in (keys, values))
            with torch.autocast(q.device.type, enabled=False):
                return self.attend(q.to(self.dtype), keys, values, heads).to(q.dtype)
        if self.order is not None:
            q = q.index_select(1, self.order)
        if self.headroom != 1:
            keys = [keys[0], *(k / self.headroom for k in keys[1:])]
        out = [
            _attend_step(q[:, step.queries], keys, values, step, heads, self.headroom)
            for step in self.steps
        ]
        if self.inverse is None:
            return out[0]
        return torch.cat(out, 1).index_select(1, self.inverse)


def make_plan(
    weights: torch.Tensor,
    lengths: Sequence[int],
    costs: Costs,
    q: torch.Tensor,
    *,
    prompt_box: bool = False,
    scales: Sequence[float] = (1.0,),
) -> AttentionPlan:
    """Plan the attention of one level.

    weights: [C, N]; lengths: tokens of each condition; q: [B, N, heads * d], for shape, device
    and dtype. With prompt_box the last condition is the prompt box, which counts everywhere and
    whose tokens come apart from the canvas's. scales: those of the canvas's conditions.
    """
    of_canvas = len(lengths) - prompt_box
    parts = merge(cells(weights), lengths, costs, q.shape[0], q.shape[2])
    share, dtype = headroom(scales), dtype_for(scales, q.dtype)
    steps, start = [], 0
    for cell in parts:
        queries = slice(start, start + len(cell.pixels))
        bias = _bias(weights, cell, lengths, q.device, dtype)
        stretches = _stretches([c for c in cell.conditions if c < of_canvas], lengths)
        steps.append(AttentionCall(queries, stretches, bias))
        start = queries.stop
    if len(parts) == 1:
        return AttentionPlan(tuple(steps), None, None, share, dtype)
    order = torch.cat([cell.pixels for cell in parts])
    inverse = order.argsort()
    return AttentionPlan(tuple(steps), order.to(q.device), inverse.to(q.device), share, dtype)


def _stretches(conditions: Sequence[int], lengths: Sequence[int]) -> tuple[slice, ...]:
    """Where the conditions' tokens are, neighbours joined."""
    stretches: list[slice] = []
    for condition in conditions:
        start = sum(lengths[:condition])
        stop = start + lengths[condition]
        if stretches and stretches[-1].stop == start:
            start = stretches.pop().start
        stretches.append(slice(start, stop))
    return tuple(stretches)


def _bias(
    weights: torch.Tensor,
    cell: Cell,
    lengths: Sequence[int],
    device: torch.device,
    dtype: torch.dtype,
) -> torch.Tensor | None:
    """log w for each pixel and token of a cell, one row when all pixels have the same."""
    weight = weights[torch.tensor(cell.conditions)[:, None], cell.pixels]
    if (weight == weight[:, :1]).all():
        weight = weight[:, :1]
    if (weight == weight[:1]).all():
        return None
    tokens = [lengths[c] for c in cell.conditions]
    padding = -sum(tokens) % BIAS_ALIGNMENT
    logs = F.pad(weight.log().T, (0, 1)).to(device, dtype)
    columns = [
        column.expand(-1, n)
        for column, n in zip(torch.split(logs, 1, 1), [*tokens, padding], strict=True)
    ]
    return torch.cat(columns, 1)[:, : sum(tokens)]


def dtype_for(scales: Sequence[float], dtype: torch.dtype) -> torch.dtype:
    """Choose the type to attend in: float32 where float16 cannot hold the scaled keys."""
    too_large = max(scales) > LARGEST_FLOAT16_SCALE
    return torch.float32 if dtype == torch.float16 and too_large else dtype


def headroom(scales: Sequence[float]) -> float:
    """The part of the scales that q bears instead of k, a power of two near their geometric middle.

    Without it a small region's k, times H * W / area, leaves the range of float16.
    """
    return 2.0 ** round(math.log2(max(scales)) / 2)


def scale_keys(k: torch.Tensor, lengths: Sequence[int], scales: Sequence[float]) -> torch.Tensor:
    """Fold each condition's scale, less the headroom, into its keys; k: [1, T, heads * d].

    Returns keys of the type that `dtype_for` chooses.
    """
    share = headroom(scales)
    factors = torch.tensor([scale / share for scale in scales], device=k.device)
    return (k.float() * per_token(factors, lengths)[:, None]).to(dtype_for(scales, k.dtype))


def _attend_step(
    q: torch.Tensor,
    keys: Sequence[torch.Tensor],
    values: Sequence[torch.Tensor],
    step: AttentionCall,
    heads: int,
    scale: float,
) -> torch.Tensor:
    q, k, v = (split_heads(x, heads) for x in (q, _take(keys, step), _take(values, step)))
    bias = step.bias
    if bias is not None:
        bias = bias.expand(q.shape[0], heads, q.shape[2], -1)
    k, v = (x.expand(q.shape[0], -1, -1, -1) for x in (k, v))
    scale = scale / math.sqrt(q.shape[-1])
    return join_heads(F.scaled_dot_product_attention(q, k, v, attn_mask=bias, scale=scale))


def _take(tokens: Sequence[torch.Tensor], step: AttentionCall) -> torch.Tensor:
    """The tokens of a step."""
    canvas, *prompt_box = tokens
    parts = [canvas[:, stretch] for stretch in step.stretches]
    parts += prompt_box
    return parts[0] if len(parts) == 1 else torch.cat(parts, 1)
