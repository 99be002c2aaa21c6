"""What a request is about: those of its words that may name what a picture shows."""

from __future__ import annotations

import re
from collections.abc import Sequence

from lib_omost.canvas import files
from lib_omost.llm.engine import Message

MOST = 40
"""Words kept, the newest: a grammar that names more would only be slower."""

ENGLISH = """
the and with of from under above over below behind beside between near on at an in is are two three
four a
"""
"""An English request holds one of these; the subjects of others a model names in its own words."""

NO_SUBJECTS = """
about add against all also another any around away back background big bottom but can change could
delete down draw each every few for front full get give has have her here his how image instead into
its large left less little look lots make many more most move much must new next not now off old one
only onto other our out paint photo picture please put remove right scene should show side small
some something take than that their them then there these they thing things this those through too
top toward towards turn until upon very want was what when where which while who will without would
you young your
"""
"""Words that say how, where and how many, or what to do, but not what is seen."""

_ENGLISH = frozenset(ENGLISH.split())
_OTHERS = _ENGLISH | frozenset(NO_SUBJECTS.split())


def subjects(messages: Sequence[Message]) -> tuple[str, ...]:
    """The words, in lower case, of which each region of the answer should name one.

    Those of the newest canvas are among them, so that its regions can stay. None for a
    conversation in which no request is English.
    """
    requests = " ".join(message["content"] for message in messages if message["role"] == "user")
    words = _words(requests)
    if _ENGLISH.isdisjoint(words):
        return ()
    words = [*words, *_words(_described(messages))]
    named = [word for word in words if len(word) > 2 and word not in _OTHERS]
    return tuple(dict.fromkeys(reversed(named)))[:MOST]


def _described(messages: Sequence[Message]) -> str:
    """What the regions of the newest answer show."""
    answers = [message["content"] for message in messages if message["role"] == "assistant"]
    canvas = files.read(answers[-1]).canvas if answers else None
    return " ".join(region.description for region in canvas.regions) if canvas else ""


def _words(text: str) -> list[str]:
    return re.findall(r"[a-z0-9]+(?:-[a-z0-9]+)*", text.lower())
