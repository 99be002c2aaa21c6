"""A region's words act inside its box."""

from __future__ import annotations

from typing import Any

from tests.conformance import payloads
from tests.conformance.check import Bench, FailedError, check, demand
from tests.conformance.compare import (
    Sides,
    inside,
    inside_outside,
    level,
    max_difference,
    pixels_changed,
)

FACTOR = 3.0
"""How much more the first step must change inside the box than outside, per pixel.

Self-attention and the coarse levels carry some of it outside, the more the smaller the picture: at
128 x 128 the coarsest level of SD1 has four pixels. So this is measured on a larger one.
"""


def attention_is_local(bench: Bench, box: Sides, swapped: bool = False, **changes: Any) -> str:
    """Change the first region's text and look at the first cross-attention. Raises FailedError."""
    before, after = records(bench, swapped, **changes)
    demand(max_difference(before.input, after.input) == 0, "attention's own input differs")
    height, width = level(before.size, before.positive.shape[1])
    mask = inside(box, height, width).reshape(-1)
    changed = pixels_changed(before.positive[0], after.positive[0])
    outside, within = int(changed[~mask].sum()), int(changed[mask].sum())
    demand(outside == 0, f"{outside} of {int((~mask).sum())} pixels outside the box changed")
    demand(within == int(mask.sum()), f"only {within} of {int(mask.sum())} inside changed")
    return f"{height}x{width}: all {within} inside changed, none of {int((~mask).sum())} outside"


def step_is_local(bench: Bench, box: Sides, swapped: bool = False) -> str:
    """Change the first region's text and look at the latent after one step. Raises FailedError."""
    side = 256 if bench.forge else 384
    before, after = records(bench, swapped, width=side, height=side)
    demand(max_difference(before.latents[0], after.latents[0]) == 0, "the first latent differs")
    ratio = inside_outside(before.latents[1, 0], after.latents[1, 0], box)
    demand(ratio >= FACTOR, f"changed {ratio:.2f} times as much inside as outside")
    return f"{ratio:.1f} times as much inside as outside"


def records(bench: Bench, swapped: bool, **changes: Any) -> tuple[Any, Any]:
    texts = (payloads.CASTLE, payloads.BONFIRE)
    codes = [payloads.canvas(left=text, swapped=swapped) for text in texts]
    before, after = (bench.record(bench.omost(code, **changes)).passes[0] for code in codes)
    return before, after


@check("sd1", "sd2", "sdxl")
def local_attention(bench: Bench) -> str:
    """One region's text changed: outside its box the first cross-attention is bit-identical."""
    return attention_is_local(bench, payloads.LEFT)


@check("sd1", "sd2", "sdxl")
def local_step(bench: Bench) -> str:
    """One region's text changed: the first step changes at least 3 times as much in its box."""
    return step_is_local(bench, payloads.LEFT)


@check("sd1", "sdxl")
def locality_can_fail(bench: Bench) -> str:
    """Both locality checks fail when the two boxes are swapped."""
    seen = []
    for judge in (attention_is_local, step_is_local):
        try:
            judge(bench, payloads.LEFT, swapped=True)
        except FailedError as failure:
            seen.append(str(failure))
        else:
            raise FailedError(f"{judge.__name__} accepted swapped boxes")
    return "; ".join(seen)
