"""Every setting of the regions has its effect, and at the pixels where it must have it."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.conformance import payloads
from tests.conformance.check import Bench, check, demand
from tests.conformance.checks.locality import demand_changes, everywhere, nowhere, two_texts
from tests.conformance.compare import inside, max_difference

NEAR, FAR = payloads.TOP_LEFT, payloads.LEFT
OVERLAPPING: dict[str, Any] = {"places": (FAR, NEAR), "distances": (3.0, 1.0)}
"""The upper half of the far region is behind the near one."""


ROUNDING = 1e-4
"""A factor on some logits of a fused attention may change the last digits of its other outputs."""


def far(height: int, width: int) -> np.ndarray:
    return inside(FAR, height, width)


def far_alone(height: int, width: int) -> np.ndarray:
    return far(height, width) & ~inside(NEAR, height, width)


def both(height: int, width: int) -> np.ndarray:
    return far(height, width) & inside(NEAR, height, width)


def two_boxes(height: int, width: int) -> np.ndarray:
    return inside(payloads.LEFT, height, width) | inside(payloads.RIGHT, height, width)


def one_step(bench: Bench, code: str | None = None, **settings: Any) -> dict[str, Any]:
    """A request of one step with a canvas and settings of Omost."""
    return payloads.with_omost(bench.job(steps=1), code or payloads.canvas(), **settings)


@check("sd1", "sdxl")
def overlap(bench: Bench) -> str:
    """Where two regions overlap, overlay hides the far one; all and average differ only there."""
    seen = ""
    for mode, expected in (("all", far), ("average", far), ("overlay", far_alone)):
        requests = [one_step(bench, code, overlap=mode) for code in two_texts(**OVERLAPPING)]
        seen = demand_changes(*bench.replay(*requests), expected)
    code = payloads.canvas(**OVERLAPPING)
    requests = [one_step(bench, code, overlap=mode) for mode in ("all", "average")]
    demand_changes(*bench.replay(*requests), both)
    return f"4 comparisons, {seen}"


@check("sd1", "sdxl")
def region_strength(bench: Bench) -> str:
    """Region strength 0 silences the regions; 0.5 differs from 1 inside their boxes alone."""
    silent = [one_step(bench, code, region_strength=0.0) for code in two_texts()]
    demand_changes(*bench.replay(*silent), nowhere)
    weak = [one_step(bench, region_strength=strength) for strength in (0.5, 1.0)]
    return demand_changes(*bench.replay(*weak), two_boxes)


# Not with SDXL: with random weights a few pixels attend to one token of a region alone.
@check("sd1")
def global_strength(bench: Bench) -> str:
    """Global strength 0.5 differs from 1 everywhere; without prompt box only inside the boxes."""
    strengths = (0.5, 1.0)
    beside = [one_step(bench, global_strength=strength) for strength in strengths]
    demand_changes(*bench.replay(*beside), everywhere)
    alone = [
        one_step(bench, global_strength=strength, prompt_role="ignored") for strength in strengths
    ]
    return demand_changes(*bench.replay(*alone), two_boxes, ROUNDING)


@check("sd1", "sdxl")
def sharpness(bench: Bench) -> str:
    """Sharpness 0 differs from 1 inside the boxes alone."""
    requests = [one_step(bench, sharpness=exponent) for exponent in (0.0, 1.0)]
    return demand_changes(*bench.replay(*requests), two_boxes, ROUNDING)


@check("sd1")
def start_and_end(bench: Bench) -> str:
    """With start 0.5 only the second half of the steps is regional, with end 0.5 the first."""
    halves = []
    for name in ("start", "end"):
        request = payloads.with_omost(bench.job(steps=4), payloads.canvas(), **{name: 0.5})
        effects = bench.record(request).passes[0].positive_effect
        half = len(effects) // 2
        first, second = effects[:half], effects[half:]
        plain, regional = (first, second) if name == "start" else (second, first)
        most, least = max(map(max, plain)), min(map(min, regional))
        demand(most < 1e-5, f"{name} 0.5: the other half moved by {most:.1e}")
        demand(least > 1e-4, f"{name} 0.5: the regional half moved by only {least:.1e}")
        halves.append(f"{name}: {least:.2g} and {most:.1g}")
    return f"the regional and the other half moved by, {', '.join(halves)}"


@check("sd1", "sdxl")
def start_from_colors(bench: Bench) -> str:
    """The first latent follows the colours of the canvas if sampling starts from them."""
    codes = [payloads.canvas(color=color) for color in ("red", "blue")]
    plain, colored = (
        [
            bench.record(payloads.with_omost(bench.job(), code, **settings)).passes[0].latents[0]
            for code in codes
        ]
        for settings in ({}, {"start_from_colors": True, "color_denoising": 0.75})
    )
    demand(max_difference(*plain) == 0, "the colour has an effect without the setting")
    change = max_difference(*colored)
    demand(change > 1e-3, f"another colour changes the first latent by only {change:.1e}")
    demand(max_difference(plain[0], colored[0]) > 1e-3, "it starts from noise alone")
    return f"another colour changes the first latent by {change:.2g}"
