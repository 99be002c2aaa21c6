"""Reads requests to regenerate regions of a picture: the picture, and the boxes to paint anew."""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from PIL import Image

from lib_omost.canvas.bounded_json import load_json
from lib_omost.canvas.model import Box
from lib_omost.setting_fields import SettingsError

NAME = "regenerate"
"""Name of the request among the script's arguments and in the API."""

MULTIPLE = 8
"""Pixels of a latent pixel: both sides of a picture that is sampled are multiples of it."""

MOST_PIXELS = 1 << 26
"""Limit of a picture's pixels."""


@dataclass(frozen=True)
class Regeneration:
    """A request to paint boxes of a picture anew.

    Attributes:
        picture: The file of the picture (PNG, JPEG or WebP) as base64.
        boxes: The boxes in canvas units.

    Raises:
        SettingsError: The picture cannot be read, or its size cannot be sampled.
    """

    picture: str
    boxes: tuple[Box, ...]

    def __post_init__(self) -> None:
        sides = self.opened.size
        if any(side % MULTIPLE for side in sides):
            raise SettingsError(
                f"the sides of a picture must be multiples of {MULTIPLE} pixels to be regenerated, "
                f"and this one is {sides[0]}x{sides[1]}: generate a picture of another size"
            )

    @cached_property
    def opened(self) -> Image.Image:
        """The picture in RGB."""
        try:
            with Image.open(io.BytesIO(base64.b64decode(self.picture, validate=True))) as picture:
                if picture.width * picture.height <= MOST_PIXELS:
                    rgb: Image.Image = picture.convert("RGB")
                    return rgb
        # A damaged file can raise anything: Pillow passes on what its decoders raise.
        except Exception as error:
            raise SettingsError("the picture that should be regenerated cannot be read") from error
        raise SettingsError(f"a picture of {picture.width}x{picture.height} pixels is too large")

    @cached_property
    def mask(self) -> Image.Image:
        """The soft mask of the boxes, of the picture's size."""
        # Imported late: numpy is slow to import, and only a job needs the mask.
        from lib_omost.canvas.soft_masks import draw_soft_mask

        return draw_soft_mask(self.boxes, self.opened.size)


def read_regeneration(value: Any) -> Regeneration | None:
    """Reads a request of the page or the API.

    Args:
        value: An object with `picture`, a picture file as base64 or as a data URL, and `boxes`, a
            list of [top, bottom, left, right] in canvas units; or its JSON; or "" or None for no
            request.

    Raises:
        SettingsError: The request cannot be used.
    """
    if value is None or value == "":
        return None
    if isinstance(value, str):
        try:
            value = load_json(value)
        except ValueError as error:
            raise SettingsError(f"{NAME} is not JSON: {error}") from error
    if not isinstance(value, Mapping) or set(value) != {"picture", "boxes"}:
        raise SettingsError(f"{NAME} must be an object with picture and boxes")
    picture, boxes = value["picture"], value["boxes"]
    if not isinstance(picture, str):
        raise SettingsError(f"{NAME}: picture must be a picture file as base64")
    if not isinstance(boxes, list) or not boxes:
        raise SettingsError(f"{NAME}: boxes must be a list with at least one box")
    return Regeneration(picture.partition(";base64,")[2] or picture, tuple(map(_read_box, boxes)))


def _read_box(sides: Any) -> Box:
    """Reads a box as the canvas JSON writes it: [top, bottom, left, right]."""
    try:
        return Box(*sides)
    except (TypeError, ValueError) as error:
        raise SettingsError(
            f"{NAME}: a box is [top, bottom, left, right] in canvas units, not {sides!r:.80}"
        ) from error
