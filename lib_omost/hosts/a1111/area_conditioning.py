"""Replaces the forward method of A1111's UNet wrapper during area conditioning."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import nn

from lib_omost.attention.regional_pass import RegionalPass
from lib_omost.hosts.a1111.batch_rows import controlnet_marker
from lib_omost.hosts.a1111.cross_attention import Forward, class_forward, extension_forward

Cond = dict[str, Any]
"""The conditioning of one UNet call by name; tensors and lists of tensors have the rows first.

The text is "c_crossattn" (a list of one tensor) in ldm, "crossattn" in sgm.
"""


def build_area_forward(
    wrapper: nn.Module,
    next_call_images: Callable[[torch.Tensor], tuple[int, ...]],
    prompt_context: Callable[[torch.Tensor], torch.Tensor],
    regional_pass: RegionalPass,
) -> Forward:
    """Builds the forward of ldm's DiffusionWrapper or sgm's OpenAIWrapper for area conditioning.

    The wrapper is replaced instead of the UNet, because sd-webui-controlnet replaces the UNet's
    forward and must run inside each prediction.

    Args:
        wrapper: The wrapper module around the UNet.
        next_call_images: Returns the image of each positive row of the UNet call with this latent.
        prompt_context: Extracts the prompt box's tokens from a context.
        regional_pass: The regional pass.

    Returns:
        The forward.
    """
    host = extension_forward(wrapper) or class_forward(wrapper)

    def forward(*args: Any, **kwargs: Any) -> Any:
        images = next_call_images(args[0]) if args else ()
        if not images:
            return host(*args, **kwargs)
        x, t, *rest = args
        # ldm passes the conditioning as keywords, sgm as one dict.
        cond: Cond = rest[0] if rest else kwargs

        def unet(cond: Cond, rows: slice) -> torch.Tensor:
            out: torch.Tensor = (
                host(x[rows], t[rows], cond) if rest else host(x[rows], t[rows], **cond)
            )
            return out

        positive, negative = slice(len(images)), slice(len(images), None)
        context = cond_context(cond)[positive]

        def predict(new: torch.Tensor) -> torch.Tensor:
            new = torch.cat([controlnet_marker(context), new.to(context)], dim=1)
            return unet(replace_context(select_rows(cond, positive), new), positive)

        prompt = prompt_context(context) if regional_pass.needs_prompt_conditioning else None
        out = regional_pass.blend(predict, images, prompt)
        if len(images) == len(x):
            return out
        return torch.cat([out, unet(select_rows(cond, negative), negative)])

    return forward


def cond_context(cond: Cond) -> torch.Tensor:
    """Returns the context of a conditioning.

    Args:
        cond: The conditioning.

    Returns:
        Context [rows, T, C].
    """
    context: torch.Tensor = cond["crossattn"] if "crossattn" in cond else cond["c_crossattn"][0]
    return context


def replace_context(cond: Cond, context: torch.Tensor) -> Cond:
    """Returns a copy of a conditioning with another context.

    Args:
        cond: The conditioning.
        context: The new context [rows, T, C].
    """
    if "crossattn" in cond:
        return {**cond, "crossattn": context}
    return {**cond, "c_crossattn": [context]}


def select_rows(value: Any, rows: slice) -> Any:
    """Selects batch rows of a conditioning or of a value in it.

    Args:
        value: The conditioning, or a tensor, dict or list in it.
        rows: The rows.

    Returns:
        The same structure with only these rows in every tensor.
    """
    if isinstance(value, torch.Tensor):
        return value[rows]
    if isinstance(value, dict):
        return {name: select_rows(part, rows) for name, part in value.items()}
    if isinstance(value, list):
        return [select_rows(part, rows) for part in value]
    return value
