"""Finds the cross-attention layers of Forge's UNet and replaces their computation in one call."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from lib_omost.attention.prompt_conditioning import PromptConditioning
from lib_omost.attention.regional_pass import RegionalPass
from lib_omost.hosts.forge.backend import attention_function
from lib_omost.hosts.forge.batch_rows import ForgeBatchRows, UnetArguments

Replacement = Callable[[torch.Tensor, torch.Tensor, torch.Tensor, dict[str, Any]], torch.Tensor]
"""Forge's attn2 replacement: q, k and v, each [rows, N, heads * d], and options; before to_out."""

Layers = dict[tuple[str, int, int], Any]
"""attn2 modules by Forge's key of a replacement: part, block, transformer in the block."""


def is_unet(model: Any) -> bool:
    """Returns True if a model consists of the blocks of a UNet; a diffusion transformer does not.

    Args:
        model: The model that predicts the noise.
    """
    return all(hasattr(model, name) for name in ("input_blocks", "middle_block", "output_blocks"))


def find_cross_attentions(unet: Any) -> Layers:
    """Finds all attn2 modules of a UNet.

    Args:
        unet: The UNet.
    """
    parts = {
        "input": unet.input_blocks,
        "middle": [unet.middle_block],
        "output": unet.output_blocks,
    }
    return {
        (part, number, index): transformer.attn2
        for part, blocks in parts.items()
        for number, block in enumerate(blocks)
        for layer in block
        if _is_spatial_transformer(layer)
        for index, transformer in enumerate(layer.transformer_blocks)
        if transformer.attn2 is not None
    }


def _is_spatial_transformer(layer: Any) -> bool:
    return hasattr(layer, "transformer_blocks")


def context_width(unet: Any) -> int:
    """Returns the number of channels of the context that cross-attention reads.

    It comes from the config, because quantised weights have another shape. The first generation of
    the backend has neither.

    Args:
        unet: The UNet.
    """
    if hasattr(unet, "config"):
        width: int | list[int] = unet.config["context_dim"]
        return width[0] if isinstance(width, list) else width
    first = next(iter(find_cross_attentions(unet).values()))
    return int(first.to_k.in_features)


def replace_cross_attentions(
    call: UnetArguments,
    regional_pass: RegionalPass,
    rows: ForgeBatchRows,
    prompt: PromptConditioning | None,
    layers: Layers,
) -> UnetArguments:
    """Returns the arguments of a UNet call with a replaced attention in every attn2 layer.

    Args:
        call: Arguments of the call; they are not changed.
        regional_pass: The regional pass.
        rows: Batch rows of the call.
        prompt: The prompt box's conditioning, or None if it takes no part.
        layers: attn2 modules of the UNet.
    """
    options = dict(call["c"]["transformer_options"])
    replaced = options.get("patches_replace", {})
    previous = replaced.get("attn2", {})
    level = UnetLevel(call["input"].shape)
    replacements = {
        key: build_replacement(
            regional_pass,
            layer,
            rows,
            level,
            prompt,
            previous=previous.get(key) or previous.get(key[:2]),
        )
        for key, layer in layers.items()
    }
    options["patches_replace"] = {**replaced, "attn2": {**previous, **replacements}}
    modifiers = options.get("block_inner_modifiers", [])
    options["block_inner_modifiers"] = [*modifiers, level.record_size]
    return {**call, "c": {**call["c"], "transformer_options": options}}


def build_replacement(
    regional_pass: RegionalPass,
    layer: Any,
    rows: ForgeBatchRows,
    level: UnetLevel,
    prompt: PromptConditioning | None,
    previous: Replacement | None,
) -> Replacement:
    """Builds the attention replacement of one layer.

    The regional pass computes the positive rows, the host's attention the negative rows.

    Args:
        regional_pass: The regional pass.
        layer: The attn2 module.
        rows: Batch rows of the call.
        level: The UNet level at which the call works.
        prompt: The prompt box's conditioning, or None if it takes no part.
        previous: Replacement of another extension, or None.
    """

    def attend(
        q: torch.Tensor, k: torch.Tensor, v: torch.Tensor, options: dict[str, Any]
    ) -> torch.Tensor:
        level.check_whole_latent(options["original_shape"])
        size = level.size_in(options)
        heads = options["n_heads"]
        precision = {name: options[name] for name in ("attn_precision",) if name in options}

        def project(context: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
            context = context.to(q)
            return layer.to_k(context), layer.to_v(context)

        def host(rows: torch.Tensor) -> torch.Tensor:
            selected = (x.index_select(0, rows) for x in (q, k, v))
            return attention_function(*selected, heads, **precision)  # type: ignore[no-any-return]

        positive = q.index_select(0, rows.positive)
        regional = regional_pass.attend(
            layer, positive, project, rows.images, size, heads, prompt
        ).to(q)
        if previous is not None:
            # IP-Adapter and others add to the host's attention; the difference is kept.
            out = previous(q, k, v, options)
            return out.index_add(0, rows.positive, (regional - host(rows.positive)).to(out))
        out = torch.empty_like(q).index_copy_(0, rows.positive, regional)
        if len(rows.negative):
            out.index_copy_(0, rows.negative, host(rows.negative))
        return out

    return attend


class UnetLevel:
    """The height and width of the UNet level at which a call works.

    The size is recorded instead of computed, because Kohya HRFix shrinks the latent between two
    blocks.

    Args:
        shape: Shape of the call's latent, [rows, c, H, W].
    """

    def __init__(self, shape: torch.Size) -> None:
        self._rows, _, *self._latent_size = shape
        self._size: tuple[int, int] = (shape[2], shape[3])

    def size_in(self, options: dict[str, Any]) -> tuple[int, int]:
        """Returns the height and width of the level, in latent pixels.

        reForge passes them to each attention, the other hosts call `record_size`.

        Args:
            options: Options of the attention.
        """
        shape = options.get("activations_shape")
        return self._size if shape is None else (shape[2], shape[3])

    def record_size(self, x: torch.Tensor, when: str, layer: Any, *_: Any) -> torch.Tensor:
        """Records the size before each spatial transformer, as a Forge block_inner_modifier.

        Args:
            x: Input or output of a layer, [rows, C, H, W].
            when: "before" or "after" the layer.
            layer: The layer.

        Returns:
            `x`, unchanged.
        """
        if when == "before" and _is_spatial_transformer(layer):
            self._size = (x.shape[2], x.shape[3])
        return x

    def check_whole_latent(self, shape: list[int]) -> None:
        """Checks that the UNet received whole latents instead of tiles.

        Args:
            shape: Shape of the latent that the UNet received.

        Raises:
            RuntimeError: The shape differs from that of the call.
        """
        if [shape[0], *shape[2:]] != [self._rows, *self._latent_size]:
            raise RuntimeError(
                "Omost: the picture is sampled in tiles, which cannot follow a canvas. "
                "Switch off Omost, or Tiled Diffusion and other extensions that sample tiles."
            )
