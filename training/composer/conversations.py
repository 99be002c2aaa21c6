"""Conversations to learn from: a request and its canvas, then edits and theirs."""

from __future__ import annotations

import random
from dataclasses import dataclass

from lib_omost.canvas.writing import write_code
from training.canvases import Composition, Placed, canvas_of
from training.composer.edits import random_edit
from training.composer.requests import random_request

PLAN_KEPT = 0.7
"""How often an answer before the last still has its plan."""


@dataclass(frozen=True)
class Conversation:
    """What user and assistant said, in the form that chat templates take."""

    messages: tuple[dict[str, str], ...]


def random_conversation(rng: random.Random, edited: float, planned: bool = False) -> Conversation:
    """Draw a conversation of one to three requests.

    edited: how often a second one follows, and after it a third. planned: answers begin with their
    plan; now and then those before the last do not, as canvases that the user changed.
    """
    request = random_request(rng)
    requests, compositions = [request.text], [request.composition]
    while len(requests) < 3 and rng.random() < edited:
        edit = random_edit(compositions[-1], rng)
        requests.append(edit.text)
        compositions.append(edit.composition)
    messages = []
    for number, (text, composition) in enumerate(zip(requests, compositions, strict=True), 1):
        is_last = number == len(requests)
        plans = planned and (is_last or rng.random() < PLAN_KEPT)
        messages += [user(text), assistant(composition, planned=plans)]
    return Conversation(tuple(messages))


def user(text: str) -> dict[str, str]:
    """The message of a request."""
    return {"role": "user", "content": text}


def assistant(composition: Composition, *, planned: bool = True) -> dict[str, str]:
    """The message that answers with a composition, fenced as the Omost models do."""
    head = f"# {plan(composition)}\n" if planned else ""
    code = write_code(canvas_of(composition))
    return {"role": "assistant", "content": f"```python\n{head}{code}```"}


def plan(composition: Composition) -> str:
    """Say where which object is, in the words and the order of the canvas that follows.

    A small model can change a line; it then copies each region's words from there, and need not
    find them in the canvas before.
    """
    return "; ".join(map(_planned, composition.things))


def _planned(thing: Placed) -> str:
    location = thing.place.location.removeprefix("on the ").removeprefix("in the ")
    offset = "" if thing.place.offset == "no offset" else f"{thing.place.offset.split()[-1]} "
    area = thing.place.area.removeprefix("a ").removesuffix(" area")
    return f"{location} {offset}{area} {thing.color} {thing.name}"
