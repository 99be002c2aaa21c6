"""Writes canvases in a chosen format, and reports which content the format does not store."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Literal, get_args

from lib_omost.canvas import formats
from lib_omost.canvas.diagnostics import Diagnostic
from lib_omost.canvas.layouts import (
    bbox_code,
    comfy_boxes,
    flux3,
    forge_couple,
    grounded_diffusion,
    grounding,
    ideogram,
    llm_party,
    regional_prompter,
)
from lib_omost.canvas.layouts.losses import find_losses
from lib_omost.canvas.model import Canvas

CanvasFormat = Literal[
    "code",
    "json",
    "comfy",
    "ideogram",
    "flux3",
    "comfy-boxes",
    "grounded-diffusion",
    "grounding",
    "bbox-code",
    "llm-party",
    "forge-couple",
    "regional-prompter",
]
"""Formats that canvases are written in."""

FORMS: tuple[CanvasFormat, ...] = get_args(CanvasFormat)

DEFAULT_SIZE = (comfy_boxes.DEFAULT_SIDE, comfy_boxes.DEFAULT_SIDE)
"""Width and height in pixels that boxes in pixels refer to."""

_WRITERS: Mapping[CanvasFormat, Callable[[Canvas], str]] = {
    "code": formats.to_code,
    "json": partial(formats.to_json, indent=2),
    "comfy": partial(formats.to_comfy, indent=2),
    "ideogram": ideogram.write,
    "flux3": flux3.write,
    "grounded-diffusion": grounded_diffusion.write,
    "grounding": grounding.write,
    "bbox-code": bbox_code.write,
    "llm-party": llm_party.write,
    "forge-couple": forge_couple.write,
    "regional-prompter": regional_prompter.write,
}


@dataclass(frozen=True)
class WrittenCanvas:
    """A canvas in another format.

    Attributes:
        text: The text, indented.
        losses: A warning or note for each kind of content that the format does not store.
    """

    text: str
    losses: tuple[Diagnostic, ...]


def convert(
    canvas: Canvas, form: CanvasFormat, size: tuple[int, int] = DEFAULT_SIZE
) -> WrittenCanvas:
    """Writes a canvas in the chosen format. Only JSON stores hidden regions.

    Args:
        canvas: The canvas.
        form: The format.
        size: Width and height of the picture in pixels, for the form "comfy-boxes".

    Raises:
        CanvasWriteError: The format cannot express the canvas.
    """
    written = canvas if form == "json" else canvas.without_hidden()
    if form == "comfy-boxes":
        text = comfy_boxes.write(written, size)
        frame = {"width": size[0], "height": size[1], "bboxes": json.loads(text)}
        read_back = formats.read(json.dumps(frame)).canvas
    else:
        text = _WRITERS[form](written)
        read_back = formats.read(text).canvas
    if read_back is None:  # an empty list of regions is no layout
        read_back = Canvas(description="")
    return WrittenCanvas(text, find_losses(canvas, read_back))
