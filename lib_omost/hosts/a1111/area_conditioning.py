"""Area conditioning in A1111: what stands in for the wrapper around the UNet."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import nn

from lib_omost.attention.regional_pass import RegionalPass
from lib_omost.hosts.a1111.batch_rows import marker
from lib_omost.hosts.a1111.cross_attention import Forward, host_forward, own_forward

Cond = dict[str, Any]
"""What the UNet is conditioned on, by name; tensors and lists of tensors, rows first.

The text is "c_crossattn" (a list of one) in ldm, "crossattn" in sgm.
"""


def with_area(
    wrapper: nn.Module,
    take: Callable[[torch.Tensor], tuple[int, ...]],
    prompt: Callable[[torch.Tensor], torch.Tensor],
    regional_pass: RegionalPass,
) -> Forward:
    """Make the forward of ldm's DiffusionWrapper or sgm's OpenAIWrapper.

    The wrapper, and not the UNet itself: sd-webui-controlnet replaces the UNet's forward and must
    stay inside. take: says which images the positive rows of a call belong to. prompt: takes the
    prompt box's own tokens out of a context.
    """
    host = own_forward(wrapper) or host_forward(wrapper)

    def forward(*args: Any, **kwargs: Any) -> Any:
        images = take(args[0]) if args else ()
        if not images:
            return host(*args, **kwargs)
        x, t, *rest = args
        # ldm is given conds as keywords, sgm as one dict.
        cond: Cond = rest[0] if rest else kwargs

        def unet(cond: Cond, rows: slice) -> torch.Tensor:
            out: torch.Tensor = (
                host(x[rows], t[rows], cond) if rest else host(x[rows], t[rows], **cond)
            )
            return out

        positive, negative = slice(len(images)), slice(len(images), None)
        context = text_of(cond)[positive]

        def predict(new: torch.Tensor) -> torch.Tensor:
            new = torch.cat([marker(context), new.to(context)], dim=1)
            return unet(with_text(rows_of(cond, positive), new), positive)

        host_context = prompt(context) if regional_pass.needs_prompt_conditioning else None
        out = regional_pass.blend(predict, images, host_context)
        if len(images) == len(x):
            return out
        return torch.cat([out, unet(rows_of(cond, negative), negative)])

    return forward


def text_of(cond: Cond) -> torch.Tensor:
    """The text's tokens, [rows, T, C]."""
    text: torch.Tensor = cond["crossattn"] if "crossattn" in cond else cond["c_crossattn"][0]
    return text


def with_text(cond: Cond, text: torch.Tensor) -> Cond:
    """The same cond with other tokens."""
    if "crossattn" in cond:
        return {**cond, "crossattn": text}
    return {**cond, "c_crossattn": [text]}


def rows_of(value: Any, rows: slice) -> Any:
    """Some rows of a cond or of anything in it."""
    if isinstance(value, torch.Tensor):
        return value[rows]
    if isinstance(value, dict):
        return {name: rows_of(part, rows) for name, part in value.items()}
    if isinstance(value, list):
        return [rows_of(part, rows) for part in value]
    return value
