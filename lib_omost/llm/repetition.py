"""Repetition: answers that loop, and how small models are kept from saying the same again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

REPEATS = 3
"""How often a piece must stand in a row; an answer may well say something twice."""

SHORTEST = 240
"""Characters that the row must have: code has rulers, indents and lists of like words."""

WINDOW = 9000
"""Characters at the end that are looked at: three regions with everything in them."""

PIECE = 4
"""Tokens in a row that an answer should not say twice."""

PENALTY = 4.0
"""What is taken from the score of a token that would; a grammar that has no other takes it."""


class NewAnswersOnly:
    """A LogitsProcessor of transformers' that makes an answer unlikely to repeat its pieces."""

    def __init__(self) -> None:
        self._read: int | None = None  # tokens of the sequence
        self._next: defaultdict[tuple[int, ...], list[int]] = defaultdict(list)

    def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
        """Return scores [1, V] lowered where a token has followed the same ones before.

        What the first call sees is the prompt, which may be repeated: the request is in it.
        """
        tokens = input_ids[0].tolist()
        begin = len(tokens) if self._read is None else self._read
        for end in range(begin, len(tokens)):
            self._next[tuple(tokens[end - PIECE + 1 : end])].append(tokens[end])
        self._read = len(tokens)
        said = self._next.get(tuple(tokens[len(tokens) - PIECE + 1 :]), [])
        lowered = scores.clone()
        lowered[0, said] = scores[0, said] - PENALTY
        return lowered


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
