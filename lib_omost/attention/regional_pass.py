"""Computes regional cross-attention during one sampling pass; hosts call this module."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import contextmanager

import torch

from lib_omost.attention import area_conditioning, decomposition, regional_attention
from lib_omost.attention.conditions import CanvasConditions
from lib_omost.attention.costs import AttentionCosts, device_costs
from lib_omost.attention.key_value_cache import KeysValues, KeyValueCache, projection_state
from lib_omost.attention.prompt_conditioning import PromptConditioning
from lib_omost.attention.region_masks import (
    Size,
    area_scales,
    build_region_masks,
    condition_weights,
    level_size,
)
from lib_omost.attention.regional_options import RegionalOptions

KeyValueProjection = Callable[[torch.Tensor], tuple[torch.Tensor, torch.Tensor]]
"""A layer's to_k and to_v: context [B, T, C] to keys and values, each [B, T, heads * d]."""

LevelPlan = regional_attention.AttentionPlan | decomposition.DecompositionPlan


class RegionalPass:
    """Computes cross-attention for the positive batch rows of one sampling pass.

    The pass computes plans, keys and values once and reuses them at every step.

    Args:
        canvases: Encoded canvas of each image of the batch. Images that share one
            CanvasConditions object share its keys and values.
        options: Method, strengths and range of steps.
        with_prompt_box: True if the pixels also attend to the prompt box's conditioning, for all
            images or for each image.
        cache_limit: Limit of the key and value cache in bytes; None means
            `key_value_cache.default_limit`.
        costs: Cost factors by which cells are merged; None means those of the device.
        encode: Encodes the canvases with the model that is loaded at the time of the call; None if
            no other model can replace the first one.

    Attributes:
        progress: Fraction of the sampler steps that are done, 0 <= progress < 1. The caller of the
            sampler updates it before each model call, unless the options act at all steps.
    """

    def __init__(
        self,
        canvases: Sequence[CanvasConditions],
        options: RegionalOptions,
        *,
        with_prompt_box: bool | Sequence[bool] = False,
        cache_limit: int | None = None,
        costs: AttentionCosts | None = None,
        encode: Callable[[], Sequence[CanvasConditions]] | None = None,
    ) -> None:
        self.canvases = tuple(canvases)
        self.options = options
        if isinstance(with_prompt_box, bool):
            with_prompt_box = [with_prompt_box] * len(self.canvases)
        self._with_prompt_box = tuple(with_prompt_box)
        self.cache = KeyValueCache(cache_limit)
        self.costs = costs
        self.progress = 0.0
        self._encode = encode
        self._masks: dict[tuple[CanvasConditions, Size], torch.Tensor] = {}
        self._plans: dict[Hashable, LevelPlan] = {}

    @property
    def needs_prompt_conditioning(self) -> bool:
        """True if the host must pass the prompt box's conditioning to `attend` and `blend`."""
        return any(self._with_prompt_box)

    @property
    def is_active(self) -> bool:
        """True if the canvases act in the next model call."""
        return bool(self.canvases) and self.options.is_active(self.progress)

    def encode_again(self) -> None:
        """Encodes the canvases for a refiner that replaces the model during the sampling.

        The refiner's cross-attention must read contexts of the same width.
        """
        if self._encode is not None:
            self.canvases = tuple(self._encode())
            self._clear_caches()

    def end(self) -> None:
        """Releases all tensors when the sampling is over and deactivates the pass.

        Another extension may hold a reference to one of our hooks, and through it to this pass,
        for the rest of the program's life. A second call does nothing.
        """
        self.canvases = ()
        self._with_prompt_box = ()
        self._encode = None
        self._clear_caches()

    def _clear_caches(self) -> None:
        """Releases the masks, plans, keys and values of the canvases."""
        self.cache.clear()
        self._masks.clear()
        self._plans.clear()

    def attend(
        self,
        layer: Hashable,
        q: torch.Tensor,
        project: KeyValueProjection,
        images: Sequence[int],
        size: Size,
        heads: int,
        prompt: torch.Tensor | PromptConditioning | None = None,
    ) -> torch.Tensor:
        """Computes the cross-attention of one layer for the positive batch rows.

        Args:
            layer: Identifies the layer in the key and value cache.
            q: Queries [rows, H * W, heads * d].
            project: The layer's to_k and to_v.
            images: Index of the image that each row belongs to.
            size: Height and width of the latent that the UNet receives. The level follows from
                the number of queries.
            heads: Number of heads.
            prompt: The prompt box's conditioning [rows, T, C], or None if no row attends to it.
                For several rows, build a PromptConditioning once for each UNet call.

        Returns:
            Attention output [rows, H * W, heads * d], before the layer's to_out.

        Raises:
            ValueError: No UNet level has as many pixels as `q`, or the method is "area".
        """
        if self.options.method == "area":
            raise ValueError("area conditioning blends predictions: call blend, not attend")
        level = level_size(size, q.shape[1])
        canvases = [self.canvases[image] for image in images]
        prompt = _deduplicate(prompt)
        prompt_keys_values = None if prompt is None else project(prompt.contexts)
        out = q
        for canvas, prompt_index, rows in _group_rows(
            canvases, self._prompt_indices(images, prompt)
        ):
            keys_values = [self._canvas_keys_values(layer, canvas, level, q, project)]
            if prompt_keys_values is not None and prompt_index is not None:
                k, v = (x[prompt_index, None].to(q) for x in prompt_keys_values)
                keys_values.append((k, v))
            if len(rows) == len(images):
                return self._attend_group(q, canvas, level, keys_values, heads)
            if out is q:
                out = torch.empty_like(q)
            index = _row_index(rows)
            out[index] = self._attend_group(q[index], canvas, level, keys_values, heads)
        return out

    def blend(
        self,
        predict: Callable[[torch.Tensor], torch.Tensor],
        images: Sequence[int],
        prompt: torch.Tensor | PromptConditioning | None = None,
    ) -> torch.Tensor:
        """Predicts the noise of the positive batch rows by area conditioning.

        Args:
            predict: Runs the UNet on all positive rows, in their order: context [rows, T, C] to
                prediction [rows, c, H, W]. It is called once for each condition, and more often
                if the rows follow canvases whose conditions have different lengths.
            images: Index of the image that each row belongs to.
            prompt: As for `attend`; its tokens are appended to those of every condition.

        Returns:
            Blended predictions [rows, c, H, W].
        """
        prompt = _deduplicate(prompt)
        contexts = [
            None if prompt is None or index is None else prompt.contexts[index]
            for index in self._prompt_indices(images, prompt)
        ]
        canvases = [self.canvases[image] for image in images]
        return area_conditioning.blend_predictions(predict, canvases, self.options, contexts)

    def _prompt_indices(
        self, images: Sequence[int], prompt: PromptConditioning | None
    ) -> list[int | None]:
        """Returns the index of each row's prompt box context, None for a row that ignores it."""
        if prompt is None:
            return [None] * len(images)
        return [
            index if self._with_prompt_box[image] else None
            for image, index in zip(images, prompt.row_indices, strict=True)
        ]

    def _attend_group(
        self,
        q: torch.Tensor,
        canvas: CanvasConditions,
        level: Size,
        keys_values: Sequence[KeysValues],
        heads: int,
    ) -> torch.Tensor:
        """Attends for rows that share one canvas and one prompt box context (or none)."""
        keys, values = [k for k, _ in keys_values], [v for _, v in keys_values]
        lengths = canvas.lengths + tuple(k.shape[1] for k in keys[1:])
        plan_key = canvas, level, lengths, q.shape, q.dtype, q.device
        if plan_key not in self._plans:
            with _ordinary_tensors():
                self._plans[plan_key] = self._build_plan(canvas, level, lengths, q)
        return self._plans[plan_key].attend(q, keys, values, heads)

    def _build_plan(
        self, canvas: CanvasConditions, level: Size, lengths: tuple[int, ...], q: torch.Tensor
    ) -> LevelPlan:
        """Builds the plan of one canvas at one UNet level."""
        with_prompt_box = len(lengths) > len(canvas.lengths)
        masks = self._region_masks(canvas, level)
        weights = condition_weights(masks, self.options, with_prompt_box).flatten(1)
        if self.options.method == "couple":
            return decomposition.build_plan(weights, lengths, q.device)
        costs = self.costs or device_costs(q.device)
        scales = area_scales(masks, self.options.sharpness)
        return regional_attention.build_plan(
            weights, lengths, costs, q, with_prompt_box=with_prompt_box, scales=scales
        )

    def _canvas_keys_values(
        self,
        layer: Hashable,
        canvas: CanvasConditions,
        level: Size,
        q: torch.Tensor,
        project: KeyValueProjection,
    ) -> KeysValues:
        """Returns the canvas's keys and values at a layer, [1, T, heads * d] each.

        The keys of the omost method contain the area scales.
        """
        state = projection_state(q)

        def compute() -> KeysValues:
            context = canvas.context[None].to(q.device)
            k, v = project(context if state.autocast else context.to(q.dtype))
            with _ordinary_tensors():
                k, v = k.to(q.dtype, copy=True), v.to(q.dtype, copy=True)
                if self.options.method == "omost":
                    scales = area_scales(self._region_masks(canvas, level), self.options.sharpness)
                    k = regional_attention.scale_keys(k, canvas.lengths, scales)
                return k, v

        return self.cache.get((layer, canvas), (state, level), compute)

    def _region_masks(self, canvas: CanvasConditions, level: Size) -> torch.Tensor:
        """Returns the region masks of a canvas at a UNet level, [C, H, W]."""
        key = canvas, level
        if key not in self._masks:
            self._masks[key] = build_region_masks(canvas.boxes, level)
        return self._masks[key]


@contextmanager
def _ordinary_tensors() -> Iterator[None]:
    """Creates tensors that can be cached: neither inference tensors nor part of a graph."""
    with torch.inference_mode(False), torch.no_grad():
        yield


def _deduplicate(prompt: torch.Tensor | PromptConditioning | None) -> PromptConditioning | None:
    """Converts the contexts of all rows to a PromptConditioning."""
    return PromptConditioning.from_rows(prompt) if isinstance(prompt, torch.Tensor) else prompt


def _row_index(rows: list[int]) -> slice | list[int]:
    """Returns adjacent rows as a slice, because a list index must be copied to the device."""
    span = slice(rows[0], rows[-1] + 1)
    return span if len(rows) == span.stop - span.start else rows


def _group_rows(
    canvases: Sequence[CanvasConditions], prompt_indices: Sequence[int | None]
) -> Iterator[tuple[CanvasConditions, int | None, list[int]]]:
    """Groups batch rows that share a canvas and a prompt box context."""
    groups: dict[tuple[CanvasConditions, int | None], list[int]] = {}
    for row, key in enumerate(zip(canvases, prompt_indices, strict=True)):
        groups.setdefault(key, []).append(row)
    for (canvas, prompt_index), rows in groups.items():
        yield canvas, prompt_index, rows
