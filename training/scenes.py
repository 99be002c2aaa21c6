"""Draws random scenes: the objects of a picture, their places, and the background."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from training.world import BACKGROUND_COLORS, COMBINATIONS

MAX_OBJECTS = 6
MIN_VISIBLE_SHARE = 0.5
"""Share of every object's rectangle that nearer objects leave visible."""

Layout = Literal["plain", "gradient", "ground"]


@dataclass(frozen=True)
class SceneObject:
    """An object: its centre, width and height as fractions of the picture's width and height."""

    color: str
    name: str
    x: float
    y: float
    width: float
    height: float

    @property
    def sides(self) -> tuple[float, float, float, float]:
        """Left, top, right and bottom."""
        half_width, half_height = self.width / 2, self.height / 2
        return (
            self.x - half_width,
            self.y - half_height,
            self.x + half_width,
            self.y + half_height,
        )


@dataclass(frozen=True)
class Background:
    """One colour (plain) or two: from top to bottom (gradient), or sky and ground (ground)."""

    layout: Layout
    colors: tuple[str, ...]
    horizon: float = 0.6
    """Upper edge of the ground, as a fraction of the picture's height."""


@dataclass(frozen=True)
class Scene:
    """A background and the objects on it, from the farthest to the nearest."""

    background: Background
    objects: tuple[SceneObject, ...]


def random_scene(
    rng: random.Random,
    *,
    most: int = 4,
    least_size: float = 0.3,
    largest_size: float = 0.75,
    stretch: float = 1.18,
    combinations: Sequence[tuple[str, str]] = COMBINATIONS,
) -> Scene:
    """Draws a scene of 1 to `most` objects, each at least half visible; 5 % of scenes have none.

    Sizes are fractions of the picture's side; the more objects, the smaller they are. The ratio of
    the sides is at most `stretch`. One object is twice as likely as two, because a single object
    shows best what its name means.
    """
    counts = range(1, most + 1)
    requested = 0 if rng.random() < 0.05 else rng.choices(counts, [1 / n for n in counts])[0]
    largest = max(least_size, largest_size / max(1, requested) ** 0.35)
    objects: list[SceneObject] = []
    for _ in range(8 * requested):
        if len(objects) == requested:
            break
        item = _random_object(rng, (least_size, largest), stretch, combinations)
        if all(_visible(far, [*objects[i + 1 :], item]) for i, far in enumerate(objects)):
            objects.append(item)
    return Scene(random_background(rng), tuple(objects))


def random_background(rng: random.Random) -> Background:
    """Draws a background: plain in half of the cases."""
    layout: Layout = rng.choices(("plain", "gradient", "ground"), (2, 1, 1))[0]
    count = 1 if layout == "plain" else 2
    colors = tuple(rng.sample(BACKGROUND_COLORS, count))
    return Background(layout, colors, round(rng.uniform(0.5, 0.8), 2))


def crowded_scene(
    rng: random.Random, *, combinations: Sequence[tuple[str, str]] = COMBINATIONS
) -> Scene:
    """Draws a scene like a canvas: up to six objects, some as narrow or as low as regions are."""
    return random_scene(
        rng,
        most=6,
        least_size=0.22,
        largest_size=0.9,
        stretch=2.0,
        combinations=combinations,
    )


def _random_object(
    rng: random.Random,
    sizes: tuple[float, float],
    stretch: float,
    combinations: Sequence[tuple[str, str]],
) -> SceneObject:
    color, name = rng.choice(combinations)
    least, largest = sizes
    width = rng.uniform(least, largest)
    height = min(max(width * stretch ** rng.uniform(-1, 1), least), largest)
    # An object may leave the picture by a tenth of its size.
    x = rng.uniform(0.4 * width, 1 - 0.4 * width)
    y = rng.uniform(0.4 * height, 1 - 0.4 * height)
    return SceneObject(color, name, x, y, width, height)


def _visible(item: SceneObject, nearer: Sequence[SceneObject]) -> bool:
    """Tests whether enough of an object is visible; overlaps of the nearer objects count twice."""
    left, top, right, bottom = item.sides
    hidden = 0.0
    for other in nearer:
        width = min(right, other.sides[2]) - max(left, other.sides[0])
        height = min(bottom, other.sides[3]) - max(top, other.sides[1])
        hidden += max(width, 0) * max(height, 0)
    return hidden <= (1 - MIN_VISIBLE_SHARE) * item.width * item.height
