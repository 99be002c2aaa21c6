"""Finds the part of the picture that a job paints: the masked part, or a tile of a script.

A host paints such a part as a picture of its own. "Only masked" leaves the place of the part in the
job. SD upscale and similar scripts cut the picture with the host's `split_grid` and start a job
with each tile. `split_grid` is therefore replaced by a function that stores in each tile where it
was cut.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Sequence
from typing import Any

from lib_omost.canvas.crops import Crop, cut_canvas
from lib_omost.canvas.model import Canvas
from lib_omost.webui.job_scripts import selected_script

CROP = "omost_crop"
"""The attribute of a tile (a PIL picture) with its crop of the whole picture."""

OUTPAINTING = "outpainting mk2"
"""The title of a script of the hosts that paints parts whose places it does not reveal."""

PART = "the job paints a part of the picture; the part follows its own part of the canvas"
HIDDEN_PART = (
    "the script does not reveal which part of the picture it paints, and the part follows the "
    "whole canvas: switch off Omost, or use Poor man's outpainting"
)


def register() -> None:
    """Replaces the host's `split_grid`; safe to repeat."""
    from modules import images

    if not getattr(images.split_grid, CROP, False):
        images.split_grid = _storing_crops(images.split_grid)


def _storing_crops(split_grid: Callable[..., Any]) -> Callable[..., Any]:
    """Returns a `split_grid` that also stores in each tile where it was cut."""

    @functools.wraps(split_grid)
    def split_and_store(*args: Any, **kwargs: Any) -> Any:
        grid = split_grid(*args, **kwargs)
        for y, height, row in grid.tiles:
            for x, width, tile in row:
                crop = Crop.from_pixels((x, y), (width, height), (grid.image_w, grid.image_h))
                setattr(tile, CROP, crop)
        return grid

    setattr(split_and_store, CROP, True)
    return split_and_store


def are_tiles(p: Any) -> bool:
    """Returns whether the host's job p paints tiles that a script cut with `split_grid`."""
    return any(hasattr(picture, CROP) for picture in _init_images(p))


def part_message(p: Any) -> str:
    """Returns a message for the user if the host's job p paints parts of pictures, else ""."""
    if any(_crop(p, picture) for picture in _init_images(p)):
        return PART
    script = selected_script(p)
    is_hidden = script is not None and script.title().lower() == OUTPAINTING
    return HIDDEN_PART if is_hidden else ""


def cut_to_parts(p: Any, canvases: Sequence[Canvas]) -> list[Canvas]:
    """Cuts the canvases of a batch to the parts of the picture that the host paints.

    Args:
        p: The host's job after its `init`, which computes the masked part.
        canvases: The canvas of each image of the batch.

    Returns:
        The canvas of each image, unchanged for a picture that is painted whole. Equal canvases of
        equal parts are one object.
    """
    crops = [_crop(p, picture) for picture in _init_images(p)] or [None]
    cut = functools.cache(cut_canvas)
    parts = []
    for canvas, crop in zip(canvases, itertools.cycle(crops), strict=False):
        parts.append(canvas if crop is None else cut(canvas, crop))
    return parts


def _init_images(p: Any) -> Sequence[Any]:
    """Returns the pictures that a job of img2img starts from: one for all images, or one each."""
    return getattr(p, "init_images", None) or ()


def _crop(p: Any, picture: Any) -> Crop | None:
    """Returns the crop of one init picture that the host paints; None for the whole picture."""
    place = getattr(p, "paste_to", None)
    has_mask = getattr(p, "image_mask", None) is not None
    if has_mask and place and getattr(p, "inpaint_full_res", False):
        x, y, width, height = place
        return Crop.from_pixels((x, y), (width, height), picture.size)
    return getattr(picture, CROP, None)
