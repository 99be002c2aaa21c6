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

SYNONYM_SHARE = 0.15
"""Share of objects and colours that are named by a synonym."""
OPEN_COLOR_SHARE = 0.12
"""Share of colours that the request leaves open."""
NAMED_SIZE_SHARE = 0.3
"""Share of objects whose size is named."""
BACKGROUND_SHARE = 0.5

Answer = tuple[str, tuple[Placed, ...], str]
"""The words for the objects, the objects with their places, and the kind of request."""


@dataclass(frozen=True)
class Request:
    """A request, the composition that answers it, and its kind ("places", "left of", ...).

    Attributes:
        open_colors: Indices of the objects in the composition whose colour the request leaves open.
    """

    text: str
    composition: Composition
    kind: str
    open_colors: frozenset[int] = frozenset()


@dataclass(frozen=True)
class RequestedObject:
    """A requested object.

    Attributes:
        names_color: True if the request names its colour.
    """

    color: str
    name: str
    names_color: bool

    @property
    def kind(self) -> Kind:
        """Colour and name."""
        return self.color, self.name


def is_held_out(text: str) -> bool:
    """Tests whether a request belongs to the sixteenth of all requests that training never uses."""
    return zlib.crc32(text.lower().encode()) % 16 == 0


def random_request(rng: random.Random, most: int = MAX_REQUEST_OBJECTS) -> Request:
    """Draws a request for 1 to `most` objects."""
    makers: list[Callable[[random.Random, list[RequestedObject]], Answer]]
    makers = [_with_places, _with_places, _without_places, _same_objects, _related, _related]
    make, requested = rng.choice(makers), _draw_objects(rng, rng.randint(1, most))
    if make is _same_objects:
        requested = requested[:1] * max(len(requested), 2)
    elif make is _related:
        requested = _draw_objects(rng, min(max(len(requested), 2), 3))
    words, objects, kind = make(rng, requested)
    _, layout, colors = USUAL[objects[0].name]
    background = Background(layout, colors)
    if rng.random() < BACKGROUND_SHARE:
        words, background = _with_background(words, random_background(rng), rng)
    text = rng.choice(OPENINGS).format(words)
    if rng.random() < 0.3:
        text = text[0].upper() + text[1:]
    open_colors = frozenset(i for i, item in enumerate(requested) if not item.names_color)
    return Request(text, Composition(background, objects), kind, open_colors)


def _draw_objects(rng: random.Random, count: int) -> list[RequestedObject]:
    """Draws different objects, each in any colour: the composer has no held-out combinations."""
    names = rng.sample(OBJECTS, count) if rng.random() < 0.8 else rng.choices(OBJECTS, k=count)
    requested = [_draw_object(rng, name) for name in names]
    is_distinct = len({item.kind for item in requested}) == count
    return requested if is_distinct else _draw_objects(rng, count)


def _draw_object(rng: random.Random, name: str) -> RequestedObject:
    if rng.random() < OPEN_COLOR_SHARE:
        return RequestedObject(USUAL[name][0], name, names_color=False)
    return RequestedObject(rng.choice(COLORS), name, names_color=True)


def _with_places(rng: random.Random, requested: list[RequestedObject]) -> Answer:
    count = len(requested)
    locations = rng.sample(list(LOCATION_WORDS), count)
    sizes = [_size(rng) for _ in locations]
    objects, phrases = [], []
    for item, location, size in zip(requested, locations, sizes, strict=True):
        objects.append(Placed(*item.kind, Place(location, "no offset", area(count, size))))
        where, what = rng.choice(LOCATION_WORDS[location]), _object_phrase(item, rng, size)
        phrases.append(f"{where} {what}" if rng.random() < 0.15 else f"{what} {where}")
    return _list(phrases, rng), tuple(objects), "places"


def _without_places(rng: random.Random, requested: list[RequestedObject]) -> Answer:
    size = _size(rng)
    words = _list([_object_phrase(item, rng, size) for item in requested], rng)
    return words, arranged([item.kind for item in requested], size), "no places"


def _same_objects(rng: random.Random, requested: list[RequestedObject]) -> Answer:
    name = plural(requested[0].name)
    size = _size(rng)
    words = [NUMBERS[len(requested)], _size_word(size, rng), _color(requested[0], rng), name]
    phrase, kinds = " ".join(filter(None, words)), [item.kind for item in requested]
    objects = arranged(kinds, size)
    if len(requested) < 4 and rng.random() < 0.2:
        phrase = f"{phrase} in a row"
        objects = objects if len(requested) == 2 else placed(kinds, ROW, "a small vertical area")
    return phrase, objects, "same"


def _related(rng: random.Random, requested: list[RequestedObject]) -> Answer:
    if len(requested) == 3:
        return _row(rng, requested)
    first, second = requested
    relation = rng.choice(list(RELATIONS))
    words = rng.choice(RELATIONS[relation]).format(
        _object_phrase(first, rng), _object_phrase(second, rng)
    )
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


def _row(rng: random.Random, requested: list[RequestedObject]) -> Answer:
    phrases = [_object_phrase(item, rng) for item in requested]
    kinds = [item.kind for item in requested]
    if rng.random() < 0.3:
        column = placed(kinds, COLUMN, "a small horizontal area")
        return f"{_list(phrases, rng)} from top to bottom", column, "column"
    row = placed(kinds, ROW, "a small vertical area")
    if rng.random() < 0.5:
        return f"{phrases[1]} between {phrases[0]} and {phrases[2]}", row, "between"
    return f"{_list(phrases, rng)} from left to right", row, "row"


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


def object_words(kind: Kind, rng: random.Random) -> str:
    """Names an object with its article and colour, sometimes by synonyms."""
    return _object_phrase(RequestedObject(*kind, names_color=True), rng)


def _object_phrase(item: RequestedObject, rng: random.Random, size: str = "") -> str:
    words = [_size_word(size, rng), _color(item, rng), another_word(item.name, OBJECT_WORDS, rng)]
    phrase = " ".join(filter(None, words))
    before = rng.choices((article(phrase), "the", ""), (6, 1, 3))[0]
    return f"{before} {phrase}".strip()


def _size(rng: random.Random) -> str:
    return rng.choice(("small", "big")) if rng.random() < NAMED_SIZE_SHARE else ""


def _size_word(size: str, rng: random.Random) -> str:
    return rng.choice(SIZE_WORDS[size]) if size else ""


def _color(item: RequestedObject, rng: random.Random) -> str:
    return another_word(item.color, COLOR_WORDS, rng) if item.names_color else ""


def another_word(name: str, words: dict[str, tuple[str, ...]], rng: random.Random) -> str:
    """Returns a name or, sometimes, a synonym."""
    return rng.choice(words[name]) if rng.random() < SYNONYM_SHARE else name


def _list(phrases: Sequence[str], rng: random.Random) -> str:
    if len(phrases) < 2:
        return "".join(phrases)
    if rng.random() < 0.2:
        return ", ".join(phrases)
    return f"{', '.join(phrases[:-1])} and {phrases[-1]}"
