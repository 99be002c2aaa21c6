"""The words of a request, each with its part of speech in the demonstration composer's language."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from lib_omost.llm.demo_words import (
    BACKGROUND_WORDS,
    COLOR_WORDS,
    LOCATION_WORDS,
    NUMBERS,
    OBJECT_WORDS,
    OWN_WORDS,
    RELATIONS,
    SIZE_WORDS,
    plural,
)

KINDS = {
    "a": "article",
    "n": "number",
    "s": "size",
    "c": "colour of an object",
    "g": "colour of a background",
    "o": "object",
    "p": "several objects",
    "b": "background",
    "l": "location",
    "r": "arrangement",
    "R": "relation",
    "i": "on or in front of, before an object or a background",
    "t": "to, from",
    "j": "what joins things",
    "f": "politeness, which says nothing of the picture",
    "x": "preposition that the composer does not know",
    "u": "word that the composer does not know",
    "A": "add",
    "B": "should be",
    "D": "remove",
    "E": "enlarge, shrink",
    "H": "change",
    "K": "keep only",
    "M": "make",
    "P": "paint",
    "T": "take",
    "U": "put",
    "V": "move",
    "W": "without",
    "Y": "away",
    "Z": "too",
    "S": "bigger, smaller",
}
"""The parts of speech, one letter each, so that a request's structure is a text to be matched."""

_FUNCTION_WORDS = {
    "a": "a/an/the",
    "b": "background/wall/sky/ground/gradient",
    "r": "in a row/from left to right/from top to bottom",
    "R": "between",
    "i": "on/in front of",
    "t": "to/from",
    "j": ",/./;/!/?/:/and",
    "x": "in/inside/into/near/around/through/against/at/by/of/towards/onto/among/outside/across"
    "/along/for/within/upon",
    "A": "add/also draw",
    "B": "should be",
    "D": "remove/delete",
    "E": "enlarge/shrink",
    "H": "change",
    "K": "keep only/only/remove all but/nothing but",
    "M": "make",
    "P": "paint",
    "T": "take",
    "U": "put",
    "V": "move",
    "W": "without",
    "Y": "away",
    "Z": "too",
    "S": "bigger/larger/smaller",
    "f": "please/can you/could you/would you/can i have/i want/i would like/i'd like/i need/show"
    "/draw/show me/draw me/paint me/give me/make me/generate/create/compose/render/a picture of"
    "/a picture with/an image of/an image with/a drawing of/a painting of/the picture shows"
    "/there is/there are/thanks/thank you/now/then/also/just/hello/hi/in the picture"
    "/from the picture/to the picture/some",
}

_OTHER_WAYS = {
    "with": ("j", "and"),
    "plus": ("j", "and"),
    "&": ("j", "and"),
    "one": ("a", "a"),
    "also add": ("A", "also draw"),
    "must be": ("B", "should be"),
    "erase": ("D", "remove"),
    "delete all but": ("K", "remove all but"),
    "as well": ("Z", "too"),
    **{
        f"a {little} {more}": ("S", more)
        for little in ("bit", "little")
        for more in ("bigger", "larger", "smaller")
    },
}
"""Phrases that the composer was not trained on, and what it is told in their place."""

_PLACES = {
    "on the top": "up/upwards/to the top/at top",
    "on the bottom": "down/downwards/to the bottom/at bottom",
    "on the left": "left/on left/in the left half/in the left part",
    "on the right": "right/on right/in the right half/in the right part",
    "in the center": "to the center/to the middle/to the centre/at the centre/in center",
}
_PLURALS = {
    "man": "men",
    "woman": "women",
    "person": "people",
    "child": "children",
    "leaf": "leaves",
    "slice of pizza": "slices of pizza",
    "fish": "fishes",
}

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?|[^\w\s-]")
_LONGEST = 6
"""Words of the longest phrase of the lexicon."""


@dataclass(frozen=True)
class RequestPart:
    """A word or phrase of a request.

    written: as in the request, said: as the composer is told it. kind: one of KINDS. base: the
    object or colour of the world that it means, "" for others.
    """

    written: str
    kind: str
    said: str
    base: str = ""

    @property
    def is_stand_in(self) -> bool:
        """Whether it names a thing that is only drawn as the nearest object."""
        return self.kind in "op" and self.written not in _own_words()


def pieces(request: str) -> Iterator[RequestPart]:
    """Split a request into the longest phrases that the lexicon has, and single other words."""
    for part, _ in located(request):
        yield part


def located(text: str) -> Iterator[tuple[RequestPart, slice]]:
    """Split a text as `pieces` does, and tell where each phrase stands in it."""
    found = list(_WORD.finditer(text))
    words = [match[0].lower().replace("’", "'") for match in found]
    start = 0
    while start < len(words):
        for length in range(min(_LONGEST, len(words) - start), 0, -1):
            phrase = " ".join(words[start : start + length])
            part = _lexicon().get(phrase)
            if part or length == 1:
                place = slice(found[start].start(), found[start + length - 1].end())
                yield part or RequestPart(phrase, "u", phrase), place
                start += length
                break


@functools.cache
def _lexicon() -> dict[str, RequestPart]:
    """Every phrase; where two kinds have it, the later one here counts."""
    found = [
        RequestPart(written, kind, written)
        for kind, phrases in _FUNCTION_WORDS.items()
        for written in phrases.split("/")
    ]
    found += [RequestPart(written, *other) for written, other in _OTHER_WAYS.items()]
    found += _with_bases("s", SIZE_WORDS)
    found += _with_bases("c", COLOR_WORDS)
    found += _with_bases("g", BACKGROUND_WORDS)
    found += _objects()
    for number, name in NUMBERS.items():
        found += [RequestPart(name, "n", name), RequestPart(str(number), "n", name)]
    for way in (way for ways in RELATIONS.values() for way in ways):
        words = way.removeprefix("{0} ").removesuffix(" {1}")
        if "{" not in words and words not in ("in front of",):
            found.append(RequestPart(words, "R", words))
    found += _locations()
    return {_spaced(piece.written): piece for piece in found}


def _with_bases(kind: str, names: dict[str, tuple[str, ...]]) -> Iterator[RequestPart]:
    for base, others in names.items():
        for word in (base, *others):
            yield RequestPart(word, kind, word, base)


def _objects() -> Iterator[RequestPart]:
    for base, others in OBJECT_WORDS.items():
        for word in (base, *others):
            for several in _several(word):
                yield RequestPart(several, "p", plural(base) if word == base else several, base)
            yield RequestPart(word, "o", word, base)


def _several(word: str) -> Iterable[str]:
    if word in _PLURALS:
        return (_PLURALS[word],)
    if word.endswith("y"):
        return (f"{word[:-1]}ies", f"{word}s")
    return (f"{word}es",) if word.endswith(("s", "x", "ch", "sh")) else (f"{word}s",)


@functools.cache
def _own_words() -> frozenset[str]:
    own = {*OBJECT_WORDS, *OWN_WORDS}
    return frozenset(own | {several for word in own for several in _several(word)})


def _locations() -> Iterator[RequestPart]:
    for base, ways in LOCATION_WORDS.items():
        side = base.removeprefix("on the ").removeprefix("in the ")
        if "-" in side:
            yield from _corners(side, ways[0])
        for way in _PLACES.get(base, "").split("/"):
            yield RequestPart(way, "l", ways[0], base)
        for way in ways:
            yield RequestPart(way, "l", way, base)


def _corners(side: str, said: str) -> Iterator[RequestPart]:
    """The ways to name a corner: "in the upper left corner", "top-left"."""
    high, wide = side.split("-")
    for edge in (high, {"top": "upper", "bottom": "lower"}[high]):
        for before in ("in the ", "on the ", "at the ", "to the ", "into the ", "in ", ""):
            for after in ("", " corner"):
                yield RequestPart(f"{before}{edge} {wide}{after}", "l", said, f"on the {side}")


def _spaced(phrase: str) -> str:
    """A phrase as `pieces` joins its words."""
    return " ".join(_WORD.findall(phrase))
