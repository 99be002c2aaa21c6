"""Splits a request into words and phrases and tags each with its kind, such as object or colour."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from lib_omost.llm.demo.vocabulary import (
    BACKGROUND_WORDS,
    COLOR_WORDS,
    EXACT_SYNONYMS,
    LOCATION_WORDS,
    NUMBERS,
    OBJECT_WORDS,
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
"""The kinds of words, one letter each, so that regular expressions can match a tagged request."""

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

_SYNONYMS = {
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
"""Phrases outside the training data, with their kind and the trained phrase they stand for."""

_LOCATION_SYNONYMS = {
    "on the top": "up/upwards/to the top/at top",
    "on the bottom": "down/downwards/to the bottom/at bottom",
    "on the left": "left/on left/in the left half/in the left part",
    "on the right": "right/on right/in the right half/in the right part",
    "in the center": "to the center/to the middle/to the centre/at the centre/in center",
}
"""Further phrases for each location, separated by slashes."""
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
_MAX_PHRASE_WORDS = 6
"""Number of words in the longest phrase of the lexicon."""


@dataclass(frozen=True)
class RequestPart:
    """One word or phrase of a request.

    Attributes:
        written: The phrase in the request, in lower case.
        kind: A key of KINDS.
        model_text: The phrase that the composer reads in its place.
        base: The object, colour or location that the phrase means, "" for other kinds.
    """

    written: str
    kind: str
    model_text: str
    base: str = ""

    @property
    def is_approximated(self) -> bool:
        """Tells whether the composer draws the nearest object in place of this thing."""
        return self.kind in "op" and self.written not in _exact_words()


def request_parts(request: str) -> Iterator[RequestPart]:
    """Splits a request into the longest phrases of the lexicon and single unknown words.

    Args:
        request: The text of a user.

    Yields:
        The parts in the order of the text.
    """
    for part, _ in located_parts(request):
        yield part


def located_parts(text: str) -> Iterator[tuple[RequestPart, slice]]:
    """Splits a text as `request_parts` does and locates every part.

    Args:
        text: A request or a description.

    Yields:
        Each part and its position in the text as a slice of characters.
    """
    found = list(_WORD.finditer(text))
    words = [match[0].lower().replace("’", "'") for match in found]
    start = 0
    while start < len(words):
        for length in range(min(_MAX_PHRASE_WORDS, len(words) - start), 0, -1):
            phrase = " ".join(words[start : start + length])
            part = _lexicon().get(phrase)
            if part or length == 1:
                place = slice(found[start].start(), found[start + length - 1].end())
                yield part or RequestPart(phrase, "u", phrase), place
                start += length
                break


@functools.cache
def _lexicon() -> dict[str, RequestPart]:
    """Returns all known phrases; of two kinds with the same phrase the later one counts."""
    found = [
        RequestPart(written, kind, written)
        for kind, phrases in _FUNCTION_WORDS.items()
        for written in phrases.split("/")
    ]
    found += [RequestPart(written, *other) for written, other in _SYNONYMS.items()]
    found += _synonyms("s", SIZE_WORDS)
    found += _synonyms("c", COLOR_WORDS)
    found += _synonyms("g", BACKGROUND_WORDS)
    found += _objects()
    for number, name in NUMBERS.items():
        found += [RequestPart(name, "n", name), RequestPart(str(number), "n", name)]
    for way in (way for ways in RELATIONS.values() for way in ways):
        words = way.removeprefix("{0} ").removesuffix(" {1}")
        if "{" not in words and words not in ("in front of",):
            found.append(RequestPart(words, "R", words))
    found += _locations()
    return {_normalized(part.written): part for part in found}


def _synonyms(kind: str, names: dict[str, tuple[str, ...]]) -> Iterator[RequestPart]:
    for base, others in names.items():
        for word in (base, *others):
            yield RequestPart(word, kind, word, base)


def _objects() -> Iterator[RequestPart]:
    for base, others in OBJECT_WORDS.items():
        for word in (base, *others):
            for several in _plural_spellings(word):
                yield RequestPart(several, "p", plural(base) if word == base else several, base)
            yield RequestPart(word, "o", word, base)


def _plural_spellings(word: str) -> Iterable[str]:
    if word in _PLURALS:
        return (_PLURALS[word],)
    if word.endswith("y"):
        return (f"{word[:-1]}ies", f"{word}s")
    return (f"{word}es",) if word.endswith(("s", "x", "ch", "sh")) else (f"{word}s",)


@functools.cache
def _exact_words() -> frozenset[str]:
    own = {*OBJECT_WORDS, *EXACT_SYNONYMS}
    return frozenset(own | {several for word in own for several in _plural_spellings(word)})


def _locations() -> Iterator[RequestPart]:
    for base, ways in LOCATION_WORDS.items():
        side = base.removeprefix("on the ").removeprefix("in the ")
        if "-" in side:
            yield from _corners(side, ways[0])
        for way in _LOCATION_SYNONYMS.get(base, "").split("/"):
            yield RequestPart(way, "l", ways[0], base)
        for way in ways:
            yield RequestPart(way, "l", way, base)


def _corners(side: str, model_text: str) -> Iterator[RequestPart]:
    """Yields the phrases for a corner, such as "in the upper left corner" and "top-left"."""
    high, wide = side.split("-")
    for edge in (high, {"top": "upper", "bottom": "lower"}[high]):
        for before in ("in the ", "on the ", "at the ", "to the ", "into the ", "in ", ""):
            for after in ("", " corner"):
                yield RequestPart(
                    f"{before}{edge} {wide}{after}", "l", model_text, f"on the {side}"
                )


def _normalized(phrase: str) -> str:
    """Returns a phrase with its words separated as in `located_parts`."""
    return " ".join(_WORD.findall(phrase))
