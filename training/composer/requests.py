"""Draws requests in everyday words, with the compositions that answer them."""

from __future__ import annotations

import random
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from lib_omost.canvas.model import Place
from lib_omost.llm.demo.vocabulary import (
    BACKGROUND_PHRASES,
    BACKGROUND_WORDS,
    COLOR_WORDS,
    LOCATION_WORDS,
    MAX_REQUEST_OBJECTS,
    NUMBERS,
    OBJECT_WORDS,
    OPENINGS,
    RELATIONS,
    SIZE_WORDS,
    SKY_PHRASE,
    plural,
)
from training.canvases import COLUMN, ROW, Composition, Kind, Placed, area, arranged, placed
from training.captions import article
from training.composer.words import USUAL, usual_ground
from training.scenes import Background, random_background
from training.world import COLORS, OBJECTS

OTHER_WORD = 0.15
"""Share of objects and colours that are named by a synonym."""
UNSAID = 0.12
"""Share of colours that the request leaves open."""
SIZED = 0.3
"""Share of objects whose size is named."""
BACKGROUND_SAID = 0.5

Answer = tuple[str, tuple[Placed, ...], str]
"""The words for the objects, the objects with their places, and the kind of request."""


@dataclass(frozen=True)
class Request:
    """A request, the composition that answers it, and its kind ("places", "left of", ...).

    Attributes:
        unsaid: Indices of the objects in the composition whose colour the request leaves open.
    """

    text: str
    composition: Composition
    kind: str
    unsaid: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Wanted:
    """A requested object; said: True if the request names its colour."""

    color: str
    name: str
    said: bool

    @property
    def kind(self) -> Kind:
        """Colour and name."""
        return self.color, self.name


def is_held_out(text: str) -> bool:
    """Tests whether a request belongs to the sixteenth of all requests that training never uses."""
    return zlib.crc32(text.lower().encode()) % 16 == 0


def random_request(rng: random.Random, most: int = MAX_REQUEST_OBJECTS) -> Request:
    """Draws a request for 1 to `most` objects."""
    makers: list[Callable[[random.Random, list[Wanted]], Answer]]
    makers = [_with_places, _with_places, _without_places, _same_things, _related, _related]
    make, wanted = rng.choice(makers), _wanted(rng, rng.randint(1, most))
    if make is _same_things:
        wanted = wanted[:1] * max(len(wanted), 2)
    elif make is _related:
        wanted = _wanted(rng, min(max(len(wanted), 2), 3))
    words, things, kind = make(rng, wanted)
    _, layout, colors = USUAL[things[0].name]
    background = Background(layout, colors)
    if rng.random() < BACKGROUND_SAID:
        words, background = _with_background(words, random_background(rng), rng)
    text = rng.choice(OPENINGS).format(words)
    if rng.random() < 0.3:
        text = text[0].upper() + text[1:]
    unsaid = frozenset(i for i, thing in enumerate(wanted) if not thing.said)
    return Request(text, Composition(background, things), kind, unsaid)


def _wanted(rng: random.Random, count: int) -> list[Wanted]:
    """Draws different objects, each in any colour: the composer has no held-out combinations."""
    names = rng.sample(OBJECTS, count) if rng.random() < 0.8 else rng.choices(OBJECTS, k=count)
    wanted = [_thing(rng, name) for name in names]
    return wanted if len({thing.kind for thing in wanted}) == count else _wanted(rng, count)


def _thing(rng: random.Random, name: str) -> Wanted:
    if rng.random() < UNSAID:
        return Wanted(USUAL[name][0], name, said=False)
    return Wanted(rng.choice(COLORS), name, said=True)


def _with_places(rng: random.Random, wanted: list[Wanted]) -> Answer:
    count = len(wanted)
    locations = rng.sample(list(LOCATION_WORDS), count)
    sizes = [_size(rng) for _ in locations]
    things, said = [], []
    for thing, location, size in zip(wanted, locations, sizes, strict=True):
        things.append(Placed(*thing.kind, Place(location, "no offset", area(count, size))))
        where, what = rng.choice(LOCATION_WORDS[location]), _said(thing, rng, size)
        said.append(f"{where} {what}" if rng.random() < 0.15 else f"{what} {where}")
    return _list(said, rng), tuple(things), "places"


def _without_places(rng: random.Random, wanted: list[Wanted]) -> Answer:
    size = _size(rng)
    words = _list([_said(thing, rng, size) for thing in wanted], rng)
    return words, arranged([thing.kind for thing in wanted], size), "no places"


def _same_things(rng: random.Random, wanted: list[Wanted]) -> Answer:
    name = plural(wanted[0].name)
    size = _size(rng)
    words = [NUMBERS[len(wanted)], _size_said(size, rng), _color(wanted[0], rng), name]
    said, kinds = " ".join(filter(None, words)), [thing.kind for thing in wanted]
    things = arranged(kinds, size)
    if len(wanted) < 4 and rng.random() < 0.2:
        said = f"{said} in a row"
        things = things if len(wanted) == 2 else placed(kinds, ROW, "a small vertical area")
    return said, things, "same"


def _related(rng: random.Random, wanted: list[Wanted]) -> Answer:
    if len(wanted) == 3:
        return _row(rng, wanted)
    first, second = wanted
    relation = rng.choice(list(RELATIONS))
    words = rng.choice(RELATIONS[relation]).format(_said(first, rng), _said(second, rng))
    return words, related(relation, first.kind, second.kind), relation


def related(relation: str, first: Kind, second: Kind) -> tuple[Placed, ...]:
    """Places two objects by their relation; they keep the order of the request."""
    if relation in ("in front of", "behind"):
        front = Place("in the center", "slightly to the lower", "a small square area")
        back = Place("in the center", "slightly to the upper", "a large square area")
        if relation == "in front of":
            return Placed(*first, front, 1.0), Placed(*second, back, 2.0)
        return Placed(*first, back, 2.0), Placed(*second, front, 1.0)
    places = {
        "left of": ("on the left", "on the right"),
        "right of": ("on the right", "on the left"),
        "above": ("on the top", "on the bottom"),
        "below": ("on the bottom", "on the top"),
    }[relation]
    return tuple(
        Placed(*kind, Place(location, "no offset", area(2)))
        for kind, location in zip((first, second), places, strict=True)
    )


def _row(rng: random.Random, wanted: list[Wanted]) -> Answer:
    said, kinds = [_said(thing, rng) for thing in wanted], [thing.kind for thing in wanted]
    if rng.random() < 0.3:
        column = placed(kinds, COLUMN, "a small horizontal area")
        return f"{_list(said, rng)} from top to bottom", column, "column"
    row = placed(kinds, ROW, "a small vertical area")
    if rng.random() < 0.5:
        return f"{said[1]} between {said[0]} and {said[2]}", row, "between"
    return f"{_list(said, rng)} from left to right", row, "row"


def _with_background(
    words: str, background: Background, rng: random.Random
) -> tuple[str, Background]:
    """Adds the words for a background; the colour of the ground may be left open."""
    first, *second = (another_word(name, BACKGROUND_WORDS, rng) for name in background.colors)
    ways = BACKGROUND_PHRASES[background.layout]
    if background.layout == "plain":
        return rng.choice(ways).format(words, first, a=article(first)), background
    if background.layout == "ground" and rng.random() < 0.3:
        sky = background.colors[0]
        background = replace(background, colors=(sky, usual_ground(sky)))
        return SKY_PHRASE.format(words, first), background
    return rng.choice(ways).format(words, first, *second), background


def thing_said(kind: Kind, rng: random.Random) -> str:
    """Names an object with its article and colour, sometimes by synonyms."""
    return _said(Wanted(*kind, said=True), rng)


def _said(thing: Wanted, rng: random.Random, size: str = "") -> str:
    words = [_size_said(size, rng), _color(thing, rng), another_word(thing.name, OBJECT_WORDS, rng)]
    said = " ".join(filter(None, words))
    before = rng.choices((article(said), "the", ""), (6, 1, 3))[0]
    return f"{before} {said}".strip()


def _size(rng: random.Random) -> str:
    return rng.choice(("small", "big")) if rng.random() < SIZED else ""


def _size_said(size: str, rng: random.Random) -> str:
    return rng.choice(SIZE_WORDS[size]) if size else ""


def _color(thing: Wanted, rng: random.Random) -> str:
    return another_word(thing.color, COLOR_WORDS, rng) if thing.said else ""


def another_word(name: str, words: dict[str, tuple[str, ...]], rng: random.Random) -> str:
    """Returns a name or, sometimes, a synonym."""
    return rng.choice(words[name]) if rng.random() < OTHER_WORD else name


def _list(said: Sequence[str], rng: random.Random) -> str:
    if len(said) < 2:
        return "".join(said)
    if rng.random() < 0.2:
        return ", ".join(said)
    return f"{', '.join(said[:-1])} and {said[-1]}"
