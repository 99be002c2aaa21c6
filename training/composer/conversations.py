"""Conversations to learn from: a request and its canvas, then edits and theirs."""

from __future__ import annotations

import random
from dataclasses import dataclass

from lib_omost.canvas.writing import write_code
from training.canvases import Composition, Placed, canvas_of
from training.composer.edits import random_edit
from training.composer.requests import random_request

EDITED = 0.7
"""How often another turn follows, up to three."""
TURNS = 4
SKETCHED = 8
"""Edits of a conversation in keys."""
PLAIN = 0.3
"""The part of conversations whose first canvas comes from elsewhere: it has no keys."""
CALL = "canvas.add_local_description("


@dataclass(frozen=True)
class Conversation:
    """What user and assistant said, in the form that chat templates take.

    given: so many of the first messages are not to be learned.
    """

    messages: tuple[dict[str, str], ...]
    given: int = 0


def random_conversation(rng: random.Random) -> Conversation:
    """Draw a conversation of a request and up to three edits."""
    request = random_request(rng)
    plain = rng.random() < PLAIN
    messages = [user(request.text), assistant(request.composition, keys=not plain)]
    composition = request.composition
    while len(messages) < 2 * TURNS and (rng.random() < EDITED or (plain and len(messages) == 2)):
        edit = random_edit(composition, rng)
        composition = edit.composition
        messages += [user(edit.text), assistant(composition)]
    return Conversation(tuple(messages), given=2 if plain else 0)


def sketched_conversation(rng: random.Random) -> Conversation:
    """Draw a request and eight edits whose answers are keys alone.

    An edit in so few tokens is learned from sooner than one in a whole canvas.
    """
    request = random_request(rng)
    messages = [user(request.text), sketch(request.composition)]
    composition = request.composition
    for _ in range(SKETCHED):
        edit = random_edit(composition, rng)
        composition = edit.composition
        messages += [user(edit.text), sketch(composition)]
    return Conversation(tuple(messages))


def user(text: str) -> dict[str, str]:
    """The message of a request."""
    return {"role": "user", "content": text}


def assistant(composition: Composition, *, keys: bool = True) -> dict[str, str]:
    """The message that answers with a composition, fenced as the Omost models do.

    keys: a comment above each region says all of it in one line. To change a canvas is to copy it
    but for one value, and a small model copies well where each value follows what it belongs to.
    """
    code = write_code(canvas_of(composition))
    if keys:
        head, *regions = code.split(CALL)
        things = zip(composition.things, regions, strict=True)
        code = head + "".join(f"# {key(thing)}\n{CALL}{region}" for thing, region in things)
    return {"role": "assistant", "content": f"```python\n{code}```"}


def sketch(composition: Composition) -> dict[str, str]:
    """The message that answers with a composition's background and keys."""
    lines = (" ".join(composition.background.colors), *map(key, composition.things))
    return {"role": "assistant", "content": "".join(f"# {line}\n" for line in lines)}


def key(thing: Placed) -> str:
    """A region in one line."""
    place = thing.place
    return " ".join(
        (thing.name, thing.color, place.location, place.offset, place.area, str(thing.distance))
    )
