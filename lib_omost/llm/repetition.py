"""Detects answers that loop, and penalises repeated phrases of small models."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

MIN_REPEATS = 3
"""Minimum number of consecutive repetitions that count as a loop."""

MIN_LOOP_CHARACTERS = 240
"""Minimum length of a loop in characters; rulers, indents and short lists are shorter."""

LOOP_WINDOW_CHARACTERS = 9000
"""Number of characters at the end of a text that are searched; three long regions fit."""

NGRAM_TOKENS = 4
"""Length of the token sequences that an answer should not repeat."""

PENALTY = 4.0
"""The amount subtracted from the logit of a token that would complete a repetition.

A token that the grammar forces is still chosen.
"""


class RepetitionPenalty:
    """A logits processor that makes repeated token sequences within an answer unlikely."""

    def __init__(self) -> None:
        self._consumed: int | None = None  # number of tokens, prompt included
        self._continuations: defaultdict[tuple[int, ...], list[int]] = defaultdict(list)

    def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
        """Lowers the logits of tokens that would repeat a sequence of the answer.

        Args:
            input_ids: All tokens so far [1, T]. The first call sees the prompt, which may be
                repeated.
            scores: Logits of the next token [1, V].

        Returns:
            The penalised logits [1, V].
        """
        tokens = input_ids[0].tolist()
        start = len(tokens) if self._consumed is None else self._consumed
        for end in range(start, len(tokens)):
            self._continuations[tuple(tokens[end - NGRAM_TOKENS + 1 : end])].append(tokens[end])
        self._consumed = len(tokens)
        repeated = self._continuations.get(tuple(tokens[len(tokens) - NGRAM_TOKENS + 1 :]), [])
        penalised = scores.clone()
        penalised[0, repeated] = scores[0, repeated] - PENALTY
        return penalised


def has_loop(text: str) -> bool:
    """Tells whether the end of a text is a loop; takes a few milliseconds.

    A loop has at least MIN_LOOP_CHARACTERS characters and MIN_REPEATS repetitions. The last
    repetition may be incomplete.

    Args:
        text: The answer so far.
    """
    return periodic_tail(text[-LOOP_WINDOW_CHARACTERS:]) is not None


def periodic_tail(
    items: Sequence[Hashable], min_repeats: int = MIN_REPEATS, min_length: int = MIN_LOOP_CHARACTERS
) -> int | None:
    """Returns the period of the shortest tail that repeats itself, None without one.

    A tail has period p if each of its items equals the item p positions before it. Linear in time:
    the failure function of Knuth, Morris and Pratt on the reversed items yields the smallest period
    of every tail.

    Args:
        items: The sequence.
        min_repeats: Minimum number of periods in the tail.
        min_length: Minimum number of items in the tail.
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
        if length >= min_length and length >= min_repeats * period:
            return period
    return None
