"""Parses position phrases such as "left of the window" or "on the sofa, behind the cat".

A phrase names sides of the canvas, or relations to other things of the same plan.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from lib_omost.canvas.foreign_words import to_english

RelationKind = Literal[
    "left of", "right of", "above", "below", "behind", "in front of", "on", "in", "between",
    "beside",
]  # fmt: skip
Side = Literal["left", "right", "top", "bottom", "center", "front", "back"]

MAX_PHRASE_CHARACTERS = 160
"""Longest phrase that is parsed."""

MAX_RELATIONS = 4
"""Maximum number of relations in a phrase."""


@dataclass(frozen=True)
class ThingRelation:
    """The relation of one thing to other things of a plan.

    Attributes:
        kind: The preposition.
        others: The indices of the other things; two for "between" two things.
    """

    kind: RelationKind
    others: tuple[int, ...]


@dataclass(frozen=True)
class Position:
    """A parsed phrase: the sides of the canvas that it names, and the relations to other things."""

    sides: frozenset[Side] = frozenset()
    relations: tuple[ThingRelation, ...] = field(default=())


_PREPOSITIONS: Mapping[str, RelationKind | Literal["of"]] = {
    "in front of": "in front of",
    "in the front of": "in front of",
    "ahead of": "in front of",
    "on top of": "on",
    "in back of": "behind",
    "in the back of": "behind",
    "next to": "beside",
    "close to": "beside",
    "attached to": "on",
    "inside of": "in",
    "out of": "in",
    "underneath": "below",
    "beneath": "below",
    "below": "below",
    "under": "below",
    "above": "above",
    "over": "above",
    "behind": "behind",
    "beyond": "behind",
    "before": "in front of",
    "between": "between",
    "inside": "in",
    "within": "in",
    "into": "in",
    "in": "in",
    "at": "beside",
    "on": "on",
    "onto": "on",
    "upon": "on",
    "atop": "on",
    "along": "on",
    "across": "on",
    "against": "beside",
    "around": "beside",
    "beside": "beside",
    "besides": "beside",
    "alongside": "beside",
    "near": "beside",
    "by": "beside",
    "held by": "in",
    "worn by": "in",
    "carried by": "in",
    "of": "of",
    "to": "of",
    "from": "of",
}
"""Prepositions; "of" takes its meaning from the side before it ("left of", "top of")."""

_SIDES: Mapping[str, Side] = {
    "left": "left",
    "leftmost": "left",
    "right": "right",
    "rightmost": "right",
    "top": "top",
    "upper": "top",
    "up": "top",
    "sky": "top",
    "air": "top",
    "bottom": "bottom",
    "lower": "bottom",
    "down": "bottom",
    "center": "center",
    "centre": "center",
    "middle": "center",
    "foreground": "front",
    "front": "front",
    "background": "back",
    "back": "back",
    "distance": "back",
    "far": "back",
}

_OF_SIDE: Mapping[Side, RelationKind] = {
    "left": "left of",
    "right": "right of",
    "top": "on",
    "bottom": "on",
    "center": "on",
    "front": "in front of",
    "back": "behind",
}
"""The relation of a side and "of": "left of X" is beside X, "the top of X" is on X."""

_WITHOUT_THING: Mapping[str | None, Side] = {
    "above": "top",
    "below": "bottom",
    "behind": "back",
    "in front of": "front",
}
"""The side for a preposition without a thing: "the moon above"."""

_PRONOUNS = frozenset({"it", "him", "her", "them", "his", "its", "their"})
"""Words for a thing that the phrase does not name."""

_IGNORED = frozenset({
    "a", "an", "the", "and", "with", "of", "in", "on", "at", "to", "is", "some", "its", "his",
    "her", "their", "one", "side", "picture", "image",
})  # fmt: skip
"""Words that name no thing."""

WORN = frozenset({
    "jacket", "coat", "dress", "robe", "gown", "hat", "cap", "helmet", "crown", "scarf", "shawl",
    "shirt", "suit", "skirt", "trouser", "jean", "armor", "armour", "uniform", "glove", "boot",
    "shoe", "mask", "necklace", "earring", "belt", "apron", "cape", "veil", "sweater",
    "beard", "nose", "eye", "hair", "moustache", "mustache", "tail", "horn", "wing",
})  # fmt: skip
"""Clothes and parts of a body. They belong to the thing before them; nothing stands in them."""

_PREPOSITION = re.compile(
    r"\b(" + "|".join(sorted(map(re.escape, _PREPOSITIONS), key=len, reverse=True)) + r")\b"
)


class PhraseParser:
    """Parses the position phrases of one plan.

    Args:
        names: The names of all things of the plan, for example "a brown dog".
    """

    def __init__(self, names: Sequence[str]) -> None:
        self._nouns = [singular(head_noun(name)) for name in names]
        self._words = [[singular(word) for word in _split_words(name)] for name in names]

    def parse(self, phrase: str, index: int) -> Position:
        """Parses the phrase for the position of one thing.

        Args:
            phrase: The phrase, for example "on the sofa, left of the dog".
            index: The index of the thing that the phrase places.
        """
        text = to_english(phrase[:MAX_PHRASE_CHARACTERS].casefold().replace("-", " "))
        sides: list[Side] = []
        relations: list[ThingRelation] = []
        for clause in re.split(r"[,;]", text):
            self._parse_clause(clause, index, sides, relations)
        return Position(frozenset(sides), tuple(relations[:MAX_RELATIONS]))

    def _parse_clause(
        self, text: str, index: int, sides: list[Side], relations: list[ThingRelation]
    ) -> None:
        """Adds the sides and relations of a part of a phrase without commas."""
        kind: RelationKind | None = None
        side_before_of: Side | None = None
        for preposition, words in _split_at_prepositions(text):
            if preposition == "of":
                kind = _OF_SIDE[side_before_of] if side_before_of else kind
            else:
                kind, side_before_of = preposition, None
            others = self._named_things(words, index)
            if kind and others:
                relations += self._relations(kind, others, index)
                if side_before_of:
                    sides.remove(side_before_of)
                kind, side_before_of = None, None
                continue
            named: list[Side] = [_SIDES[word] for word in words if word in _SIDES]
            if preposition in _WITHOUT_THING and _IGNORED.issuperset(words):
                named.append(_WITHOUT_THING[preposition])
            sides += named
            side_before_of = named[-1] if named else None

    def _relations(
        self, kind: RelationKind, others: Sequence[int], index: int
    ) -> list[ThingRelation]:
        """Returns one relation for "between" two things, else one for each thing."""
        if kind == "in":  # "a man in a jacket"
            others = [other for other in others if self._nouns[other] not in WORN]
        if kind != "between":
            return [ThingRelation(kind, (other,)) for other in others]
        if len(others) == 1:  # "between the trees"
            noun = self._nouns[others[0]]
            others = [one for one, own in enumerate(self._nouns) if own == noun and one != index]
        return [ThingRelation(kind, (others[0], others[-1]))]

    def _named_things(self, words: Sequence[str], index: int) -> tuple[int, ...]:
        """Returns the things that some words name, in the order of the words."""
        known = [singular(word) for word in words]
        found: list[int] = []
        for place, word in enumerate(known):
            if words[place] in _PRONOUNS and not found and len(self._nouns) > 1:
                found.append(0 if index else 1)  # most often the main thing, which is first
            named = [one for one, own in enumerate(self._nouns) if own == word and one != index]
            named = named or [
                one for one in range(len(self._nouns)) if self._has_part(one, word) and one != index
            ]
            if named and word:
                found.append(max(named, key=lambda one: self._shared(known[: place + 1], one)))
        return tuple(dict.fromkeys(found))

    def _has_part(self, index: int, word: str) -> bool:
        """Returns whether a word stands after a thing's noun: "title" of "a book with a title"."""
        words, noun = self._words[index], self._nouns[index]
        after = words[words.index(noun) + 1 :] if noun in words else []
        return len(word) > 2 and word in after and word not in _IGNORED

    def _shared(self, words: Sequence[str], index: int) -> int:
        """Counts the words at the end of a list that also stand in the name of a thing."""
        is_shared = [word in self._words[index] for word in reversed(words)]
        return (*is_shared, False).index(False)


def _split_at_prepositions(
    text: str,
) -> list[tuple[RelationKind | Literal["of"] | None, list[str]]]:
    """Returns each preposition with the words after it; None before the first preposition."""
    found = list(_PREPOSITION.finditer(text))
    starts = [0, *(one.end() for one in found)]
    ends = [*(one.start() for one in found), len(text)]
    prepositions = [None, *(_PREPOSITIONS[one[1]] for one in found)]
    parts = [_split_words(text[start:end]) for start, end in zip(starts, ends, strict=True)]
    return list(zip(prepositions, parts, strict=True))


def head_noun(name: str) -> str:
    """Returns the noun that a name is about: "chair" of "a red chair with wheels"."""
    first = re.split(
        r"\b(?:of|with|in|on|at|by|near|from|that|who|which|wearing|holding|made|and)\b|[,'\"]",
        name.casefold(),
        maxsplit=1,
    )[0]
    words = [word for word in _split_words(first) if word not in _IGNORED]
    return words[-1] if words else ""


def is_supplement(phrase: str) -> bool:
    """Returns whether a phrase can follow a noun: "in a row", "jumping over the fence"."""
    first = (_split_words(phrase) or [""])[0]
    return first in _PREPOSITIONS or first.endswith("ing")


def single_name(name: str) -> str | None:
    """Returns "a tall tree" for "two tall trees", None for the name of another number."""
    number, _, rest = name.partition(" ")
    noun = head_noun(rest)
    if number.casefold() not in ("two", "2", "both") or singular(noun) == noun:
        return None
    rest = re.sub(rf"\b{noun}\b", singular(noun), rest, count=1, flags=re.IGNORECASE)
    return f"{'an' if rest[:1].casefold() in 'aeiou' else 'a'} {rest}"


def singular(word: str) -> str:
    """Removes the plural ending of an English word."""
    for ending, singular in (("ies", "y"), ("ves", "f"), ("ches", "ch"), ("shes", "sh")):
        if word.endswith(ending) and len(word) > len(ending) + 1:
            return word[: -len(ending)] + singular
    return word[:-1] if word.endswith("s") and not word.endswith("ss") else word


def _split_words(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())
