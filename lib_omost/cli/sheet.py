"""Sheets of pictures: request, composition and picture in one; many pictures in small."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageDraw, ImageOps

from lib_omost.canvas.model import Canvas
from lib_omost.canvas.preview import draw, font

LEAST_SIDE = 384
"""Pixels to a side of each panel, so that its words can be read."""
LETTERS = 30
"""In a line of the request."""

SMALL, MARGIN, MOST_COLUMNS = 256, 12, 8
"""Of a contact sheet: pixels to a side of a picture, and between two."""
CAPTION_LINES, CAPTION_LETTERS, CAPTION_SIZE = 2, 34, 14


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


def contact_sheet(pictures: Sequence[tuple[Path, str]]) -> Image.Image:
    """Put small copies of picture files on one sheet, row by row, each with its caption below."""
    columns = min(math.ceil(math.sqrt(len(pictures))), MOST_COLUMNS)
    rows = math.ceil(len(pictures) / columns)
    lines = CAPTION_LINES * CAPTION_SIZE * 5 // 4
    cell = (SMALL + MARGIN, SMALL + lines + MARGIN)
    sheet = Image.new("RGB", (columns * cell[0] + MARGIN, rows * cell[1] + MARGIN), "white")
    pen = ImageDraw.Draw(sheet)
    for number, (file, caption) in enumerate(pictures):
        left, top = MARGIN + number % columns * cell[0], MARGIN + number // columns * cell[1]
        with Image.open(file) as picture:
            small = ImageOps.contain(picture.convert("RGB"), (SMALL, SMALL))
        sheet.paste(small, (left + (SMALL - small.width) // 2, top + SMALL - small.height))
        words = textwrap.wrap(caption, CAPTION_LETTERS, max_lines=CAPTION_LINES, placeholder="…")
        pen.multiline_text(
            (left, top + SMALL), "\n".join(words), fill="black", font=font(CAPTION_SIZE)
        )
    return sheet
