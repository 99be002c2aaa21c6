"""A region of a finished picture is painted anew, and the rest of the picture stays."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.conformance import payloads
from tests.conformance.check import Bench, check, demand, demand_regional, demand_same_pictures
from tests.conformance.client import picture_base64
from tests.conformance.compare import UNITS, Sides, inside, pixels_changed

EDGE = 8
"""Pixels of the soft edge in a picture whose shorter side has at most 256 pixels."""


def beyond_edge(box: Sides, height: int, width: int) -> np.ndarray:
    """The pixels farther than the edge from a box in one direction: [height, width] of bool."""
    top, bottom, left, right = box
    y, x = np.arange(height)[:, None] + 0.5, np.arange(width)[None] + 0.5
    over = np.maximum(top * height / UNITS - y, y - bottom * height / UNITS)
    beside = np.maximum(left * width / UNITS - x, x - right * width / UNITS)
    return np.maximum(over, beside) > EDGE


def regenerating(bench: Bench, picture: np.ndarray, **texts: str) -> dict[str, Any]:
    """The request that regenerates the region on the right with changed texts of the canvas."""
    request = {"picture": picture_base64(picture), "boxes": [list(payloads.RIGHT)]}
    return payloads.with_omost(bench.job(), payloads.canvas(**texts), regenerate=request)


@check("sd1", "sdxl")
def regenerate_region(bench: Bench) -> str:
    """A region is painted anew by the host's inpainting; beyond its soft edge nothing changes."""
    plain, picture = bench.run(bench.job()), bench.run(bench.omost()).images[0]
    result = bench.run(regenerating(bench, picture), fresh=True)
    height, width = picture.shape[:2]
    changed = pixels_changed(picture, result.images[0])
    outside = beyond_edge(payloads.RIGHT, height, width)
    wrong = int(changed[outside].sum())
    demand(wrong == 0, f"{wrong} of {int(outside.sum())} pixels outside changed")
    within = changed[inside(payloads.RIGHT, height, width)]
    demand(within.mean() > 0.9, f"only {int(within.sum())} of {within.size} inside changed")
    info = result.infotexts[0]
    demand("Denoising strength: 0.75" in info, "the infotext lacks the denoising strength")
    demand("Omost canvas" in info, "the infotext lacks the canvas")
    demand_same_pictures(
        plain, bench.run(bench.job(), fresh=True), "the next picture without Omost"
    )
    return f"{int(within.sum())} of {within.size} inside changed, 0 of {int(outside.sum())} outside"


@check("sd1")
def regenerate_regional(bench: Bench) -> str:
    """While a region is painted anew, every layer of every UNet call follows the canvas."""
    picture = bench.run(bench.omost()).images[0]
    return demand_regional(bench.record(regenerating(bench, picture, right=payloads.BONFIRE)))
