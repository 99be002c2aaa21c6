"""The cross-attention layers of A1111's UNets, and what stands in for them during a sampling."""

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


def transformers(unet: nn.Module) -> list[Any]:
    """Find the UNet's spatial transformers, in ldm and in sgm."""
    return [module for module in unet.modules() if hasattr(module, "transformer_blocks")]


def cross_attentions(unet: nn.Module) -> list[Any]:
    """Find every attn2 module: 16 in SD1 and SD2, 70 in SDXL."""
    blocks = (block for found in transformers(unet) for block in found.transformer_blocks)
    return [block.attn2 for block in blocks]


def context_width(unet: nn.Module) -> int:
    """The length of the vectors that cross-attention reads."""
    width: int = cross_attentions(unet)[0].to_k.in_features
    return width


@dataclass
class UnetCall:
    """One call of the UNet, as its layers need to know it.

    images: the image of each positive row; they come first.
    size: height and width that the UNet is working at. Noted, not computed: Kohya's hires fix
    shrinks the latent between two blocks.
    weights: what the layers' weights are, besides the layer itself: a refiner of the same
    architecture is loaded into the same modules.
    """

    images: Sequence[int] = ()
    host_context: PromptConditioning | None = None
    size: tuple[int, int] = (0, 0)
    weights: Hashable = field(default=None)


def own_forward(module: nn.Module) -> Forward | None:
    """Another extension's forward on this very module, None where the class's answers.

    IP-Adapter leaves the class's behind as an attribute of the module; that is none.
    """
    forward = vars(module).get("forward")
    if getattr(forward, "__func__", None) is type(module).forward:
        return None
    return forward


def host_forward(module: nn.Module) -> Forward:
    """The class's forward, looked up at each call: the host's optimisations are switched there."""

    def forward(*args: Any, **kwargs: Any) -> Any:
        return type(module).forward(module, *args, **kwargs)

    return forward


def with_regions(
    module: Any, call: UnetCall, regional_pass: RegionalPass, before: Forward | None
) -> Forward:
    """Make the forward of one attn2 module; `before` stood there already, if any did.

    Positive rows are the pass's to answer, the others are the host's own on those rows alone.
    """
    host = host_forward(module)

    def forward(x: torch.Tensor, context: torch.Tensor | None = None, **kwargs: Any) -> Any:
        positive = len(call.images)
        if not positive or context is None:
            return (before or host)(x, context=context, **kwargs)
        ours = attend(module, x[:positive], context.dtype, call, regional_pass)
        if before is not None:
            # IP-Adapter and the like add to the host's attention: keep what they add.
            theirs = before(x, context=context, **kwargs)
            plain = host(x[:positive], context=context[:positive], **kwargs)
            return torch.cat([ours + theirs[:positive] - plain, theirs[positive:]])
        if positive == len(x):
            return ours
        return torch.cat([ours, host(x[positive:], context=context[positive:], **kwargs)])

    return forward


def attend(
    module: Any, x: torch.Tensor, dtype: torch.dtype, call: UnetCall, regional_pass: RegionalPass
) -> torch.Tensor:
    """Answer one layer for positive rows; dtype: that of the host's own conds."""
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
            (module, call.weights),
            q.float() if upcast else q,
            project,
            call.images,
            call.size,
            module.heads,
            call.host_context,
        )
    answer: torch.Tensor = module.to_out(out.to(q.dtype))
    return answer


def note_size(call: UnetCall) -> Callable[[nn.Module, tuple[Any, ...]], None]:
    """Make a pre-hook of a spatial transformer that notes the size of what it is given."""

    def note(module: nn.Module, args: tuple[Any, ...]) -> None:
        call.size = (args[0].shape[2], args[0].shape[3])

    return note


def replaced(module: nn.Module, forward: Forward) -> Callable[[], None]:
    """Give a module a forward of its own; returns what takes it away again."""
    before = vars(module).get("forward")
    module.forward = forward

    def undo() -> None:
        if vars(module).get("forward") is not forward:
            return  # another extension has put its own around it since
        if before is None:
            del module.forward
        else:
            module.forward = before

    return undo
