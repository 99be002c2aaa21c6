"""A region of a finished picture is painted anew, and the rest of the picture stays."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from PIL import Image

from tests.conformance import payloads
from tests.conformance.check import (
    AbsentError,
    Bench,
    check,
    demand,
    demand_regional,
    demand_same_pictures,
)
from tests.conformance.client import picture_base64
from tests.conformance.compare import UNITS, Sides, inside, pixels_changed
from tests.page.browser import BrowserMissingError, open_browser
from tests.page.host_steps import HostPage, open_page

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


@check("sd1")
def regenerate_page(bench: Bench) -> str:
    """On the page: the selected region is painted anew, and undo shows the former picture."""
    try:
        with open_browser() as browser, open_page(browser, bench.client.url) as page:
            page.enable()
            former = first_picture(bench, page)
            backdrop = page.accordion.part("editor").locator(".omost-backdrop")
            address = backdrop.evaluate("picture => picture.src")
            page.accordion.part("editor").locator('.omost-list [data-name="1"]').click()
            latter = opened(page.regenerate())
            wrong = int(
                pixels_changed(former, latter)[beyond_edge(payloads.RIGHT, *former.shape[:2])].sum()
            )
            demand(wrong == 0, f"{wrong} pixels outside changed")
            demand(not np.array_equal(former, latter), "the picture is the former one")
            page.accordion.undo()
            shown = backdrop.evaluate("picture => picture.src")
            demand(shown == address, f"undo shows {shown}, not {address}")
            demand(page.errors == [], f"errors on the page: {page.errors}")
    except BrowserMissingError as missing:
        raise AbsentError(str(missing)) from None
    return "0 pixels outside changed; undo shows the former picture"


def first_picture(bench: Bench, page: HostPage) -> np.ndarray:
    """Writes the usual canvas into the page and generates its picture, [H, W, 3]."""
    page.accordion.part("canvas").locator("textarea").fill(payloads.canvas())
    page.accordion.wait_for_boxes(2)
    for name in ("width", "height"):
        page.set_number(name, bench.size)
    page.set_number("steps", 4)
    return opened(page.generate())


def opened(file: bytes) -> np.ndarray:
    """Decodes a picture file, [H, W, 3]."""
    return np.asarray(Image.open(io.BytesIO(file)).convert("RGB"))
