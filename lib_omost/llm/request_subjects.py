"""Extracts from a request the words that may name objects in the picture."""

from __future__ import annotations

import re
from collections.abc import Sequence

from lib_omost.canvas import formats
from lib_omost.llm.engine import Message

MAX_SUBJECTS = 40
"""Maximum number of words, newest first; more would slow the grammar down."""

ENGLISH_WORDS = """
the and with of from under above over below behind beside between near on at an in is are two three
four a
"""
"""Words that identify an English request. Other languages get no subjects."""

NON_SUBJECT_WORDS = """
about add against all also another any around away back background big bottom but can change could
delete down draw each every few for front full get give has have her here his how image instead into
its large left less little look lots make many more most move much must new next not now off old one
only onto other our out paint photo picture please put remove right scene should show side small
some something take than that their them then there these they thing things this those through too
top toward towards turn until upon very want was what when where which while who will without would
you young your
"""
"""English words for manner, position, number or commands, which name no visible object."""

_ENGLISH_SET = frozenset(ENGLISH_WORDS.split())
_IGNORED = _ENGLISH_SET | frozenset(NON_SUBJECT_WORDS.split())


def subjects(messages: Sequence[Message]) -> tuple[str, ...]:
    """Returns the words of which each region's description must contain one.

    Words of the newest canvas are included, so its regions can stay.

    Args:
        messages: The conversation.

    Returns:
        Words in lower case, newest first; empty if no request is in English.
    """
    requests = " ".join(message["content"] for message in messages if message["role"] == "user")
    words = _words(requests)
    if _ENGLISH_SET.isdisjoint(words):
        return ()
    words = [*words, *_words(_region_descriptions(messages))]
    candidates = [word for word in words if len(word) > 2 and word not in _IGNORED]
    return tuple(dict.fromkeys(reversed(candidates)))[:MAX_SUBJECTS]


def _region_descriptions(messages: Sequence[Message]) -> str:
    """Returns the descriptions of the regions in the newest answer."""
    answers = [message["content"] for message in messages if message["role"] == "assistant"]
    canvas = formats.read(answers[-1]).canvas if answers else None
    return " ".join(region.description for region in canvas.regions) if canvas else ""


def _words(text: str) -> list[str]:
    return re.findall(r"[a-z0-9]+(?:-[a-z0-9]+)*", text.lower())
