"""Splitting a sub-prompt that is too long for its bag, where it hurts the meaning least."""

from __future__ import annotations

import itertools
import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from lib_omost.canvas.sub_prompts import normalise
from lib_omost.text.prompt_syntax import emphasised, weighted_pieces
from lib_omost.text.sub_prompt import CountTokens, SubPrompt

BOUNDARIES = {
    "sentences": re.compile(r"(?<=[.!?…])\s+"),
    "commas": re.compile(r"(?<=[,;:])\s+|(?<=,)(?=\D)"),
    "words": re.compile(r"\s+"),
    "characters": re.compile(r"(?!^)(?=.)", re.DOTALL),
}
"""Where a text may be cut, best first."""

KINDS = tuple(BOUNDARIES)

CHARACTERS_PER_TOKEN = 40
"""More than any of CLIP's tokens has: what lies farther ahead cannot fit and is not counted."""


@dataclass(frozen=True)
class SplitSubPrompt:
    """A sub-prompt in parts, in order, and the worst kind of boundary it was cut at, "" if none."""

    parts: tuple[SubPrompt, ...]
    cut_at: str = ""


def split(
    sub_prompt: SubPrompt, room: int, count_tokens: CountTokens, first_room: int = 0
) -> SplitSubPrompt:
    """Cut a sub-prompt into normalised parts of at most `room` tokens each; no word is lost.

    Each part is as long as the best boundary within reach allows. In webui syntax the parts keep
    the weights: "(a, b:1.3)" becomes "(a:1.3)." and "(b:1.3).". One that fits in `room` stays
    whole. first_room: what is left in a bag already begun; the first part goes on there if that
    takes no worse boundary than a comma.

    Raises ValueError when a single character has more than `room` tokens.
    """
    if count_tokens(sub_prompt) <= room:
        return SplitSubPrompt((sub_prompt,))
    text = _Text(sub_prompt)
    parts: list[SubPrompt] = []
    kinds: list[str] = []
    start = 0
    while start < len(text.plain):
        cut = None if parts else _longest(text, start, first_room, count_tokens, KINDS[:2])
        cut = cut or _longest(text, start, room, count_tokens, KINDS)
        if cut is None:
            raise ValueError(f"{text.plain[start]!r} alone has more than the {room} tokens left")
        end, kind = cut
        part = text.part(start, end)
        if part.text:
            parts.append(part)
        if end < len(text.plain):
            kinds.append(kind)
        start = end
    return SplitSubPrompt(tuple(parts), max(kinds, key=KINDS.index, default=""))


def _longest(
    text: _Text, start: int, room: int, count_tokens: CountTokens, kinds: Sequence[str]
) -> tuple[int, str] | None:
    """Return where the longest part from `start` ends that fits, and its kind of boundary."""

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
    """Return the last end that leaves a part that fits, looking no farther than is needed."""
    near: list[int] = []
    tried = 1
    while True:
        near += itertools.islice(ends, tried - len(near))
        if len(near) < tried or tokens_to(near[tried - 1]) > room:
            break
        tried *= 2
    fitting = bisect_right(near, room, tried // 2, min(tried - 1, len(near)), key=tokens_to)
    return near[fitting - 1] if fitting else None


class _Text:
    """A sub-prompt's text as it is read, with its weights aside, to be cut by position."""

    def __init__(self, sub_prompt: SubPrompt) -> None:
        self.sub_prompt = sub_prompt
        if sub_prompt.syntax == "webui":
            self.pieces = weighted_pieces(sub_prompt.text)
        else:
            self.pieces = [(sub_prompt.text, 1.0)]
        self.plain = "".join(text for text, _ in self.pieces)
        self.starts = list(itertools.accumulate((len(text) for text, _ in self.pieces), initial=0))

    def part(self, start: int, end: int) -> SubPrompt:
        """Write the text between two positions as a sub-prompt, empty if there is no word."""
        text = normalise(self.plain[start:end]).removesuffix(".")
        if text and self.sub_prompt.syntax == "webui":
            start = self.plain.index(text, start)
            text = self._written(start, start + len(text))
        return replace(self.sub_prompt, text=normalise(text))

    def _written(self, start: int, end: int) -> str:
        """Write the pieces between two positions in webui syntax, each with its weight."""
        first, last = bisect_right(self.starts, start) - 1, bisect_left(self.starts, end)
        return "".join(
            emphasised(text[max(start - at, 0) : end - at], weight)
            for (text, weight), at in zip(
                self.pieces[first:last], self.starts[first:last], strict=True
            )
        )
