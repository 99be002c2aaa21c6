"""Request, composition and picture in one."""

from __future__ import annotations

import textwrap

from PIL import Image, ImageDraw

from lib_omost.canvas.model import Canvas
from lib_omost.canvas.picture import draw, font

LEAST_SIDE = 384
"""Pixels to a side of each panel, so that its words can be read."""
LETTERS = 30
"""In a line of the request."""


def side_by_side(request: str | None, canvas: Canvas, picture: Image.Image) -> Image.Image:
    """Put side by side the request, if any, the composition with labelled boxes, and the picture.

    Small pictures are enlarged by a whole number.
    """
    times = -(-LEAST_SIDE // min(picture.size))
    width, height = (times * side for side in picture.size)
    panels = [draw(canvas, (width, height), outlines=True), picture.resize((width, height))]
    if request is not None:
        panels.insert(0, _page(request, (width, height)))
    sheet = Image.new("RGB", (len(panels) * width, height))
    for number, panel in enumerate(panels):
        sheet.paste(panel, (number * width, 0))
    return sheet


def _page(words: str, size: tuple[int, int]) -> Image.Image:
    """Write words on a white page, in lines."""
    page = Image.new("RGB", size, "white")
    margin = size[0] // 16
    lines = textwrap.fill(words, LETTERS)
    pen = ImageDraw.Draw(page)
    pen.multiline_text(
        (margin, margin), lines, fill="black", font=font(3 * size[0] // 2 // LETTERS)
    )
    return page
