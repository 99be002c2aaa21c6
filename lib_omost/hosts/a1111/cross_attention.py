"""Finds the cross-attention layers of A1111's UNets and replaces their forward methods."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import Any

import torch
from modules import devices, shared
from modules.hypernetworks import hypernetwork
from torch import nn

from lib_omost.attention.prompt_conditioning import PromptConditioning
from lib_omost.attention.regional_pass import RegionalPass

Forward = Callable[..., torch.Tensor]


def find_spatial_transformers(unet: nn.Module) -> list[Any]:
    """Finds the spatial transformers of a UNet of ldm or sgm.

    Args:
        unet: The UNet.
    """
    return [module for module in unet.modules() if hasattr(module, "transformer_blocks")]


def find_cross_attentions(unet: nn.Module) -> list[Any]:
    """Finds all attn2 modules of a UNet: 16 in SD1 and SD2, 70 in SDXL.

    Args:
        unet: The UNet.
    """
    blocks = (
        block
        for transformer in find_spatial_transformers(unet)
        for block in transformer.transformer_blocks
    )
    return [block.attn2 for block in blocks]


def context_width(unet: nn.Module) -> int:
    """Returns the number of channels of the context that cross-attention reads.

    Args:
        unet: The UNet.
    """
    width: int = find_cross_attentions(unet)[0].to_k.in_features
    return width


@dataclass
class UnetCall:
    """One call of the UNet: the images of its positive rows and the current level's size.

    Attributes:
        images: Image of each positive row; the positive rows come first.
        prompt: The prompt box's conditioning, or None if it takes no part.
        size: Height and width of the level at which the UNet works, in latent pixels. It is
            recorded instead of computed, because Kohya's hires fix shrinks the latent between two
            blocks.
        checkpoint: File of the checkpoint whose weights are in the layers. A refiner of the same
            architecture is loaded into the same modules.
    """

    images: Sequence[int] = ()
    prompt: PromptConditioning | None = None
    size: tuple[int, int] = (0, 0)
    checkpoint: Hashable = field(default=None)


def extension_forward(module: nn.Module) -> Forward | None:
    """Returns the forward that another extension set on this module, or None.

    IP-Adapter leaves the forward of the class behind as an attribute of the module; that one does
    not count.

    Args:
        module: The module.
    """
    forward = vars(module).get("forward")
    if getattr(forward, "__func__", None) is type(module).forward:
        return None
    return forward


def class_forward(module: nn.Module) -> Forward:
    """Returns a function that calls the forward of the module's class.

    The class is read at each call, because the host's attention optimisations are switched there.

    Args:
        module: The module.
    """

    def forward(*args: Any, **kwargs: Any) -> Any:
        return type(module).forward(module, *args, **kwargs)

    return forward


def build_regional_forward(
    module: Any, call: UnetCall, regional_pass: RegionalPass, previous: Forward | None
) -> Forward:
    """Builds the forward of one attn2 module.

    The regional pass computes the positive rows. The host computes the other rows, on those rows
    alone.

    Args:
        module: The attn2 module.
        call: The current UNet call; the hooks update it.
        regional_pass: The regional pass.
        previous: Forward that another extension set on the module, or None.

    Returns:
        The forward.
    """
    host = class_forward(module)

    def forward(x: torch.Tensor, context: torch.Tensor | None = None, **kwargs: Any) -> Any:
        positive = len(call.images)
        if not positive or context is None:
            return (previous or host)(x, context=context, **kwargs)
        regional = attend_positive_rows(module, x[:positive], context.dtype, call, regional_pass)
        if previous is not None:
            # IP-Adapter and others add to the host's attention; the difference is kept.
            extended = previous(x, context=context, **kwargs)
            plain = host(x[:positive], context=context[:positive], **kwargs)
            return torch.cat([regional + extended[:positive] - plain, extended[positive:]])
        if positive == len(x):
            return regional
        negative = host(x[positive:], context=context[positive:], **kwargs)
        return torch.cat([regional, negative])

    return forward


def attend_positive_rows(
    module: Any, x: torch.Tensor, dtype: torch.dtype, call: UnetCall, regional_pass: RegionalPass
) -> torch.Tensor:
    """Computes the cross-attention of one layer for the positive rows, including to_out.

    Args:
        module: The attn2 module.
        x: Input of the layer, [rows, H * W, C].
        dtype: Dtype of the host's own contexts.
        call: The current UNet call.
        regional_pass: The regional pass.

    Returns:
        Output of the layer, [rows, H * W, C].
    """
    upcast = bool(shared.opts.upcast_attn)
    autocast = devices.autocast if torch.is_autocast_enabled() else nullcontext

    def project(context: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        with autocast():
            for_k, for_v = hypernetwork.apply_hypernetworks(
                shared.loaded_hypernetworks, context.to(dtype)
            )
            k, v = module.to_k(for_k), module.to_v(for_v)
        return (k.float(), v.float()) if upcast else (k, v)

    q = module.to_q(x)
    with devices.without_autocast(disable=not upcast):
        out = regional_pass.attend(
            (module, call.checkpoint),
            q.float() if upcast else q,
            project,
            call.images,
            call.size,
            module.heads,
            call.prompt,
        )
    projected: torch.Tensor = module.to_out(out.to(q.dtype))
    return projected


def build_size_hook(call: UnetCall) -> Callable[[nn.Module, tuple[Any, ...]], None]:
    """Builds a forward pre-hook of a spatial transformer that records the size of its input.

    Args:
        call: The current UNet call; the hook sets its size.
    """

    def record_size(module: nn.Module, args: tuple[Any, ...]) -> None:
        call.size = (args[0].shape[2], args[0].shape[3])

    return record_size


def replace_forward(module: nn.Module, forward: Forward) -> Callable[[], None]:
    """Replaces the forward of a module.

    Args:
        module: The module.
        forward: The new forward.

    Returns:
        A function that restores the old forward.
    """
    previous = vars(module).get("forward")
    module.forward = forward

    def restore() -> None:
        if vars(module).get("forward") is not forward:
            return  # another extension has wrapped it since
        if previous is None:
            del module.forward
        else:
            module.forward = previous

    return restore
