"""Draws test canvases by seed, from the whole vocabulary of places."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Literal

import numpy as np

from lib_omost.canvas.model import UNITS, Box, Place
from lib_omost.canvas.vocabulary import AREAS, LOCATIONS, OFFSETS
from training.canvases import Composition, Placed
from training.scenes import random_background
from training.world import COLORS, OBJECTS

MIN_VISIBLE_SHARE = 0.4
"""Share of each box that nearer boxes leave free."""
MAX_REGIONS = 6
TRIES = 60
"""Number of places tried for one region before the whole composition is drawn again."""

Split = Literal["development", "sealed"]
"""Decisions use the first split; the second is only used to check a claim once."""


def compositions(split: Split, count: int) -> list[Composition]:
    """Draws compositions of 1 to 6 objects in turn, with distinct colours, the nearest last."""
    rng = random.Random(f"obedience {split}")
    return [composition(rng, 1 + number % MAX_REGIONS) for number in range(count)]


def composition(rng: random.Random, regions: int) -> Composition:
    """Draws one composition."""
    while True:
        places: list[Place] = []
        for _ in range(TRIES):
            place = Place(*(rng.choice(list(names)) for names in (LOCATIONS, OFFSETS, AREAS)))
            if visible_enough([*places, place]):
                places.append(place)
            if len(places) == regions:
                objects = _place_objects(rng, places)
                return Composition(random_background(rng), objects)


def _place_objects(rng: random.Random, places: Sequence[Place]) -> tuple[Placed, ...]:
    """Puts objects of different colours at the places, the first farthest."""
    colors = rng.sample(COLORS, len(places))
    return tuple(
        Placed(color, rng.choice(OBJECTS), place, float(len(places) - number))
        for number, (color, place) in enumerate(zip(colors, places, strict=True))
    )


def visible_enough(places: Sequence[Place]) -> bool:
    """Tests whether enough of every box is free; the places go from far to near."""
    boxes = [place.box for place in places]
    return all(
        visible(boxes, number, (UNITS, UNITS)).sum() >= MIN_VISIBLE_SHARE * area(box)
        for number, box in enumerate(boxes)
    )


def area(box: Box) -> float:
    """Returns a box's area in square canvas units."""
    return (box.bottom - box.top) * (box.right - box.left)


def inside(box: Box, size: tuple[int, int]) -> np.ndarray:
    """Returns a mask of the pixels whose centre lies in a box, [H, W]; size: (H, W)."""
    rows, columns = ((np.arange(side) + 0.5) * UNITS / side for side in size)
    return ((box.top <= rows) & (rows < box.bottom))[:, None] & (
        (box.left <= columns) & (columns < box.right)
    )[None, :]


def visible(boxes: Sequence[Box], number: int, size: tuple[int, int]) -> np.ndarray:
    """Returns a mask of a box's pixels that no nearer box covers, [H, W]; boxes go far to near."""
    mask = inside(boxes[number], size)
    for nearer in boxes[number + 1 :]:
        mask &= ~inside(nearer, size)
    return mask
