"""Splits a sub-prompt that is too long for a bag at a sentence, else a comma, else a word."""

from __future__ import annotations

import itertools
import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from lib_omost.canvas.prompt_texts import normalise
from lib_omost.text.prompt_syntax import parse_emphasis, write_emphasis
from lib_omost.text.sub_prompt import CountTokens, SubPrompt

BOUNDARIES = {
    "sentences": re.compile(r"(?<=[.!?…])\s+"),
    "commas": re.compile(r"(?<=[,;:])\s+|(?<=,)(?=\D)"),
    "words": re.compile(r"\s+"),
    "characters": re.compile(r"(?!^)(?=.)", re.DOTALL),
}
"""Patterns of the boundaries at which a text may be split, best first."""

BOUNDARY_KINDS = tuple(BOUNDARIES)

CHARACTERS_PER_TOKEN = 40
"""Upper limit of a CLIP token's length in characters.

Text that lies farther ahead cannot fit and is not counted.
"""


@dataclass(frozen=True)
class SplitSubPrompt:
    """The parts of a split sub-prompt.

    Attributes:
        parts: The parts in order.
        boundary: Worst kind of boundary at which the text was split, "" if it was not split.
    """

    parts: tuple[SubPrompt, ...]
    boundary: str = ""


def split_sub_prompt(
    sub_prompt: SubPrompt, room: int, count_tokens: CountTokens, first_room: int = 0
) -> SplitSubPrompt:
    """Splits a sub-prompt into normalised parts that fit into `room` tokens; no word is lost.

    Each part is as long as the best boundary within reach allows. In webui syntax the parts keep
    the weights: "(a, b:1.3)" becomes "(a:1.3)." and "(b:1.3).".

    Args:
        sub_prompt: The sub-prompt; it stays whole if it fits.
        room: Largest number of tokens of a part.
        count_tokens: Counts the tokens of a sub-prompt.
        first_room: Tokens that are left in the current bag. The first part is at most this long if
            a sentence or comma boundary allows it.

    Returns:
        The parts and the worst boundary that was used.

    Raises:
        ValueError: A single character has more than `room` tokens.
    """
    if count_tokens(sub_prompt) <= room:
        return SplitSubPrompt((sub_prompt,))
    text = _WeightedText(sub_prompt)
    parts: list[SubPrompt] = []
    kinds: list[str] = []
    start = 0
    while start < len(text.plain):
        cut = None
        if not parts:
            cut = _find_part_end(text, start, first_room, count_tokens, BOUNDARY_KINDS[:2])
        cut = cut or _find_part_end(text, start, room, count_tokens, BOUNDARY_KINDS)
        if cut is None:
            raise ValueError(f"{text.plain[start]!r} alone has more than {room} tokens")
        end, kind = cut
        part = text.part(start, end)
        if part.text:
            parts.append(part)
        if end < len(text.plain):
            kinds.append(kind)
        start = end
    return SplitSubPrompt(tuple(parts), max(kinds, key=BOUNDARY_KINDS.index, default=""))


def _find_part_end(
    text: _WeightedText, start: int, room: int, count_tokens: CountTokens, kinds: Sequence[str]
) -> tuple[int, str] | None:
    """Returns the end of the longest part from `start` that fits, and its kind of boundary."""

    def tokens_to(end: int) -> int:
        part = text.part(start, end)
        return count_tokens(part) if part.text else 0

    reach = start + room * CHARACTERS_PER_TOKEN
    last = [len(text.plain)] if reach >= len(text.plain) else []
    for kind in kinds:
        found = BOUNDARIES[kind].finditer(text.plain, start, reach)
        ends = (match.end() for match in found if match.end() > start)
        if end := _last_fitting(itertools.chain(ends, last), room, tokens_to):
            return end, kind
    return None


def _last_fitting(ends: Iterator[int], room: int, tokens_to: Callable[[int], int]) -> int | None:
    """Returns the last of the ends whose part fits, or None; counts as few parts as possible."""
    tested: list[int] = []
    size = 1
    while True:
        tested += itertools.islice(ends, size - len(tested))
        if len(tested) < size or tokens_to(tested[size - 1]) > room:
            break
        size *= 2
    fitting = bisect_right(tested, room, size // 2, min(size - 1, len(tested)), key=tokens_to)
    return tested[fitting - 1] if fitting else None


class _WeightedText:
    """The plain text of a sub-prompt with a weight for every character."""

    def __init__(self, sub_prompt: SubPrompt) -> None:
        self.sub_prompt = sub_prompt
        if sub_prompt.syntax == "webui":
            self.pieces = parse_emphasis(sub_prompt.text)
        else:
            self.pieces = [(sub_prompt.text, 1.0)]
        self.plain = "".join(text for text, _ in self.pieces)
        self.starts = list(itertools.accumulate((len(text) for text, _ in self.pieces), initial=0))

    def part(self, start: int, end: int) -> SubPrompt:
        """Returns the text between two positions as a sub-prompt, empty if it contains no word.

        Args:
            start: First character.
            end: Character after the last one.
        """
        text = normalise(self.plain[start:end]).removesuffix(".")
        if text and self.sub_prompt.syntax == "webui":
            start = self.plain.index(text, start)
            text = self._write(start, start + len(text))
        return replace(self.sub_prompt, text=normalise(text))

    def _write(self, start: int, end: int) -> str:
        """Writes the text between two positions in webui syntax with its weights."""
        first, last = bisect_right(self.starts, start) - 1, bisect_left(self.starts, end)
        return "".join(
            write_emphasis(text[max(start - at, 0) : end - at], weight)
            for (text, weight), at in zip(
                self.pieces[first:last], self.starts[first:last], strict=True
            )
        )
