"""Draws sheets: request, regions and picture next to each other, and contact sheets of batches."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageDraw, ImageOps

from lib_omost.canvas.model import Canvas
from lib_omost.canvas.preview import draw, load_font

MIN_PANEL_SIDE = 384
"""Smallest width and height of a panel in pixels, at which its labels are readable."""

REQUEST_LETTERS = 30
"""Number of letters in a line of the request."""

THUMBNAIL_SIDE, MARGIN, MAX_COLUMNS = 256, 12, 8
"""Layout of a contact sheet: sides of a thumbnail and of the gaps in pixels, number of columns."""

CAPTION_LINES, CAPTION_LETTERS, CAPTION_SIZE = 2, 34, 14
"""Layout of a caption: number of lines, letters in a line, font size in pixels."""


def side_by_side(request: str | None, canvas: Canvas, picture: Image.Image) -> Image.Image:
    """Draws the request, the labelled regions and the picture next to each other.

    Args:
        request: The request in words; None leaves its panel out.
        canvas: The canvas of the regions.
        picture: The picture; a small one is enlarged by a whole number.
    """
    factor = -(-MIN_PANEL_SIDE // min(picture.size))
    width, height = (factor * side for side in picture.size)
    panels = [draw(canvas, (width, height), outlines=True), picture.resize((width, height))]
    if request is not None:
        panels.insert(0, _text_panel(request, (width, height)))
    sheet = Image.new("RGB", (len(panels) * width, height))
    for number, panel in enumerate(panels):
        sheet.paste(panel, (number * width, 0))
    return sheet


def _text_panel(text: str, size: tuple[int, int]) -> Image.Image:
    """Draws a text in lines on a white panel of (width, height) pixels."""
    panel = Image.new("RGB", size, "white")
    margin = size[0] // 16
    lines = textwrap.fill(text, REQUEST_LETTERS)
    pen = ImageDraw.Draw(panel)
    pen.multiline_text(
        (margin, margin), lines, fill="black", font=load_font(3 * size[0] // 2 // REQUEST_LETTERS)
    )
    return panel


def contact_sheet(pictures: Sequence[tuple[Path, str]]) -> Image.Image:
    """Draws thumbnails of picture files row by row.

    Args:
        pictures: The files with their captions.
    """
    columns = min(math.ceil(math.sqrt(len(pictures))), MAX_COLUMNS)
    rows = math.ceil(len(pictures) / columns)
    caption_height = CAPTION_LINES * CAPTION_SIZE * 5 // 4
    cell = (THUMBNAIL_SIDE + MARGIN, THUMBNAIL_SIDE + caption_height + MARGIN)
    sheet = Image.new("RGB", (columns * cell[0] + MARGIN, rows * cell[1] + MARGIN), "white")
    pen = ImageDraw.Draw(sheet)
    for number, (file, caption) in enumerate(pictures):
        left, top = MARGIN + number % columns * cell[0], MARGIN + number // columns * cell[1]
        with Image.open(file) as picture:
            small = ImageOps.contain(picture.convert("RGB"), (THUMBNAIL_SIDE, THUMBNAIL_SIDE))
        indent = (THUMBNAIL_SIDE - small.width) // 2
        sheet.paste(small, (left + indent, top + THUMBNAIL_SIDE - small.height))
        lines = textwrap.wrap(caption, CAPTION_LETTERS, max_lines=CAPTION_LINES, placeholder="…")
        pen.multiline_text(
            (left, top + THUMBNAIL_SIDE),
            "\n".join(lines),
            fill="black",
            font=load_font(CAPTION_SIZE),
        )
    return sheet
