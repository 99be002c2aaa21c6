"""Conversations to learn from: a request and its canvas, then edits and theirs."""

from __future__ import annotations

import random
from dataclasses import dataclass

from lib_omost.canvas.writing import write_code
from training.canvases import Composition, canvas_of
from training.composer.edits import random_edit
from training.composer.requests import random_request

EDITED = 0.5
"""The part of conversations with a second turn; of those, so many have a third."""


@dataclass(frozen=True)
class Conversation:
    """What user and assistant said, in the form that chat templates take."""

    messages: tuple[dict[str, str], ...]


def random_conversation(rng: random.Random) -> Conversation:
    """Draw a conversation of one to three requests."""
    request = random_request(rng)
    messages = [user(request.text), assistant(request.composition)]
    composition = request.composition
    while len(messages) < 6 and rng.random() < EDITED:
        edit = random_edit(composition, rng)
        composition = edit.composition
        messages += [user(edit.text), assistant(composition)]
    return Conversation(tuple(messages))


def user(text: str) -> dict[str, str]:
    """The message of a request."""
    return {"role": "user", "content": text}


def assistant(composition: Composition) -> dict[str, str]:
    """The message that answers with a composition, fenced as the Omost models do."""
    return {"role": "assistant", "content": f"```python\n{write_code(canvas_of(composition))}```"}
