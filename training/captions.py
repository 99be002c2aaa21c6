"""Describes scenes for training: sub-prompts in the words of a canvas, most without places."""

from __future__ import annotations

import random
from collections.abc import Sequence

from training.scenes import Background, Scene, Thing

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
MOST_PLACED = 4
"""Largest number of objects in such a caption; more would not fit into a prompt chunk."""

BACKGROUNDS = {
    "plain": ("on a {0} background", "a plain {0} background", "{0} background"),
    "gradient": ("on a background from {0} to {1}", "a gradient from {0} to {1}"),
    "ground": ("under a {0} sky, on {1} ground", "a {0} sky above {1} ground"),
}
"""Descriptions of each layout of a background; canvases use the first."""

THINGS = (
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
    ways = BACKGROUNDS[background.layout]
    return (rng.choice(ways) if rng else ways[0]).format(*background.colors)


def place_words(thing: Thing) -> str:
    """Names the ninth of the picture in which the centre of an object is."""
    row, column = (min(max(int(3 * center), 0), 2) for center in (thing.y, thing.x))
    return PLACES[row][column]


def thing_words(thing: Thing, rng: random.Random | None = None) -> str:
    """Describes an object: at random, sometimes with its size; without `rng` as canvases do."""
    if rng is None:
        return f"{article(thing.color)} {thing.color} {thing.name}"
    size = _size_word(thing) if rng.random() < 0.25 else ""
    color = f"{size} {thing.color}".strip()
    return rng.choice(THINGS).format(a=article(color), color=color, name=thing.name)


def article(word: str) -> str:
    """Returns the article of a word."""
    return "an" if word[0] in "aeiou" else "a"


def caption(scene: Scene, rng: random.Random, chunks: int = 1) -> tuple[str, ...]:
    """Describes a scene in a number of prompt chunks, each one text.

    The objects come in random order and are distributed over the chunks. As in a canvas's bags,
    four of five chunks begin with the background.
    """
    background = background_words(scene.background, rng)
    things = [thing_words(thing, rng) for thing in scene.things]
    if len(things) <= MOST_PLACED and rng.random() < PLACED:
        places = (place_words(thing) for thing in scene.things)
        things = [f"{words} {place}" for words, place in zip(things, places, strict=True)]
    rng.shuffle(things)
    return tuple(_chunk(background, things[i::chunks], rng) for i in range(chunks))


def _chunk(background: str, things: Sequence[str], rng: random.Random) -> str:
    parts = list(things)
    if len(parts) > 1 and rng.random() < 0.2:
        parts = [rng.choice((" and ", ", ")).join(parts)]
    if rng.random() < 0.8:
        parts.insert(0, background)
    elif rng.random() < 0.5:
        parts.append(background)
    if rng.random() < 0.3:
        parts += rng.sample(STYLES, rng.randint(1, 3))
    return " ".join(f"{part}." for part in parts)


def _size_word(thing: Thing) -> str:
    side = (thing.width + thing.height) / 2
    return "big" if side >= BIG else "small" if side <= SMALL else ""
