"""The cross-attention layers of Forge's UNet, and what stands in for them during one call."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from backend.attention import attention_function
from backend.nn.unet import IntegratedUNet2DConditionModel, SpatialTransformer

from lib_omost.attention.prompt_conditioning import PromptConditioning
from lib_omost.attention.regional_pass import RegionalPass
from lib_omost.hosts.forge.batch_rows import Call, ForgeBatchRows

Replacement = Callable[[torch.Tensor, torch.Tensor, torch.Tensor, dict[str, Any]], torch.Tensor]
"""Forge's attn2 replacement: projected q, k, v with heads flat, and options; to_out comes after."""

Layers = dict[tuple[str, int, int], Any]
"""attn2 modules by where Forge looks for a replacement: part, block and transformer in it."""


def cross_attentions(model: IntegratedUNet2DConditionModel) -> Layers:
    """Find every attn2 module of a UNet."""
    parts = {
        "input": model.input_blocks,
        "middle": [model.middle_block],
        "output": model.output_blocks,
    }
    return {
        (part, number, index): transformer.attn2
        for part, blocks in parts.items()
        for number, block in enumerate(blocks)
        for layer in block
        if isinstance(layer, SpatialTransformer)
        for index, transformer in enumerate(layer.transformer_blocks)
        if transformer.attn2 is not None
    }


def context_width(model: IntegratedUNet2DConditionModel) -> int:
    """The length of the vectors that cross-attention reads; packed weights do not tell it."""
    width: int | list[int] = model.config["context_dim"]
    return width[0] if isinstance(width, list) else width


def with_regions(
    call: Call,
    regional_pass: RegionalPass,
    rows: ForgeBatchRows,
    host_context: PromptConditioning | None,
    layers: Layers,
) -> Call:
    """The same call of the UNet with the cross-attention of every layer replaced."""
    options = dict(call["c"]["transformer_options"])
    replaced = options.get("patches_replace", {})
    before = replaced.get("attn2", {})
    level = Level(call["input"].shape)
    ours = {
        place: replacement(
            regional_pass,
            layer,
            rows,
            level,
            host_context,
            before=before.get(place) or before.get(place[:2]),
        )
        for place, layer in layers.items()
    }
    options["patches_replace"] = {**replaced, "attn2": {**before, **ours}}
    options["block_inner_modifiers"] = [*options.get("block_inner_modifiers", []), level.note]
    return {**call, "c": {**call["c"], "transformer_options": options}}


def replacement(
    regional_pass: RegionalPass,
    layer: Any,
    rows: ForgeBatchRows,
    level: Level,
    host_context: PromptConditioning | None,
    before: Replacement | None,
) -> Replacement:
    """Make what stands in for one layer's attention; `before` stood there already, if any did."""

    def attend(
        q: torch.Tensor, k: torch.Tensor, v: torch.Tensor, options: dict[str, Any]
    ) -> torch.Tensor:
        level.check(options["original_shape"])
        heads = options["n_heads"]

        def project(context: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
            context = context.to(q)
            return layer.to_k(context), layer.to_v(context)

        def host(rows: torch.Tensor) -> torch.Tensor:
            taken = (x.index_select(0, rows) for x in (q, k, v))
            return attention_function(*taken, heads)  # type: ignore[no-any-return]

        positive = q.index_select(0, rows.positive)
        ours = regional_pass.attend(
            layer, positive, project, rows.images, level.size, heads, host_context
        ).to(q)
        if before is not None:
            # IP-Adapter and the like add to the host's attention: keep what they add.
            out = before(q, k, v, options)
            return out.index_add(0, rows.positive, (ours - host(rows.positive)).to(out))
        out = torch.empty_like(q).index_copy_(0, rows.positive, ours)
        if len(rows.negative):
            out.index_copy_(0, rows.negative, host(rows.negative))
        return out

    return attend


class Level:
    """The height and width that the UNet is working at, noted as it goes.

    Noted, not computed: Kohya HRFix shrinks the latent between two blocks.
    """

    def __init__(self, shape: torch.Size) -> None:
        self._rows, _, *self._latent = shape
        self.size: tuple[int, int] = (shape[2], shape[3])

    def note(self, x: torch.Tensor, when: str, layer: Any, *_: Any) -> torch.Tensor:
        """Forge's modifier around every layer: look at the shape, change nothing."""
        if when == "before" and isinstance(layer, SpatialTransformer):
            self.size = (x.shape[2], x.shape[3])
        return x

    def check(self, shape: list[int]) -> None:
        """Raise RuntimeError when the UNet was not given the whole latents."""
        if [shape[0], *shape[2:]] != [self._rows, *self._latent]:
            raise RuntimeError(
                "Omost: the picture is sampled in tiles, where a canvas cannot be followed; "
                "switch off Omost, Tiled Diffusion or whatever cuts the picture."
            )
