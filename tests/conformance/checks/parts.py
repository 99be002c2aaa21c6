"""A part of the picture that is painted alone follows its own part of the canvas."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.conformance import payloads
from tests.conformance.check import Bench, check, demand
from tests.conformance.checks.batches import gray
from tests.conformance.client import SamplingPass, picture_base64
from tests.conformance.compare import Sides, inside, level, max_difference, pixels_changed

UNIT = 4
"""Pixels of one canvas unit in the picture of `only_masked`."""

MASKED: Sides = (40, 85, 20, 65)
"""The masked square, half as wide as the picture: a unit of the picture is two of the square."""

RIGHT_IN_MASK: Sides = (0, 70, 70, 90)
RIGHT_IN_LAST_TILE: Sides = (0, 60, 20, 90)
"""payloads.RIGHT, (15, 75, 55, 90), in the masked square and in the lower right quarter."""


def right_is_local(bench: Bench, box: Sides, **start: Any) -> str:
    """Change the text of the region on the right and look at the first cross-attention.

    Args:
        bench: The host.
        box: The region's box in the part that is painted last.
        start: The request's fields for img2img.

    Raises:
        FailedError: The output differs outside the box, or does not differ at a pixel in it.
    """
    changed = changed_pixels(bench, {"right": payloads.BONFIRE}, start)
    mask = inside(box, *changed.shape)
    wrong, right = int(changed[~mask].sum()), int(changed[mask].sum())
    demand(wrong == 0, f"{wrong} of {int((~mask).sum())} pixels outside changed")
    demand(right == mask.sum(), f"only {right} of {int(mask.sum())} inside changed")
    height, width = changed.shape
    return f"{height}x{width}: all {right} inside changed, none of {int((~mask).sum())} outside"


def changed_pixels(bench: Bench, texts: dict[str, str], start: dict[str, Any]) -> np.ndarray:
    """Change texts of the usual canvas; where the first cross-attention differs, [H, W]."""
    before, after = (
        last_pass(bench, {**bench.omost(payloads.canvas(**changes)), **start})
        for changes in ({}, texts)
    )
    demand(max_difference(before.input, after.input) == 0, "attention's own input differs")
    size = level(before.size, before.positive.shape[1])
    return pixels_changed(before.positive[0], after.positive[0]).reshape(size)


def last_pass(bench: Bench, request: dict[str, Any]) -> SamplingPass:
    """Run img2img with one step, because a second step's input shows the first one's output.

    Hosts encode the picture with random numbers that the job before leaves behind, so the same
    job runs before each picture.
    """
    bench.run(bench.job(), fresh=True)
    request = {**request, "steps": 1, "denoising_strength": 0.9}
    return bench.record(request, route="img2img").passes[-1]


def masked(unit: int, *, only_masked: bool) -> dict[str, Any]:
    """Fields of an inpaint request for a picture with this many pixels in a canvas unit."""
    mask = np.zeros((90 * unit, 90 * unit, 3), np.uint8)
    top, bottom, left, right = (int(edge) * unit for edge in MASKED)
    mask[top:bottom, left:right] = 255
    return {
        "init_images": [gray(90 * unit)],
        "mask": picture_base64(mask),
        "mask_blur": 0,
        "inpaint_full_res": only_masked,
        "inpaint_full_res_padding": 0,
        "inpainting_fill": 1,
    }


@check("sd1")
def only_masked(bench: Bench) -> str:
    """Inpaint, only masked: a region acts where its part of the masked square lies."""
    return right_is_local(bench, RIGHT_IN_MASK, **masked(UNIT, only_masked=True))


@check("sd1")
def inpaint_whole(bench: Bench) -> str:
    """Inpaint, whole picture: a region acts in its own box."""
    return right_is_local(bench, payloads.RIGHT, **masked(UNIT, only_masked=False))


@check("sd1")
def sd_upscale(bench: Bench) -> str:
    """SD upscale: in the last tile, the lower right quarter, a region acts in its part of it."""
    start = {"init_images": [gray(2 * bench.size)], **tile_script(bench)}
    seen = right_is_local(bench, RIGHT_IN_LAST_TILE, **start)
    strays = int(changed_pixels(bench, {"left": payloads.BONFIRE}, start).sum())
    demand(strays == 0, f"a region outside of the tile changed {strays} pixels")
    return seen


def tile_script(bench: Bench) -> dict[str, Any]:
    """The request's fields for SD upscale, which cuts the picture to tiles without enlarging it."""
    overlap, upscaler, scale = 16, "None", 1
    arguments: list[Any] = [None, overlap, upscaler, scale]
    if bench.host == "Forge Neo":
        arguments = [overlap, upscaler, scale, False]
    elif bench.host == "Forge Classic":
        arguments = [overlap, upscaler, scale]
    return {"script_name": "SD upscale", "script_args": arguments}
