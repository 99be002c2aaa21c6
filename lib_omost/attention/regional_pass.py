"""One sampling pass: which canvas each image follows, and what stays the same between steps."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import contextmanager

import torch

from lib_omost.attention import area_conditioning, decomposition, regional_attention
from lib_omost.attention.conditions import CanvasConditions
from lib_omost.attention.costs import Costs, costs_of
from lib_omost.attention.host_conditioning import HostConditioning
from lib_omost.attention.key_value_cache import KeyValueCache, Pair, ambient
from lib_omost.attention.region_masks import Size, level_size, masks, scales, weights
from lib_omost.attention.regional_options import RegionalOptions

Project = Callable[[torch.Tensor], tuple[torch.Tensor, torch.Tensor]]
"""A layer's own to_k and to_v: context [B, T, C] to k and v, each [B, T, heads * d]."""


class RegionalPass:
    """Answers cross-attention for the positive rows of one sampling pass.

    canvases: the conditions of each image of the batch, in the batch's order; images that share
    one Conditions object share its keys and values.
    prompt_takes_part: whether the host's own cond counts, for all images or for each of them.
    cache_limit: bytes of keys and values to keep, None for `cache.default_limit`.
    costs: by which cells are merged, None for what was measured on the device.
    encode: encodes the canvases with the model that is loaded when it is called, None where no
    other model can take over.
    """

    def __init__(
        self,
        canvases: Sequence[CanvasConditions],
        options: RegionalOptions,
        *,
        prompt_takes_part: bool | Sequence[bool] = False,
        cache_limit: int | None = None,
        costs: Costs | None = None,
        encode: Callable[[], Sequence[CanvasConditions]] | None = None,
    ) -> None:
        self.canvases = tuple(canvases)
        self.options = options
        if isinstance(prompt_takes_part, bool):
            prompt_takes_part = [prompt_takes_part] * len(self.canvases)
        self._prompt_counts = tuple(prompt_takes_part)
        self.cache = KeyValueCache(cache_limit)
        self.costs = costs
        self._encode = encode
        self._masks: dict[tuple[CanvasConditions, Size], torch.Tensor] = {}
        self._plans: dict[
            Hashable, regional_attention.AttentionPlan | decomposition.DecompositionPlan
        ] = {}

    @property
    def prompt_takes_part(self) -> bool:
        """Whether the host is to hand its own cond to `attend` and `blend` as host_context."""
        return any(self._prompt_counts)

    def active(self, progress: float) -> bool:
        """Tell whether the canvases count at this fraction of the steps, 0 <= progress < 1."""
        return bool(self.canvases) and self.options.active(progress)

    def encode_again(self) -> None:
        """Encode the canvases for another model that takes over in the midst of the sampling.

        The model must read texts of the same width.
        """
        if self._encode is not None:
            self.canvases = tuple(self._encode())
            self._forget()

    def end(self) -> None:
        """Release all tensors when the sampling is over; safe to repeat.

        Another extension may keep a function of ours, and the pass with it, for ever. From now on
        the pass has no canvases and is not active.
        """
        self.canvases = ()
        self._prompt_counts = ()
        self._encode = None
        self._forget()

    def _forget(self) -> None:
        """Release what was computed for the canvases."""
        self.cache.clear()
        self._masks.clear()
        self._plans.clear()

    def attend(
        self,
        layer: Hashable,
        q: torch.Tensor,
        project: Project,
        images: Sequence[int],
        size: Size,
        heads: int,
        host_context: torch.Tensor | HostConditioning | None = None,
    ) -> torch.Tensor:
        """Attend from the positive rows to the tokens of their canvases and of the prompt box.

        layer: what tells this layer from the others, for the cache of keys and values.
        q: [rows, H * W, heads * d]; images: the image each row belongs to.
        size: the latent's (H, W) as the UNet receives it, before any halving; the level follows
        from q's second axis.
        host_context: [rows, T, C], the host's own cond, with a mask of all ones in rows whose
        prompt box takes part; None when none does. For several rows, make a HostContext of it
        once a UNet call.
        Returns [rows, H * W, heads * d], before the layer's to_out.
        Raises ValueError when no level of the UNet has q's pixels, and for the area method.
        """
        if self.options.method == "area":
            raise ValueError("area conditioning blends predictions: call blend, not attend")
        level = level_size(size, q.shape[1])
        canvases = [self.canvases[image] for image in images]
        host = _host_context(host_context)
        host_pair = None if host is None else project(host.contexts)
        out = q
        for canvas, box, rows in _groups(canvases, self._boxes(images, host)):
            pairs = [self._pair(layer, canvas, level, q, project)]
            if host_pair is not None and box is not None:
                pairs.append((host_pair[0][box, None].to(q), host_pair[1][box, None].to(q)))
            if len(rows) == len(images):
                return self._answer(q, canvas, level, pairs, heads)
            if out is q:
                out = torch.empty_like(q)
            place = _place(rows)
            out[place] = self._answer(q[place], canvas, level, pairs, heads)
        return out

    def blend(
        self,
        predict: Callable[[torch.Tensor], torch.Tensor],
        images: Sequence[int],
        host_context: torch.Tensor | HostConditioning | None = None,
    ) -> torch.Tensor:
        """Predict noise by area conditioning: one prediction a condition, blended by weights.

        predict: the UNet on the positive rows with context [rows, T, C], giving [rows, c, H, W].
        It is called once for each condition; more often where rows follow canvases whose
        conditions have different lengths. Every call has all rows in their order.
        host_context: as for `attend`; its tokens join those of every condition.
        Returns [rows, c, H, W].
        """
        host = _host_context(host_context)
        contexts = [
            None if host is None or box is None else host.contexts[box]
            for box in self._boxes(images, host)
        ]
        canvases = [self.canvases[image] for image in images]
        return area_conditioning.blend(predict, canvases, self.options, contexts)

    def _boxes(self, images: Sequence[int], host: HostConditioning | None) -> list[int | None]:
        """Which of the prompt boxes' conds counts in each row, None where none does."""
        if host is None:
            return [None] * len(images)
        counts = self._prompt_counts
        return [
            box if counts[image] else None for image, box in zip(images, host.rows, strict=True)
        ]

    def _answer(
        self,
        q: torch.Tensor,
        canvas: CanvasConditions,
        level: Size,
        pairs: Sequence[Pair],
        heads: int,
    ) -> torch.Tensor:
        """Attend from rows that follow one canvas and share the prompt box's cond, if any."""
        keys, values = [k for k, _ in pairs], [v for _, v in pairs]
        lengths = canvas.lengths + tuple(k.shape[1] for k in keys[1:])
        place = canvas, level, lengths, q.shape, q.dtype, q.device
        if place not in self._plans:
            with _plain_tensors():
                self._plans[place] = self._plan(canvas, level, lengths, q)
        return self._plans[place].attend(q, keys, values, heads)

    def _plan(
        self, canvas: CanvasConditions, level: Size, lengths: tuple[int, ...], q: torch.Tensor
    ) -> regional_attention.AttentionPlan | decomposition.DecompositionPlan:
        prompt_box = len(lengths) > len(canvas.lengths)
        mask = self._mask(canvas, level)
        weight = weights(mask, self.options, prompt_box).flatten(1)
        if self.options.method == "couple":
            return decomposition.make_plan(weight, lengths, q.device)
        costs = self.costs or costs_of(q.device)
        scale = scales(mask, self.options.sharpness)
        return regional_attention.make_plan(
            weight, lengths, costs, q, prompt_box=prompt_box, scales=scale
        )

    def _pair(
        self,
        layer: Hashable,
        canvas: CanvasConditions,
        level: Size,
        q: torch.Tensor,
        project: Project,
    ) -> Pair:
        """The canvas's keys and values at a layer, scales folded in; [1, T, heads * d] each."""
        state = ambient(q)

        def make() -> Pair:
            context = canvas.context[None].to(q.device)
            k, v = project(context if state.autocast else context.to(q.dtype))
            with _plain_tensors():
                k, v = k.to(q.dtype, copy=True), v.to(q.dtype, copy=True)
                if self.options.method == "omost":
                    scale = scales(self._mask(canvas, level), self.options.sharpness)
                    k = regional_attention.scale_keys(k, canvas.lengths, scale)
                return k, v

        return self.cache.get((layer, canvas), (state, level), make)

    def _mask(self, canvas: CanvasConditions, level: Size) -> torch.Tensor:
        place = canvas, level
        if place not in self._masks:
            self._masks[place] = masks(canvas.boxes, level)
        return self._masks[place]


@contextmanager
def _plain_tensors() -> Iterator[None]:
    """Make tensors that can be kept: neither inference tensors nor with a graph."""
    with torch.inference_mode(False), torch.no_grad():
        yield


def _host_context(context: torch.Tensor | HostConditioning | None) -> HostConditioning | None:
    return HostConditioning.of(context) if isinstance(context, torch.Tensor) else context


def _place(rows: list[int]) -> slice | list[int]:
    """The rows as an index; a slice where it can be, because a list must go to the device first."""
    whole = slice(rows[0], rows[-1] + 1)
    return whole if len(rows) == whole.stop - whole.start else rows


def _groups(
    canvases: Sequence[CanvasConditions], boxes: Sequence[int | None]
) -> Iterator[tuple[CanvasConditions, int | None, list[int]]]:
    """Rows that share a canvas and the prompt box's cond, with both."""
    groups: dict[tuple[CanvasConditions, int | None], list[int]] = {}
    for row, shared in enumerate(zip(canvases, boxes, strict=True)):
        groups.setdefault(shared, []).append(row)
    for (canvas, box), rows in groups.items():
        yield canvas, box, rows
