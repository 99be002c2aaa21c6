"""Repetition loops: an answer whose end is the same piece over and over."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

REPEATS = 3
"""How often a piece must stand in a row; an answer may well say something twice."""

SHORTEST = 240
"""Characters that the row must have: code has rulers, indents and lists of like words."""

WINDOW = 9000
"""Characters at the end that are looked at: three regions with everything in them."""


def loops(text: str) -> bool:
    """Tell whether a text has run into a loop.

    Its end is then at least SHORTEST characters of one piece REPEATS times or more; the last time
    need not be complete. Takes a few milliseconds, so ask every few dozen tokens.
    """
    return periodic_tail(text[-WINDOW:]) is not None


def periodic_tail(
    items: Sequence[Hashable], repeats: int = REPEATS, shortest: int = SHORTEST
) -> int | None:
    """Return the period of the shortest tail that repeats itself, None where no tail does.

    A tail has period p where each of its items equals the one p before it; it counts from
    `repeats` periods and `shortest` items on. Linear in time: the failure function of Knuth,
    Morris and Pratt on the reversed items gives the smallest period of every tail.
    """
    backwards = items[::-1]
    failure = [0] * len(backwards)
    for end in range(1, len(backwards)):
        border = failure[end - 1]
        while border and backwards[end] != backwards[border]:
            border = failure[border - 1]
        if backwards[end] == backwards[border]:
            border += 1
        failure[end] = border
        length = end + 1
        period = length - border
        if length >= shortest and length >= repeats * period:
            return period
    return None
