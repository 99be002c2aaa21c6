"""What the button "Check" shows: what is wrong with a canvas, and where things will be."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from html import escape

from PIL import Image

from lib_omost.canvas import files
from lib_omost.canvas.diagnostics import Diagnostic
from lib_omost.canvas.model import Canvas, Described, Place, Region
from lib_omost.canvas.picture import draw

LONGEST = 640
"""Pixels of the composition picture's longer side."""

EMPTY = "Nothing to check yet: paste canvas code, or a whole answer of the language model, above."


def report(text: str, width: float, height: float) -> str:
    """Read a canvas and describe it as HTML: the diagnostics, the picture, the regions.

    width, height: those of the picture to be made, for the aspect.
    """
    if not text.strip():
        return _page(f"<p>{EMPTY}</p>")
    reading = files.read(text)
    if reading.canvas is None:
        return _page(
            "<p><b>No canvas can be read here.</b></p>" + _diagnostics(reading.diagnostics)
        )
    scale = LONGEST / max(width, height)
    picture = draw(
        reading.canvas, (max(round(width * scale), 1), max(round(height * scale), 1)), outlines=True
    )
    described = _regions(reading.canvas) + _diagnostics(reading.diagnostics)
    return _page(_image(picture) + f"<div>{described}</div>")


def _page(body: str) -> str:
    return f'<div class="omost-report">{body}</div>'


def _image(picture: Image.Image) -> str:
    png = io.BytesIO()
    picture.save(png, "PNG")
    data = base64.b64encode(png.getvalue()).decode()
    return f'<img alt="The composition" src="data:image/png;base64,{data}">'


def _regions(canvas: Canvas) -> str:
    """The whole picture and its regions, in the order and with the numbers of the code."""
    count = len(canvas.regions)
    items = "".join(_item(region) for region in canvas.regions)
    return (
        f"<p><b>{count} region{'' if count == 1 else 's'}</b> in {_swatch(canvas)} "
        f"{escape(canvas.description)}</p><ol>{items}</ol>"
    )


def _item(region: Region) -> str:
    place = region.place
    where = f"{place.location}, {place.offset}, {place.area}" if isinstance(place, Place) else ""
    return f'<li title="{escape(where)}">{_swatch(region)} {escape(region.description)}</li>'


def _swatch(part: Described) -> str:
    red, green, blue = part.color
    return f'<i style="background: rgb({red}, {green}, {blue})"></i>'


def _diagnostics(diagnostics: Sequence[Diagnostic]) -> str:
    if not diagnostics:
        return "<p>Read as it is written: nothing was repaired or left out.</p>"
    return "".join(
        f'<p class="omost-{item.severity}">{escape(str(item))}</p>' for item in diagnostics
    )
