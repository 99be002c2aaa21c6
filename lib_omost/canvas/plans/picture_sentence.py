"""Reads relations and quoted words, which the entries of a plan omit, from the plan's sentence.

A small model copies a request into the sentence completely and forgets parts in the entries.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from lib_omost.canvas.plans.position_phrases import (
    WORN,
    PhraseParser,
    Position,
    ThingRelation,
    head_noun,
    singular,
)

_CLAUSE_END = re.compile(r"[,;.:]|\b(?:and|with|while|but)\b", re.IGNORECASE)
_HOLDS = re.compile(r"\b(?:hold|carr|wear|play|hugg)(?:s|ies|ying|ing)\b", re.IGNORECASE)
_QUOTED = re.compile(r"'[^'\n]{1,60}'(?!\w)|\"[^\"\n]{1,60}\"")
_MAX_SENTENCE_CHARACTERS = 400


class PictureSentence:
    """The sentence of a plan, searched for the things of the plan.

    Args:
        text: The sentence.
        names: The names of the things.
    """

    def __init__(self, text: str, names: Sequence[str]) -> None:
        self._text = text[:_MAX_SENTENCE_CHARACTERS]
        self._names = names
        words = [
            (found.end(), singular(found[0].casefold()))
            for found in re.finditer(r"\w+", self._text)
        ]
        self._nouns = [singular(head_noun(name)) for name in names]
        self._ends = [
            next((end for end, word in words if word == noun), None) for noun in self._nouns
        ]

    def position(self, index: int, stated: Position, parser: PhraseParser) -> Position:
        """Adds the relation or side that the sentence states to the position of a thing.

        Args:
            index: The index of the thing.
            stated: The position that the entry of the thing states.
            parser: The parser for the phrases of the plan.
        """
        end = self._ends[index]
        if end is None:
            return stated
        holder = self._holder(index, end)
        if holder is not None and (self._nouns[index] in WORN or stated == Position()):
            return Position(relations=(ThingRelation("in", (holder,)),))
        after = [one for one in self._ends if one is not None and one > end]
        following = _CLAUSE_END.split(self._text[end : min(after, default=None)], maxsplit=1)[0]
        found = parser.parse(following, index)
        if stated.sides:
            return stated
        known = {other for relation in stated.relations for other in relation.others}
        added = [one for one in found.relations if not known.intersection(one.others)]
        return Position(found.sides, (*stated.relations, *added))

    def _holder(self, index: int, end: int) -> int | None:
        """Returns the thing before a thing that holds or wears it, None for no such thing."""
        before = self._thing_before(end)
        if before is None:
            return None
        between = self._text[self._ends[before] : end]
        is_held = _HOLDS.search(between) and not _CLAUSE_END.search(between)
        return before if self._nouns[index] in WORN or is_held else None

    def complete_names(self) -> list[str]:
        """Returns the names with the quoted words that follow them: "a sign that says 'Open'"."""
        names = list(self._names)
        for quoted in _QUOTED.finditer(self._text):
            if any(quoted[0][1:-1].casefold() in name.casefold() for name in names):
                continue
            index = self._thing_before(quoted.start())
            if index is not None:
                names[index] += self._text[self._ends[index] : quoted.end()]
        return names

    def _thing_before(self, place: int) -> int | None:
        """Returns the thing that the sentence names last before a character, None for no thing."""
        before = [
            (end, index)
            for index, end in enumerate(self._ends)
            if end is not None and end < place and self._nouns[index] not in WORN
        ]
        return max(before)[1] if before else None
