"""One sampling pass: which canvas each image follows, and what stays the same between steps."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence

import torch

from lib_omost.attention.conditions import Conditions
from lib_omost.attention.options import RegionalOptions

Project = Callable[[torch.Tensor], tuple[torch.Tensor, torch.Tensor]]
"""A layer's own to_k and to_v: context [B, T, C] to k and v, each [B, T, heads * d]."""


class RegionalPass:
    """Answers cross-attention for the positive rows of one sampling pass.

    canvases: the conditions of each image of the batch, in the batch's order; images that share
    one Conditions object share its keys and values.
    prompt_takes_part: whether the host is to hand its own cond to `attend` as host_context.
    """

    def __init__(
        self,
        canvases: Sequence[Conditions],
        options: RegionalOptions,
        *,
        prompt_takes_part: bool = False,
    ) -> None:
        self.canvases = tuple(canvases)
        self.options = options
        self.prompt_takes_part = prompt_takes_part

    def attend(
        self,
        layer: Hashable,
        q: torch.Tensor,
        project: Project,
        images: Sequence[int],
        size: tuple[int, int],
        heads: int,
        host_context: torch.Tensor | None = None,
    ) -> torch.Tensor:
        """Attend from the positive rows to the tokens of their canvases and of the prompt box.

        layer: what tells this layer from the others, for the cache of keys and values.
        q: [rows, H * W, heads * d]; images: the image each row belongs to.
        size: the latent's (H, W) as the UNet receives it, before any halving; the level follows
        from q's second axis.
        host_context: [rows, T, C], the host's own cond, with a mask of all ones; None when the
        prompt box takes no part.
        Returns [rows, H * W, heads * d], before the layer's to_out.
        """
        raise NotImplementedError

    def blend(
        self,
        predict: Callable[[torch.Tensor], torch.Tensor],
        images: Sequence[int],
        host_context: torch.Tensor | None = None,
    ) -> torch.Tensor:
        """Predict noise by area conditioning: one prediction a condition, blended by weights.

        predict: the UNet on the positive rows with context [rows, T, C], giving [rows, c, H, W].
        Returns [rows, c, H, W].
        """
        raise NotImplementedError
