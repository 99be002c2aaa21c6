"""Turns to learn from: a request and its canvas, or a canvas, an edit and the canvas changed."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from lib_omost.canvas.files import to_code
from training.canvases import Composition, Placed, canvas_of
from training.composer.edits import random_edit
from training.composer.requests import is_held_out, random_request

EDITS = 0.7
"""The part of turns that edit a canvas."""
EARLIER = (0, 0, 0, 1, 2)
"""How often a canvas has been edited before, each count as often as it stands here."""
ELSEWHERE = 0.3
"""The part of canvases to be edited that come from elsewhere: they have no sketch."""

Message = dict[str, str]


@dataclass(frozen=True)
class Turn:
    """What the composer sees, and the answer, in the form that chat templates take."""

    messages: tuple[Message, ...]
    answer: Message


def random_turn(rng: random.Random, tell: Callable[..., Message] | None = None) -> Turn:
    """Draw a turn; tell: how it is answered, `assistant` where it is left out."""
    answer = tell or assistant
    request = random_request(rng)
    while is_held_out(request.text):
        request = random_request(rng)
    composition, said = request.composition, ""
    if rng.random() >= EDITS:
        return Turn((user(request.text),), answer(composition))
    for _ in range(rng.choice(EARLIER)):
        edit = random_edit(composition, rng)
        composition, said = edit.composition, changes(composition, edit.composition)
    elsewhere = tell is None and rng.random() < ELSEWHERE
    before = assistant(composition, sketched=False) if elsewhere else answer(composition, said)
    edit = random_edit(composition, rng)
    said = changes(composition, edit.composition)
    return Turn((before, user(edit.text)), answer(edit.composition, said))


def user(text: str) -> Message:
    """The message of a request."""
    return {"role": "user", "content": text}


def assistant(composition: Composition, said: str = "", *, sketched: bool = True) -> Message:
    """The message that answers with a composition, fenced as the Omost models do.

    said: what an edit changes. sketched: comments at the canvas's head say all of it, in a line for
    each region. To change a canvas is to copy it but for one value, which a small model learns
    where values stand close together.
    """
    code = to_code(canvas_of(composition))
    head = sketch(composition, said)["content"] if sketched else ""
    return {"role": "assistant", "content": f"```python\n{head}{code}```"}


def sketch(composition: Composition, said: str = "") -> Message:
    """The message that tells of a composition in comments alone."""
    background = composition.background
    lines = [said] if said else []
    lines += [" ".join((background.layout, *background.colors)), *map(_line, composition.things)]
    return {"role": "sketch", "content": "".join(f"# {line}\n" for line in lines)}


def changes(before: Composition, after: Composition) -> str:
    """Say of everything whether it stays, changes, goes or comes.

    The composer decides this first, and the canvas follows it: which object is meant is learned
    from one word for each.
    """
    fate = "changes" if len(before.things) == len(after.things) else "goes"
    same = before.background == after.background
    said = [f"background {'stays' if same else 'changes'}"]
    for thing in before.things:
        said.append(f"{thing.color} {thing.name} {'stays' if thing in after.things else fate}")
    new = after.things[len(before.things) :]
    return ", ".join([*said, *(f"{thing.color} {thing.name} comes" for thing in new)])


def _line(thing: Placed) -> str:
    place = thing.place
    return " ".join(
        (thing.name, thing.color, place.location, place.offset, place.area, str(thing.distance))
    )
