"""What is said about a scene: sub-prompts in the words of a canvas, most without places."""

from __future__ import annotations

import random
from collections.abc import Sequence

from training.scenes import Background, Scene, Thing

BIG, SMALL = 0.55, 0.38
"""From which and up to which side, as a fraction of the picture's, an object is called so."""

STYLES = ("flat drawing", "simple shapes", "clean edges", "plain colors", "a simple picture")
"""What is true of every picture: the styles, atmospheres and quality words of canvases."""

PLACES = (
    ("on the top-left", "on the top", "on the top-right"),
    ("on the left", "in the center", "on the right"),
    ("on the bottom-left", "on the bottom", "on the bottom-right"),
)
"""The names of a picture's ninths, row by row."""

PLACED = 0.2
"""The part of captions that say where things are, so that a long prompt can say it too."""
MOST_PLACED = 4
"""Objects of which this is said: more would not fit into a chunk."""

BACKGROUNDS = {
    "plain": ("on a {0} background", "a plain {0} background", "{0} background"),
    "gradient": ("on a background from {0} to {1}", "a gradient from {0} to {1}"),
    "ground": ("under a {0} sky, on {1} ground", "a {0} sky above {1} ground"),
}
"""How each layout of a background is described; the first is how canvases say it."""

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
    """Describe a background: at random, or as canvases do."""
    ways = BACKGROUNDS[background.layout]
    return (rng.choice(ways) if rng else ways[0]).format(*background.colors)


def place_words(thing: Thing) -> str:
    """Say in which ninth of the picture an object's centre is."""
    row, column = (min(max(int(3 * center), 0), 2) for center in (thing.y, thing.x))
    return PLACES[row][column]


def thing_words(thing: Thing, rng: random.Random | None = None) -> str:
    """Describe an object: at random, its size now and then, or as canvases do."""
    if rng is None:
        return f"{article(thing.color)} {thing.color} {thing.name}"
    size = _size_word(thing) if rng.random() < 0.25 else ""
    color = f"{size} {thing.color}".strip()
    return rng.choice(THINGS).format(a=article(color), color=color, name=thing.name)


def article(word: str) -> str:
    """The article before a word of the world."""
    return "an" if word[0] in "aeiou" else "a"


def caption(scene: Scene, rng: random.Random, chunks: int = 1) -> tuple[str, ...]:
    """Describe a scene in so many chunks, each one text.

    The objects are told in any order and dealt among the chunks; as in a canvas's bags, every
    chunk but for one in five begins with the background.
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
