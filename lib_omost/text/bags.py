"""Packs the sub-prompts of the whole picture or a region greedily into bags of at most 74 tokens.

Source: docs/omost-format.md, "Bags and prefix paths"; `encode_bag_of_subprompts_greedy` in the
Omost repository (lib_omost/pipeline.py).
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

from lib_omost.canvas.diagnostics import Diagnostic
from lib_omost.text.prefix_paths import PromptPath
from lib_omost.text.splitting import split_sub_prompt
from lib_omost.text.sub_prompt import CountTokens, SubPrompt, quote

Bag = tuple[SubPrompt, ...]
"""Sub-prompts that are encoded together as one 77-token prompt chunk: prefixes, then suffixes.

Each sub-prompt is tokenised by itself and the tokens are concatenated, so an open bracket ends with
its sub-prompt. A condition without any text has one empty bag.
Source: docs/omost-format.md, "Bags and prefix paths".
"""

MAX_BAG_TOKENS = 74
"""Largest number of tokens in a bag: fewer than 75, as Omost's documentation says."""

MIN_SUFFIX_ROOM = 20
"""Fewest tokens that prefixes should leave to suffixes, and that a split suffix may fill."""

MAX_SHORT_PREFIX_TOKENS = 37
"""Largest number of tokens of shortened prefixes: half a bag."""


@dataclass(frozen=True)
class ConditionBags:
    """The bags of one condition, at least one, and notes about texts that did not fit.

    Attributes:
        bags: The bags in order.
        notes: Notes about split texts and shortened prefixes.
    """

    bags: tuple[Bag, ...]
    notes: tuple[Diagnostic, ...] = ()


def greedy_bags(path: PromptPath, count_tokens: CountTokens) -> ConditionBags:
    """Packs each suffix into the current bag while it fits, else into the next bag.

    Every bag begins with the prefixes. A suffix that is longer than the room beside the prefixes is
    split; its first part fills the current bag if at least MIN_SUFFIX_ROOM tokens are left. A path
    without suffixes gives one bag of prefixes.

    Prefixes that leave less than MIN_SUFFIX_ROOM tokens cannot begin every bag. They are written
    once, in separate bags that come first. No word is lost, and the pooled vector still depends on
    the beginning. The bags of suffixes then begin with the last prefixes that fit into
    MAX_SHORT_PREFIX_TOKENS, or with the beginning of the last prefix, because the end of the path
    is closest to the content of the suffixes.

    Args:
        path: Prefixes and suffixes of the condition.
        count_tokens: Counts the tokens of a sub-prompt. The counts are cached for one call; pass
            functools.cache(count_tokens) to share them between calls.

    Returns:
        The bags and notes about everything that was split or shortened.

    Raises:
        ValueError: A single character has more tokens than a bag.
    """
    count = functools.cache(count_tokens)
    longest = max((count(suffix) for suffix in path.suffixes), default=0)
    prefix_tokens = _total_tokens(path.prefixes, count)
    if prefix_tokens + min(longest, MIN_SUFFIX_ROOM) <= MAX_BAG_TOKENS:
        return _pack(path.prefixes, path.suffixes, count)
    prefix_bags = _pack((), path.prefixes, count)
    if not path.suffixes:
        return prefix_bags
    short_prefixes = _shorten_prefixes(path.prefixes, count)
    suffix_bags = _pack(short_prefixes, path.suffixes, count)
    note = _shortened_prefixes_note(path, prefix_tokens, short_prefixes)
    return ConditionBags(
        prefix_bags.bags + suffix_bags.bags, (note, *prefix_bags.notes, *suffix_bags.notes)
    )


def _pack(prefixes: Bag, suffixes: tuple[SubPrompt, ...], count: CountTokens) -> ConditionBags:
    """Packs suffixes into bags that begin with the prefixes; splits suffixes that are too long."""
    room = MAX_BAG_TOKENS - _total_tokens(prefixes, count)
    bags: list[Bag] = []
    notes: list[Diagnostic] = []
    bag, left = prefixes, room
    for suffix in suffixes:
        first_room = left if left >= MIN_SUFFIX_ROOM else 0
        split = split_sub_prompt(suffix, room, count, first_room)
        if split.boundary:
            notes.append(_split_note(suffix, count(suffix), room, split.boundary))
        for part in split.parts:
            if count(part) > left:
                bags.append(bag)
                bag, left = prefixes, room
            bag, left = (*bag, part), left - count(part)
    return ConditionBags((*bags, bag), tuple(notes))


def _shorten_prefixes(prefixes: tuple[SubPrompt, ...], count: CountTokens) -> Bag:
    """Returns the last prefixes that fit into MAX_SHORT_PREFIX_TOKENS, or part of the last one."""
    for first in range(len(prefixes)):
        if _total_tokens(prefixes[first:], count) <= MAX_SHORT_PREFIX_TOKENS:
            return prefixes[first:]
    return split_sub_prompt(prefixes[-1], MAX_SHORT_PREFIX_TOKENS, count).parts[:1]


def _total_tokens(bag: Bag, count: CountTokens) -> int:
    return sum(count(sub_prompt) for sub_prompt in bag)


def _split_note(sub_prompt: SubPrompt, tokens: int, room: int, boundary: str) -> Diagnostic:
    return Diagnostic(
        "warning" if boundary == "characters" else "note",
        f"{sub_prompt.owner or 'a region'}: {quote(sub_prompt.text)} has {tokens} tokens, but only "
        f"{room} fit into a prompt chunk beside the descriptions that begin it; the text was split "
        f"between {boundary}",
    )


def _shortened_prefixes_note(path: PromptPath, tokens: int, short_prefixes: Bag) -> Diagnostic:
    text = quote(" ".join(sub_prompt.text for sub_prompt in short_prefixes))
    return Diagnostic(
        "warning",
        f"{path.prefixes[-1].owner or 'a region'}: the descriptions that begin every prompt chunk "
        f"have {tokens} tokens and leave too little of its {MAX_BAG_TOKENS} tokens for details; "
        f"they are encoded once, and the chunks with details begin with {text} only",
    )
