"""Draws turns for training: a request and its canvas, or a canvas, an edit and its result."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from lib_omost.canvas.formats import to_code
from training.canvases import Composition, Placed, canvas_of
from training.composer.edits import random_edit
from training.composer.requests import is_held_out, random_request

EDITS = 0.7
"""Share of turns that edit a canvas."""
EARLIER = (0, 0, 0, 1, 2)
"""Numbers of earlier edits of a canvas; a number that stands here twice is twice as likely."""
ELSEWHERE = 0.3
"""Share of edited canvases that look as if another program wrote them: they have no sketch."""

Message = dict[str, str]


@dataclass(frozen=True)
class Turn:
    """The composer's input and the answer, as messages of a chat template."""

    messages: tuple[Message, ...]
    answer: Message


def random_turn(rng: random.Random, write_answer: Callable[..., Message] | None = None) -> Turn:
    """Draws a turn; write_answer: writes the answer's message, `assistant` by default."""
    answer = write_answer or assistant
    request = random_request(rng)
    while is_held_out(request.text):
        request = random_request(rng)
    composition, comments = request.composition, ""
    if rng.random() >= EDITS:
        return Turn((user(request.text),), answer(composition))
    for _ in range(rng.choice(EARLIER)):
        edit = random_edit(composition, rng)
        composition, comments = edit.composition, changes(composition, edit.composition)
    elsewhere = write_answer is None and rng.random() < ELSEWHERE
    before = assistant(composition, sketched=False) if elsewhere else answer(composition, comments)
    edit = random_edit(composition, rng)
    comments = changes(composition, edit.composition)
    return Turn((before, user(edit.text)), answer(edit.composition, comments))


def user(text: str) -> Message:
    """Returns the message of a request."""
    return {"role": "user", "content": text}


def assistant(composition: Composition, comments: str = "", *, sketched: bool = True) -> Message:
    """Returns the answer with a composition's canvas, in a code block as Omost's models write it.

    Args:
        composition: The composition.
        comments: Comments on the changes of an edit.
        sketched: Puts comments with one line per region before the code. An edit copies a canvas
            with one changed value; a small model learns this where the values are close together.
    """
    code = to_code(canvas_of(composition))
    head = sketch(composition, comments)["content"] if sketched else ""
    return {"role": "assistant", "content": f"```python\n{head}{code}```"}


def sketch(composition: Composition, comments: str = "") -> Message:
    """Returns the answer that describes a composition in comments only."""
    background = composition.background
    lines = [comments] if comments else []
    lines += [" ".join((background.layout, *background.colors)), *map(_line, composition.objects)]
    return {"role": "sketch", "content": "".join(f"# {line}\n" for line in lines)}


def changes(before: Composition, after: Composition) -> str:
    """Describes for each object whether it stays, changes, goes or is new.

    The composer decides this before it writes the canvas. It thus learns from one word per object
    which object an edit names.
    """
    change = "changes" if len(before.objects) == len(after.objects) else "goes"
    same = before.background == after.background
    comments = [f"background {'stays' if same else 'changes'}"]
    for item in before.objects:
        comments.append(f"{item.color} {item.name} {'stays' if item in after.objects else change}")
    new = after.objects[len(before.objects) :]
    return ", ".join([*comments, *(f"{item.color} {item.name} comes" for item in new)])


def _line(item: Placed) -> str:
    place = item.place
    return " ".join(
        (item.name, item.color, place.location, place.offset, place.area, str(item.distance))
    )
