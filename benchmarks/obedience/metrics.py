"""Measures region by region how well a picture follows its canvas, with confidence intervals."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from PIL import Image, ImageDraw

from benchmarks.obedience.canvases import inside, visible
from benchmarks.obedience.classifier import Classifier, crop
from benchmarks.obedience.colors import NONE, PALETTE, named
from lib_omost.canvas.model import Box
from training.canvases import Composition
from training.world import BACKGROUND_COLORS, COLORS, OBJECTS

FILLED = 0.05
"""Share of a box's free pixels that must have the colour of its object.

The smallest crescent of the painter's training has 5 % of the largest box and 12 % of the smallest.
"""
MISSING = 0.03
"""Share of the box below which an object counts as missing."""
PIECE = 0.06
"""Share of a box from which a connected piece of the colour counts as more than a speck."""


@dataclass(frozen=True)
class RegionReading:
    """The measurement of one region.

    Attributes:
        color: The requested colour fills enough of the box, and no other colour fills more, except
            the colours of farther regions that reach into the box.
        shape: The box shows the requested object.
        leakage: Share of the picture outside the box that has the region's colour.
        twice: The box has two or more pieces of the colour: a second object, or an object that is
            partly hidden.
    """

    color: bool
    shape: bool
    missing: bool
    leakage: float
    twice: bool = False

    @property
    def right(self) -> bool:
        """True if the requested object is there in its colour."""
        return self.color and self.shape


@dataclass(frozen=True)
class PictureReading:
    """The measurement of a picture.

    Attributes:
        regions: The regions, from far to near.
        depth: For each overlap whether the nearer region's colour dominates.
        background: Share of the pixels outside all boxes that have no object's colour.
    """

    regions: tuple[RegionReading, ...]
    depth: tuple[bool, ...]
    background: float | None


def read(picture: Image.Image, composition: Composition, classifier: Classifier) -> PictureReading:
    """Measures a picture of a composition."""
    names = named(picture)
    boxes = [item.place.box for item in composition.objects]
    crops = torch.stack(
        [
            crop(picture, names, box, item.color)
            for box, item in zip(boxes, composition.objects, strict=True)
        ]
    )
    with torch.inference_mode():
        shapes = [OBJECTS[i] for i in classifier(crops).argmax(1).tolist()]
    regions = []
    for number, item in enumerate(composition.objects):
        box = boxes[number]
        free = names[visible(boxes, number, names.shape)]
        outside = names[~inside(box, names.shape)]
        share = _share(free, item.color)
        behind = {
            other.color
            for other, its_box in zip(composition.objects[:number], boxes, strict=False)
            if _meet(its_box, box)
        }
        rivals = [color for color in COLORS if color == item.color or color not in behind]
        main = max(rivals, key=lambda color: _share(free, color))
        regions.append(
            RegionReading(
                color=share >= FILLED and main == item.color,
                shape=shapes[number] == item.name,
                missing=share < MISSING,
                leakage=_share(outside, item.color),
                twice=_pieces(names == PALETTE.index(item.color), box) > 1,
            )
        )
    return PictureReading(
        tuple(regions), tuple(_depth(names, composition)), _background(names, composition)
    )


def _meet(a: Box, b: Box) -> bool:
    return a.left < b.right and b.left < a.right and a.top < b.bottom and b.top < a.bottom


def _pieces(colored: np.ndarray, box: Box) -> int:
    """Counts the connected coloured pieces of a box, each at least PIECE of it."""
    within = inside(box, colored.shape)
    shared = Image.fromarray(np.where(colored & within, 255, 0).astype(np.uint8))
    rest = shared.copy()  # what shares an array's memory is not painted on
    sizes = []
    while (bounds := rest.getbbox()) is not None:
        left, top, right, _ = bounds
        first = left + int(np.asarray(rest)[top, left:right].argmax())
        before = int(np.count_nonzero(rest))
        ImageDraw.floodfill(rest, (first, top), 0)
        sizes.append(before - int(np.count_nonzero(rest)))
    least = PIECE * int(within.sum())
    return sum(size >= least for size in sizes)


def _share(names: np.ndarray, color: str) -> float:
    return float((names == PALETTE.index(color)).mean()) if names.size else 0.0


def _depth(names: np.ndarray, composition: Composition) -> Iterable[bool]:
    """Tests for each two overlapping boxes whether the nearer one's colour is more frequent."""
    objects = composition.objects
    for far in range(len(objects)):
        for near in range(far + 1, len(objects)):
            both = inside(objects[far].place.box, names.shape)
            both &= inside(objects[near].place.box, names.shape)
            shares = [_share(names[both], objects[i].color) for i in (far, near)]
            if max(shares) > MISSING:
                yield shares[1] > shares[0]


def _background(names: np.ndarray, composition: Composition) -> float | None:
    """Returns the share of pixels outside all boxes that have a background's colour or none."""
    outside = np.ones(names.shape, dtype=bool)
    for item in composition.objects:
        outside &= ~inside(item.place.box, names.shape)
    if not outside.any():
        return None
    calm = [NONE, *(PALETTE.index(color) for color in BACKGROUND_COLORS)]
    return float(np.isin(names[outside], calm).mean())


def wilson(right: int, count: int) -> tuple[float, float]:
    """Returns the 95 % interval of a fraction (Wilson 1927, doi:10.1080/01621459.1927.10502953)."""
    if count == 0:
        return 0.0, 1.0
    z, p = 1.959964, right / count
    center = (p + z * z / (2 * count)) / (1 + z * z / count)
    half = z / (1 + z * z / count) * math.sqrt(p * (1 - p) / count + z * z / (4 * count**2))
    return max(center - half, 0.0), min(center + half, 1.0)


def fraction(outcomes: Sequence[bool]) -> dict[str, float | int | list[float]]:
    """Returns a fraction, its 95 % interval and the number of cases."""
    right, count = sum(outcomes), len(outcomes)
    low, high = wilson(right, count)
    value = right / count if count else math.nan
    return {"value": round(value, 4), "interval": [round(low, 4), round(high, 4)], "count": count}
