"""Draws scenes as pictures: flat objects with a darker outline, with Pillow."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from PIL import Image, ImageDraw

from training.scenes import Background, Scene, SceneObject
from training.world import Color, rgb

OVERSAMPLING = 3
"""Pictures are drawn this many times larger and then reduced, which smooths their edges."""

Point = tuple[float, float]
Tone = Literal["main", "dark", "trunk", "window"]


@dataclass(frozen=True)
class Part:
    """A filled polygon of an object; its points are in the object's square, (0, 0) to (1, 1)."""

    tone: Tone
    outline: tuple[Point, ...]


def draw(scene: Scene, size: tuple[int, int] = (128, 128)) -> Image.Image:
    """Draws a scene; size is (width, height) in pixels."""
    width, height = (OVERSAMPLING * side for side in size)
    picture = _background(scene.background, width, height)
    pen = ImageDraw.Draw(picture)
    for item in scene.objects:
        _draw_object(pen, item, width, height)
    return picture.reduce(OVERSAMPLING)


def _background(background: Background, width: int, height: int) -> Image.Image:
    colors = [rgb(name) for name in background.colors]
    picture = Image.new("RGB", (width, height), colors[0])
    if background.layout == "ground":
        picture.paste(colors[1], (0, round(background.horizon * height), width, height))
    elif background.layout == "gradient":
        below = Image.new("RGB", (width, height), colors[1])
        mask = Image.linear_gradient("L").resize((width, height))
        picture.paste(below, (0, 0), mask)
    return picture


def _draw_object(pen: ImageDraw.ImageDraw, item: SceneObject, width: int, height: int) -> None:
    left, top = item.sides[:2]
    main = rgb(item.color)
    tones = {"main": main, "dark": _darker(main), "trunk": (101, 67, 33), "window": (60, 60, 60)}
    line = max(1, round(0.035 * min(item.width * width, item.height * height)))
    for part in PARTS[item.name]:
        points = [
            ((left + x * item.width) * width, (top + y * item.height) * height)
            for x, y in part.outline
        ]
        pen.polygon(points, fill=tones[part.tone], outline=_darker(main), width=line)


def _darker(color: Color) -> Color:
    red, green, blue = (round(0.6 * channel) for channel in color)
    return red, green, blue


def _ellipse(
    x: float, y: float, width: float, height: float, start: float = 0, end: float = 360
) -> Iterator[Point]:
    """Yields points of an elliptic arc around (x, y); degrees count clockwise from the right."""
    steps = 48
    for step in range(steps + (end - start < 360)):
        angle = math.radians(start + (end - start) * step / steps)
        yield x + width / 2 * math.cos(angle), y + height / 2 * math.sin(angle)


def _star() -> Iterator[Point]:
    for corner in range(10):
        radius = 0.52 if corner % 2 == 0 else 0.22
        angle = math.radians(36 * corner - 90)
        yield 0.5 + radius * math.cos(angle), 0.53 + radius * math.sin(angle)


def _heart() -> Iterator[Point]:
    """Yields the heart curve x = 16 sin^3 t, y = 13 cos t - 5 cos 2t - 2 cos 3t - cos 4t."""
    for step in range(48):
        t = math.tau * step / 48
        x = 16 * math.sin(t) ** 3
        y = 13 * math.cos(t) - 5 * math.cos(2 * t) - 2 * math.cos(3 * t) - math.cos(4 * t)
        yield 0.5 + x / 33, 0.46 - y / 31


def _moon() -> Iterator[Point]:
    """Yields a crescent: the left arc of a circle, and back along a circle shifted to the right."""
    yield from _ellipse(0.55, 0.5, 1.0, 1.0, 62, 298)
    yield from reversed(list(_ellipse(0.85, 0.5, 0.85, 0.88, 97, 263)))


PARTS: dict[str, tuple[Part, ...]] = {
    "circle": (Part("main", tuple(_ellipse(0.5, 0.5, 1, 1))),),
    "square": (Part("main", ((0.04, 0.04), (0.96, 0.04), (0.96, 0.96), (0.04, 0.96))),),
    "triangle": (Part("main", ((0.5, 0), (1, 1), (0, 1))),),
    "star": (Part("main", tuple(_star())),),
    "heart": (Part("main", tuple(_heart())),),
    "moon": (Part("main", tuple(_moon())),),
    "tree": (
        Part("trunk", ((0.4, 0.6), (0.6, 0.6), (0.6, 1), (0.4, 1))),
        Part("main", tuple(_ellipse(0.5, 0.36, 0.84, 0.72))),
    ),
    "house": (
        Part("main", ((0.1, 0.42), (0.9, 0.42), (0.9, 1), (0.1, 1))),
        Part("main", ((0.5, 0), (1, 0.44), (0, 0.44))),
        Part("window", ((0.4, 0.64), (0.6, 0.64), (0.6, 1), (0.4, 1))),
    ),
    "fish": (
        Part("main", ((0.66, 0.5), (1, 0.18), (1, 0.82))),
        Part("main", tuple(_ellipse(0.4, 0.5, 0.8, 0.62))),
        Part("window", tuple(_ellipse(0.2, 0.42, 0.1, 0.1))),
    ),
    "boat": (
        Part("trunk", ((0.46, 0.04), (0.53, 0.04), (0.53, 0.66), (0.46, 0.66))),
        Part("main", ((0.56, 0.04), (0.98, 0.58), (0.56, 0.58))),
        Part("main", ((0, 0.64), (1, 0.64), (0.8, 1), (0.2, 1))),
    ),
}
"""The polygons of each object, from back to front."""
