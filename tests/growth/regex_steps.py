"""Count the steps of a regular expression, which C takes unseen by a tracer.

A plain backtracking matcher over Python's own parse tree. It takes the steps that Python's matcher
takes, but for shortcuts that change no growth.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator
from typing import Any

try:
    from re import _constants as sre
    from re import _parser as parser
except ImportError:  # Python 3.10
    import sre_constants as sre  # type: ignore[no-redef]
    import sre_parse as parser  # type: ignore[no-redef]

_SINGLE = (sre.LITERAL, sre.NOT_LITERAL, sre.ANY, sre.IN)
_CATEGORIES: dict[Any, Callable[[str], bool]] = {
    sre.CATEGORY_DIGIT: str.isdigit,
    sre.CATEGORY_SPACE: str.isspace,
    sre.CATEGORY_WORD: lambda char: char.isalnum() or char == "_",
    sre.CATEGORY_NOT_DIGIT: lambda char: not char.isdigit(),
    sre.CATEGORY_NOT_SPACE: lambda char: not char.isspace(),
    sre.CATEGORY_NOT_WORD: lambda char: not (char.isalnum() or char == "_"),
}

Then = Callable[[int], bool]


class Steps:
    """Matches one pattern and counts: `taken` is the sum over all that was asked."""

    def __init__(self, pattern: re.Pattern[str]) -> None:
        self.pattern = pattern
        self.nodes = list(parser.parse(pattern.pattern, pattern.flags & ~re.UNICODE))
        self.taken = 0

    def at(self, text: str, start: int, *, whole: bool = False) -> bool:
        """Whether the pattern matches at a place; whole: up to the end of the text."""
        self.text = text
        end = len(text)
        return self._run(self.nodes, 0, start, self.pattern.flags, lambda i: not whole or i == end)

    def up_to(self, text: str, start: int, found: int) -> None:
        """Look for a match from a place on, as a search does that finds one at `found`."""
        for place in range(start, found + 1):
            self.at(text, place)

    def _run(self, nodes: list[Any], number: int, at: int, flags: int, then: Then) -> bool:
        self.taken += 1
        if number == len(nodes):
            return then(at)
        kind, what = nodes[number]

        def rest(place: int) -> bool:
            return self._run(nodes, number + 1, place, flags, then)

        if kind in _SINGLE:
            return self._single(kind, what, at, flags) and rest(at + 1)
        if kind is sre.AT:
            return self._anchor(what, at, flags) and rest(at)
        if kind is sre.BRANCH:
            return any(self._run(list(branch), 0, at, flags, rest) for branch in what[1])
        if kind is sre.SUBPATTERN:
            _, added, removed, inner = what
            return self._run(list(inner), 0, at, (flags | added) & ~removed, rest)
        if kind in (sre.ASSERT, sre.ASSERT_NOT):
            direction, inner = what
            start = at if direction > 0 else at - inner.getwidth()[0]
            found = start >= 0 and self._run(list(inner), 0, start, flags, lambda _: True)
            return found is (kind is sre.ASSERT) and rest(at)
        assert kind in (sre.MAX_REPEAT, sre.MIN_REPEAT), f"teach this counter {kind}"
        low, high, inner = what
        if len(inner) == 1 and inner[0][0] in _SINGLE:
            if kind is sre.MIN_REPEAT:
                return self._shortest_run(inner[0], low, high, at, flags, rest)
            return self._run_of_characters(inner[0], low, high, at, flags, rest)
        assert kind is sre.MAX_REPEAT, f"teach this counter {kind} of groups"
        return self._repeat(list(inner), low, high, 0, at, flags, rest)

    def _run_of_characters(
        self, node: Any, low: int, high: int, at: int, flags: int, then: Then
    ) -> bool:
        end = at
        while end - at < high and self._single(*node, end, flags):
            self.taken += 1
            end += 1
        return any(then(place) for place in range(end, at + low - 1, -1))

    def _shortest_run(
        self, node: Any, low: int, high: int, at: int, flags: int, then: Then
    ) -> bool:
        for length in range(high + 1):
            self.taken += 1
            if length >= low and then(at + length):
                return True
            if not self._single(*node, at + length, flags):
                return False
        return False

    def _repeat(
        self, nodes: list[Any], low: int, high: int, done: int, at: int, flags: int, then: Then
    ) -> bool:
        def again(place: int) -> bool:
            return place != at and self._repeat(nodes, low, high, done + 1, place, flags, then)

        return (done < high and self._run(nodes, 0, at, flags, again)) or (done >= low and then(at))

    def _single(self, kind: Any, what: Any, at: int, flags: int) -> bool:
        if at >= len(self.text):
            return False
        char = self.text[at]
        if kind is sre.ANY:
            return bool(flags & re.DOTALL) or char != "\n"
        if kind is sre.IN:
            negated = what[0][0] is sre.NEGATE
            return negated is not any(_is_in(item, char, flags) for item in what[negated:])
        return (kind is sre.LITERAL) is _is_in((sre.LITERAL, what), char, flags)

    def _anchor(self, what: Any, at: int, flags: int) -> bool:
        text, word = self.text, _CATEGORIES[sre.CATEGORY_WORD]
        if what is sre.AT_BOUNDARY:
            before, after = at > 0 and word(text[at - 1]), at < len(text) and word(text[at])
            return before is not after
        if what is sre.AT_BEGINNING:
            return at == 0 or bool(flags & re.MULTILINE and text[at - 1] == "\n")
        assert what is sre.AT_END, f"teach this counter {what}"
        left = text[at : at + 2]
        return left in ("", "\n") or bool(flags & re.MULTILINE and left[0] == "\n")


def _is_in(item: Any, char: str, flags: int) -> bool:
    kind, what = item
    if kind is sre.CATEGORY:
        return _CATEGORIES[what](char)
    chars = {char, char.lower(), char.upper()} if flags & re.IGNORECASE else {char}
    low, high = what if kind is sre.RANGE else (what, what)
    return any(len(each) == 1 and low <= ord(each) <= high for each in chars)


class CountedPattern:
    """Stands in for a compiled pattern, and counts the steps of all that it is asked."""

    def __init__(self, pattern: re.Pattern[str], count: Callable[[int], None]) -> None:
        self._real = pattern
        self._steps = Steps(pattern)
        self._count = count
        self.pattern = pattern.pattern

    def match(self, text: str, pos: int = 0) -> re.Match[str] | None:
        self._counted(lambda: self._steps.at(text, pos))
        return self._real.match(text, pos)

    def fullmatch(self, text: str, pos: int = 0, end: int | None = None) -> re.Match[str] | None:
        end = len(text) if end is None else end
        self._counted(lambda: self._steps.at(text[:end], pos, whole=True))
        return self._real.fullmatch(text, pos, end)

    def search(self, text: str, pos: int = 0) -> re.Match[str] | None:
        return next(self.finditer(text, pos), None)

    def finditer(self, text: str, pos: int = 0, end: int | None = None) -> Iterator[re.Match[str]]:
        end = len(text) if end is None else end
        for found in self._real.finditer(text, pos, end):
            self._look(text[:end], pos, found.start())
            pos = max(found.end(), found.start() + 1)
            yield found
        self._look(text[:end], pos, min(end, len(text)))

    def findall(self, text: str) -> list[Any]:
        self._look_for(0, text)
        return self._real.findall(text)

    def split(self, text: str, maxsplit: int = 0) -> list[str | Any]:
        self._look_for(maxsplit, text)
        return self._real.split(text, maxsplit)

    def sub(self, written: Any, text: str, count: int = 0) -> str:
        self._look_for(count, text)
        return self._real.sub(written, text, count)

    def _look_for(self, most: int, text: str) -> None:
        """Count the steps to so many matches; 0 for all."""
        for _ in itertools.islice(self.finditer(text), most or None):
            pass

    def _look(self, text: str, start: int, found: int) -> None:
        self._counted(lambda: self._steps.up_to(text, start, found))

    def _counted(self, ask: Callable[[], Any]) -> None:
        before = self._steps.taken
        ask()
        self._count(self._steps.taken - before)
