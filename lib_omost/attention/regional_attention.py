"""Computes the omost method: every pixel attends to the conditions that cover it, in one softmax.

The formula is softmax(q k^T / sqrt(d) * scale + log w) v over the tokens of all conditions. `scale`
is the condition's area scale, w its weight at the pixel. A plan splits this into a few fused
attention calls, one for each cell of pixels.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F

from lib_omost.attention.cell_merging import merge_cells
from lib_omost.attention.cells import Cell, build_cells
from lib_omost.attention.costs import AttentionCosts
from lib_omost.attention.tensor_layout import join_heads, repeat_for_tokens, split_heads

BIAS_ALIGNMENT = 16
"""Elements to which each row of the bias is aligned; fused attention on CUDA requires it."""

LARGEST_FLOAT16_SCALE = 2.0**14
"""Largest area scale for which scaled keys stay in float16: one pixel of 128 x 128, sharpness 1.

Half of its powers of two move to the attention scale (see `shared_scale`), which keeps keys below
2**9 finite. Larger scales need a sharpness above 1 or a larger image, and a tiny box.
"""


@dataclass(frozen=True, eq=False)
class AttentionCall:
    """One fused attention of a plan: its queries, its keys and its bias on the logits.

    Attributes:
        queries: Slice of the plan's sorted pixels.
        token_slices: Slices of the canvas's tokens; the prompt box's tokens follow them.
        bias: Added to the logits, [1 or n, S], or None if it is the same for all S tokens.
    """

    queries: slice
    token_slices: tuple[slice, ...]
    bias: torch.Tensor | None


@dataclass(frozen=True, eq=False)
class AttentionPlan:
    """The attention calls that together compute the output of every pixel of a UNet level.

    Attributes:
        calls: The attention calls.
        order: Pixel indices sorted by call, [N], or None for a single call.
        inverse_order: Indices that undo `order`, [N], or None for a single call.
        shared_scale: Factor on all logits; the keys are scaled by the rest, see `shared_scale`.
        dtype: Dtype in which `attend` computes.
    """

    calls: tuple[AttentionCall, ...]
    order: torch.Tensor | None
    inverse_order: torch.Tensor | None
    shared_scale: float
    dtype: torch.dtype

    def attend(
        self,
        q: torch.Tensor,
        keys: Sequence[torch.Tensor],
        values: Sequence[torch.Tensor],
        heads: int,
    ) -> torch.Tensor:
        """Computes the attention output of every pixel.

        Args:
            q: Queries [B, N, heads * d].
            keys: Keys [1, T, heads * d] of the canvas, scaled by `scale_keys`, and if it takes
                part the keys of the prompt box, unscaled.
            values: Values [1, T, heads * d], in the same order.
            heads: Number of heads.

        Returns:
            Attention output [B, N, heads * d], before the layer's to_out.
        """
        if q.dtype != self.dtype:
            keys, values = ([x.to(self.dtype) for x in tokens] for tokens in (keys, values))
            with torch.autocast(q.device.type, enabled=False):
                return self.attend(q.to(self.dtype), keys, values, heads).to(q.dtype)
        if self.order is not None:
            q = q.index_select(1, self.order)
        if self.shared_scale != 1:
            keys = [keys[0], *(k / self.shared_scale for k in keys[1:])]
        out = [
            _attend_call(q[:, call.queries], keys, values, call, heads, self.shared_scale)
            for call in self.calls
        ]
        if self.inverse_order is None:
            return out[0]
        return torch.cat(out, 1).index_select(1, self.inverse_order)


def build_plan(
    weights: torch.Tensor,
    lengths: Sequence[int],
    costs: AttentionCosts,
    q: torch.Tensor,
    *,
    with_prompt_box: bool = False,
    scales: Sequence[float] = (1.0,),
) -> AttentionPlan:
    """Builds the attention plan of one UNet level.

    Args:
        weights: Weight of each condition at each pixel, [C, N].
        lengths: Number of tokens of each condition.
        costs: Cost factors of the device, which decide how many cells are merged.
        q: Queries [B, N, heads * d]; only shape, device and dtype are used.
        with_prompt_box: True if the last condition is the prompt box, which covers all pixels and
            whose keys and values are separate tensors.
        scales: Area scale of each condition of the canvas.

    Returns:
        The plan.
    """
    canvas_conditions = len(lengths) - with_prompt_box
    cells = merge_cells(build_cells(weights), lengths, costs, q.shape[0], q.shape[2])
    dtype = attention_dtype(scales, q.dtype)
    calls, start = [], 0
    for cell in cells:
        queries = slice(start, start + len(cell.pixels))
        bias = _logit_bias(weights, cell, lengths, q.device, dtype)
        token_slices = _token_slices([c for c in cell.conditions if c < canvas_conditions], lengths)
        calls.append(AttentionCall(queries, token_slices, bias))
        start = queries.stop
    if len(cells) == 1:
        return AttentionPlan(tuple(calls), None, None, shared_scale(scales), dtype)
    order = torch.cat([cell.pixels for cell in cells])
    inverse_order = order.argsort()
    return AttentionPlan(
        tuple(calls),
        order.to(q.device),
        inverse_order.to(q.device),
        shared_scale(scales),
        dtype,
    )


def _token_slices(conditions: Sequence[int], lengths: Sequence[int]) -> tuple[slice, ...]:
    """Returns the slices of the conditions' tokens; adjacent slices are joined."""
    slices: list[slice] = []
    for condition in conditions:
        start = sum(lengths[:condition])
        stop = start + lengths[condition]
        if slices and slices[-1].stop == start:
            start = slices.pop().start
        slices.append(slice(start, stop))
    return tuple(slices)


def _logit_bias(
    weights: torch.Tensor,
    cell: Cell,
    lengths: Sequence[int],
    device: torch.device,
    dtype: torch.dtype,
) -> torch.Tensor | None:
    """Returns log w for each pixel and token of a cell, [n, S].

    The bias has one row, [1, S], if all pixels have the same weights. It is None if all conditions
    have the same weight, because softmax ignores a constant.
    """
    weight = weights[torch.tensor(cell.conditions)[:, None], cell.pixels]
    if (weight == weight[:, :1]).all():
        weight = weight[:, :1]
    if (weight == weight[:1]).all():
        return None
    tokens = [lengths[c] for c in cell.conditions]
    padding = -sum(tokens) % BIAS_ALIGNMENT
    log_weight = F.pad(weight.log().T, (0, 1)).to(device, dtype)
    columns = [
        column.expand(-1, n)
        for column, n in zip(torch.split(log_weight, 1, 1), [*tokens, padding], strict=True)
    ]
    return torch.cat(columns, 1)[:, : sum(tokens)]


def attention_dtype(scales: Sequence[float], dtype: torch.dtype) -> torch.dtype:
    """Returns the dtype to attend in: float32 if float16 cannot hold the scaled keys.

    Args:
        scales: Area scale of each condition.
        dtype: Dtype of the queries.
    """
    too_large = max(scales) > LARGEST_FLOAT16_SCALE
    return torch.float32 if dtype == torch.float16 and too_large else dtype


def shared_scale(scales: Sequence[float]) -> float:
    """Returns the power-of-two factor that moves from the keys to the attention scale.

    It is about the square root of the largest area scale. Without it the scaled keys of a small
    region leave the range of float16.

    Args:
        scales: Area scale of each condition.
    """
    return 2.0 ** round(math.log2(max(scales)) / 2)


def scale_keys(k: torch.Tensor, lengths: Sequence[int], scales: Sequence[float]) -> torch.Tensor:
    """Multiplies the keys of each condition by its area scale, divided by the shared scale.

    Args:
        k: Keys [1, T, heads * d].
        lengths: Number of tokens of each condition.
        scales: Area scale of each condition.

    Returns:
        Scaled keys [1, T, heads * d] in the dtype of `attention_dtype`.
    """
    shared = shared_scale(scales)
    factors = torch.tensor([scale / shared for scale in scales], device=k.device)
    scaled = k.float() * repeat_for_tokens(factors, lengths)[:, None]
    return scaled.to(attention_dtype(scales, k.dtype))


def _attend_call(
    q: torch.Tensor,
    keys: Sequence[torch.Tensor],
    values: Sequence[torch.Tensor],
    call: AttentionCall,
    heads: int,
    scale: float,
) -> torch.Tensor:
    """Computes one fused attention of a plan, [B, n, heads * d]."""
    q, k, v = (
        split_heads(x, heads) for x in (q, _select_tokens(keys, call), _select_tokens(values, call))
    )
    bias = call.bias
    if bias is not None:
        bias = bias.expand(q.shape[0], heads, q.shape[2], -1)
    k, v = (x.expand(q.shape[0], -1, -1, -1) for x in (k, v))
    scale = scale / math.sqrt(q.shape[-1])
    return join_heads(F.scaled_dot_product_attention(q, k, v, attn_mask=bias, scale=scale))


def _select_tokens(tokens: Sequence[torch.Tensor], call: AttentionCall) -> torch.Tensor:
    """Joins the canvas's tokens of one call and the prompt box's tokens, [1, S, heads * d]."""
    canvas, *prompt_box = tokens
    selected = [canvas[:, part] for part in call.token_slices]
    selected += prompt_box
    return selected[0] if len(selected) == 1 else torch.cat(selected, 1)
