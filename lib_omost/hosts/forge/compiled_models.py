"""Runs a model that torch.compile compiled without compilation."""

from __future__ import annotations

import sys
from contextlib import AbstractContextManager, nullcontext

import torch


def without_compilation() -> AbstractContextManager[None]:
    """Ignores torch.compile inside the `with` block.

    The replaced attention differs from call to call. A compiled UNet would be compiled again in
    each call. With Forge Neo's preset "guard_filter_fn", which does not compare the replacements,
    it would repeat the first picture's attention, with or without regions, in all later ones.
    """
    if "torch._dynamo" not in sys.modules or not hasattr(torch.compiler, "set_stance"):
        return nullcontext()  # nothing is compiled, or PyTorch is older than 2.6
    stance: AbstractContextManager[None] = torch.compiler.set_stance("force_eager")
    return stance
