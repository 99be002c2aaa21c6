"""Describes scenes for training: sub-prompts in the words of a canvas, most without places."""

from __future__ import annotations

import random
from collections.abc import Sequence

from training.scenes import Background, Scene, SceneObject

BIG, SMALL = 0.55, 0.38
"""Sides, as fractions of the picture's, from which an object is called big and up to which small.
"""

STYLES = ("flat drawing", "simple shapes", "clean edges", "plain colors", "a simple picture")
"""Words that are true for every picture: the styles, atmospheres and quality words of canvases."""

PLACES = (
    ("on the top-left", "on the top", "on the top-right"),
    ("on the left", "in the center", "on the right"),
    ("on the bottom-left", "on the bottom", "on the bottom-right"),
)
"""Names of the ninths of a picture, row by row."""

PLACED = 0.2
"""Share of captions that say where the objects are, as a long prompt does."""
MAX_PLACED_OBJECTS = 4
"""Largest number of objects in such a caption; more would not fit into a prompt chunk."""

BACKGROUNDS = {
    "plain": ("on a {0} background", "a plain {0} background", "{0} background"),
    "gradient": ("on a background from {0} to {1}", "a gradient from {0} to {1}"),
    "ground": ("under a {0} sky, on {1} ground", "a {0} sky above {1} ground"),
}
"""Descriptions of each layout of a background; canvases use the first."""

OBJECT_PHRASES = (
    "{a} {color} {name}",
    "{a} {color} {name}",
    "one {color} {name}",
    "{color} {name}",
    "{color}, {name}",
    "the {name} is {color}",
    "a {name} in {color}",
)


def background_words(background: Background, rng: random.Random | None = None) -> str:
    """Describes a background: at random, or without `rng` as canvases do."""
    phrases = BACKGROUNDS[background.layout]
    return (rng.choice(phrases) if rng else phrases[0]).format(*background.colors)


def place_words(item: SceneObject) -> str:
    """Names the ninth of the picture in which the centre of an object is."""
    row, column = (min(max(int(3 * center), 0), 2) for center in (item.y, item.x))
    return PLACES[row][column]


def describe_object(item: SceneObject, rng: random.Random | None = None) -> str:
    """Describes an object: at random, sometimes with its size; without `rng` as canvases do."""
    if rng is None:
        return f"{article(item.color)} {item.color} {item.name}"
    size = _size_word(item) if rng.random() < 0.25 else ""
    color = f"{size} {item.color}".strip()
    return rng.choice(OBJECT_PHRASES).format(a=article(color), color=color, name=item.name)


def article(word: str) -> str:
    """Returns the article of a word."""
    return "an" if word[0] in "aeiou" else "a"


def caption(scene: Scene, rng: random.Random, chunks: int = 1) -> tuple[str, ...]:
    """Describes a scene in a number of prompt chunks, each one text.

    The objects come in random order and are distributed over the chunks. As in a canvas's bags,
    four of five chunks begin with the background.
    """
    background = background_words(scene.background, rng)
    objects = [describe_object(item, rng) for item in scene.objects]
    if len(objects) <= MAX_PLACED_OBJECTS and rng.random() < PLACED:
        places = (place_words(item) for item in scene.objects)
        objects = [f"{words} {place}" for words, place in zip(objects, places, strict=True)]
    rng.shuffle(objects)
    return tuple(_chunk(background, objects[i::chunks], rng) for i in range(chunks))


def _chunk(background: str, objects: Sequence[str], rng: random.Random) -> str:
    parts = list(objects)
    if len(parts) > 1 and rng.random() < 0.2:
        parts = [rng.choice((" and ", ", ")).join(parts)]
    if rng.random() < 0.8:
        parts.insert(0, background)
    elif rng.random() < 0.5:
        parts.append(background)
    if rng.random() < 0.3:
        parts += rng.sample(STYLES, rng.randint(1, 3))
    return " ".join(f"{part}." for part in parts)


def _size_word(item: SceneObject) -> str:
    side = (item.width + item.height) / 2
    return "big" if side >= BIG else "small" if side <= SMALL else ""
