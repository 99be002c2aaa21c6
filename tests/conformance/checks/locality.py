"""A region's words act inside its box: in every cross-attention, and in the first step."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tests.conformance import payloads
from tests.conformance.check import Bench, FailedError, check, demand
from tests.conformance.client import SamplingPass
from tests.conformance.compare import (
    Sides,
    inside,
    inside_outside,
    level,
    max_difference,
    pixels_changed,
)

Mask = Callable[[int, int], np.ndarray]
"""Computes the expected pixels, [H, W] of bool, from the height and width of a level."""

FACTOR = 3.0
"""How much more the first step must change inside the box than outside, per pixel.

Self-attention and the coarse levels carry some of it outside, the more the smaller the picture: at
128 x 128 the coarsest level of SD1 has four pixels. So this is measured on a larger one.
"""


def everywhere(height: int, width: int) -> np.ndarray:
    return np.ones((height, width), bool)


def nowhere(height: int, width: int) -> np.ndarray:
    return np.zeros((height, width), bool)


def top_left(height: int, width: int) -> np.ndarray:
    return inside(payloads.TOP_LEFT, height, width)


def demand_changes(
    before: SamplingPass, after: SamplingPass, expected: Mask, tolerance: float = 0.0
) -> str:
    """Demand that every layer's output differs at the expected pixels and at no other.

    Args:
        before: A pass with all its layers.
        after: Another pass, whose layers received the same inputs (`Bench.replay`).
        expected: The pixels that must differ.
        tolerance: Largest difference that does not count. It is 0 unless rounding may differ.

    Returns:
        The number of layers and their sizes, for the table.

    Raises:
        FailedError: A layer differs elsewhere, or does not differ at one of the pixels.
    """
    sizes = []
    for number, (a, b) in enumerate(zip(before.layers, after.layers, strict=True), start=1):
        height, width = level(before.size, a.output.shape[1])
        mask = expected(height, width).reshape(-1)
        changed = pixels_changed(a.output[0], b.output[0], tolerance)
        place = f"layer {number}, {height}x{width}"
        wrong, right = int(changed[~mask].sum()), int(changed[mask].sum())
        demand(wrong == 0, f"{place}: {wrong} of {int((~mask).sum())} pixels outside changed")
        demand(right == mask.sum(), f"{place}: only {right} of {int(mask.sum())} inside changed")
        sizes.append((height, width))
    finest, coarsest = (f"{height}x{width}" for height, width in (max(sizes), min(sizes)))
    return f"{len(sizes)} layers from {finest} to {coarsest}: 0 pixels wrong"


def attention_is_local(bench: Bench, box: Sides, place: Sides | None = None, **changes: Any) -> str:
    """Change the first region's text: every layer must change in its box, and nowhere else.

    Args:
        bench: The host.
        box: The box in which changes are expected.
        place: The region's box in the canvas, if it is another one.
        changes: Changes of the request; `settings` are those of Omost.
    """
    settings = changes.pop("settings", {})
    job = bench.job(**{"steps": 1, **changes})
    before, after = bench.replay(
        *(
            payloads.with_omost(job, code, **settings)
            for code in two_texts(places=(place or box, payloads.RIGHT))
        )
    )
    demand(max_difference(before.input, after.input) == 0, "the first layer's input differs")
    return demand_changes(before, after, lambda height, width: inside(box, height, width))


def step_is_local(bench: Bench, box: Sides, place: Sides | None = None) -> str:
    """Change the first region's text and compare the latents after the first step."""
    side = 256 if bench.forge else 384
    before, after = (
        bench.record(bench.omost(code, width=side, height=side)).passes[0]
        for code in two_texts(places=(place or box, payloads.RIGHT))
    )
    demand(max_difference(before.latents[0], after.latents[0]) == 0, "the first latent differs")
    ratio = inside_outside(before.latents[1, 0], after.latents[1, 0], box)
    demand(ratio >= FACTOR, f"changed {ratio:.2f} times as much inside as outside")
    return f"{ratio:.1f} times as much inside as outside"


def two_texts(**canvas: Any) -> list[str]:
    """Two canvases that differ in the text of their first region."""
    texts = (payloads.CASTLE, payloads.BONFIRE)
    return [payloads.canvas(left=text, **canvas) for text in texts]


@check("sd1", "sd2", "sdxl")
def local_attention(bench: Bench) -> str:
    """One region's text changed: every cross-attention changes in its box and nowhere else."""
    return attention_is_local(bench, payloads.TOP_LEFT)


@check("sd1", "sdxl")
def local_hires(bench: Bench) -> str:
    """In both passes of a hires job every attention changes in the box and nowhere else."""
    requests = [
        bench.hires(bench.omost(code, steps=1))
        for code in two_texts(places=(payloads.TOP_LEFT, payloads.RIGHT))
    ]
    passes = bench.replay_passes(*requests)
    demand(len(passes) == 2, f"{len(passes)} passes")
    return "; ".join(demand_changes(*pair, top_left) for pair in passes)


@check("sd1", "sdxl")
def local_couple(bench: Bench) -> str:
    """The same with the method couple."""
    return attention_is_local(bench, payloads.TOP_LEFT, settings={"method": "couple"})


@check("sd1", "sdxl")
def local_area(bench: Bench) -> str:
    """With the method area the first step changes in the box, and bit for bit nowhere else."""
    before, after = (
        bench.record(payloads.with_omost(bench.job(), code, method="area")).passes[0]
        for code in two_texts(places=(payloads.TOP_LEFT, payloads.RIGHT))
    )
    demand(max_difference(before.latents[0], after.latents[0]) == 0, "the first latent differs")
    changed = (before.latents[1, 0] != after.latents[1, 0]).any(axis=0)
    mask = inside(payloads.TOP_LEFT, *changed.shape)
    wrong, right = int(changed[~mask].sum()), int(changed[mask].sum())
    demand(wrong == 0, f"{wrong} of {int((~mask).sum())} latent pixels outside the box changed")
    demand(right == mask.sum(), f"only {right} of {int(mask.sum())} inside changed")
    return f"all {right} latent pixels inside changed, none of {int((~mask).sum())} outside"


@check("sd1", "sd2", "sdxl")
def local_step(bench: Bench) -> str:
    """One region's text changed: the first step changes at least 3 times as much in its box."""
    return step_is_local(bench, payloads.LEFT)


@check("sd1", "sdxl")
def locality_can_fail(bench: Bench) -> str:
    """Both locality checks fail when the region is on the other side."""
    seen = []
    for judge in (attention_is_local, step_is_local):
        try:
            judge(bench, payloads.LEFT, place=payloads.RIGHT)
        except FailedError as failure:
            seen.append(str(failure))
        else:
            raise FailedError(f"{judge.__name__} accepted a region on the other side")
    return "; ".join(seen)
