"""Greedy bags: sub-prompts merged as long as a text encoder reads them in one pass."""

from __future__ import annotations

import functools
from dataclasses import dataclass

from lib_omost.canvas.diagnostics import Diagnostic
from lib_omost.text.prefix_paths import PromptPath
from lib_omost.text.splitting import split
from lib_omost.text.sub_prompt import Bag, CountTokens, SubPrompt, quoted

MOST_TOKENS = 74
"""In a bag: strictly less than 75 (seed, "sub-prompt")."""

LEAST_ROOM = 20
"""Tokens worth filling: what prefixes must leave, and where a part of a long suffix may go on."""

SHORT_LEAD = 37
"""Tokens that shortened prefixes may have: half a bag."""


@dataclass(frozen=True)
class Bagging:
    """The bags of one condition, at least one, and what there is to say about them."""

    bags: tuple[Bag, ...]
    notes: tuple[Diagnostic, ...] = ()


def greedy_bags(path: PromptPath, count_tokens: CountTokens) -> Bagging:
    """Put each suffix in the current bag while it stays under 75 tokens, else in the next one.

    Every bag starts with the prefixes (seed, "sub-prompt": greedy merge). A suffix that is longer
    than what they leave is split, with a note; its first part goes on in the current bag where
    that has LEAST_ROOM left. A path without suffixes is one bag of prefixes.

    Prefixes that leave less than LEAST_ROOM to suffixes that need it cannot lead every bag. They
    are written out once, in bags of their own that come first, so that no word is lost and the
    pooled vector still sees the beginning; the bags of suffixes then start with as many of the
    nearest prefixes as fit in SHORT_LEAD, or with the beginning of the nearest one, since the
    path's end says most about what the suffixes describe. A note says so.

    Counts are kept within one call; pass functools.cache(count) to share them between paths.
    Raises ValueError when a single character has more tokens than a bag.
    """
    count = functools.cache(count_tokens)
    longest = max((count(suffix) for suffix in path.suffixes), default=0)
    taken = _total(path.prefixes, count)
    if taken + min(longest, LEAST_ROOM) <= MOST_TOKENS:
        return _fill(path.prefixes, path.suffixes, count)
    first = _fill((), path.prefixes, count)
    if not path.suffixes:
        return first
    lead = _short_lead(path.prefixes, count)
    rest = _fill(lead, path.suffixes, count)
    return Bagging(
        first.bags + rest.bags, (_lead_note(path, taken, lead), *first.notes, *rest.notes)
    )


def _fill(lead: Bag, suffixes: tuple[SubPrompt, ...], count: CountTokens) -> Bagging:
    """Merge suffixes into bags that start with `lead`; split those longer than what it leaves."""
    room = MOST_TOKENS - _total(lead, count)
    bags: list[Bag] = []
    notes: list[Diagnostic] = []
    bag, left = lead, room
    for suffix in suffixes:
        divided = split(suffix, room, count, left if left >= LEAST_ROOM else 0)
        if divided.cut_at:
            notes.append(_split_note(suffix, count(suffix), room, divided.cut_at))
        for part in divided.parts:
            if count(part) > left:
                bags.append(bag)
                bag, left = lead, room
            bag, left = (*bag, part), left - count(part)
    return Bagging((*bags, bag), tuple(notes))


def _short_lead(prefixes: tuple[SubPrompt, ...], count: CountTokens) -> Bag:
    """Return the nearest prefixes that fit in SHORT_LEAD, else the beginning of the nearest."""
    for first in range(len(prefixes)):
        if _total(prefixes[first:], count) <= SHORT_LEAD:
            return prefixes[first:]
    return split(prefixes[-1], SHORT_LEAD, count).parts[:1]


def _total(bag: Bag, count: CountTokens) -> int:
    return sum(count(sub_prompt) for sub_prompt in bag)


def _split_note(sub_prompt: SubPrompt, tokens: int, room: int, cut_at: str) -> Diagnostic:
    return Diagnostic(
        "warning" if cut_at == "characters" else "note",
        f"{sub_prompt.owner or 'a region'}: {quoted(sub_prompt.text)} has {tokens} tokens, {room} "
        f"fit beside what its bags start with; it was split between {cut_at}",
    )


def _lead_note(path: PromptPath, taken: int, lead: Bag) -> Diagnostic:
    short = quoted(" ".join(sub_prompt.text for sub_prompt in lead))
    return Diagnostic(
        "warning",
        f"{path.prefixes[-1].owner or 'a region'}: the descriptions that should start every bag "
        f"have {taken} of its {MOST_TOKENS} tokens and leave too little for details; they are "
        f"written out once, and the bags of details start with {short} alone",
    )
