"""Draws second turns: an instruction to change a composition, and the changed composition."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, replace

from lib_omost.canvas.model import Place
from lib_omost.llm.demo.vocabulary import (
    BACKGROUND_WORDS,
    COLOR_WORDS,
    LOCATION_WORDS,
    MAX_CANVAS_OBJECTS,
    OBJECT_WORDS,
)
from training.canvases import Composition, Placed, area
from training.captions import article
from training.composer.requests import another_word, object_words
from training.scenes import Background
from training.world import BACKGROUND_COLORS, COLORS, OBJECTS

SIZES = ("small", "medium-sized", "large")
"""The words for the sizes of areas."""
BIGGER = ("make {0} bigger", "make {0} larger", "enlarge {0}", "{0} should be bigger")
SMALLER = ("make {0} smaller", "shrink {0}", "{0} should be smaller")
ENDINGS = ("{0}", "{0}", "{0}", "{0}.", "{0}, please", "please {0}")


@dataclass(frozen=True)
class Edit:
    """An instruction, its result, and the kind of edit ("recolor", "remove", ...)."""

    text: str
    composition: Composition
    kind: str


def random_edit(before: Composition, rng: random.Random) -> Edit:
    """Draws an edit that is possible in a composition; everything else stays as it is."""
    single = [item for item in before.objects if _reference(item, before) is not None]
    kinds: list[str] = ["background"]
    if len(before.objects) < MAX_CANVAS_OBJECTS:
        kinds += ["add", "add"]
    if single:
        kinds += ["recolor", "recolor", "move", "move", "resize"]
        # What is left moves up: without many of these, a model copies by number, not by name.
        if len(before.objects) > 1:
            kinds += ["remove"] * 4
        if len(before.objects) > 2:
            kinds += ["keep", "keep"]
    edit = _edit(rng.choice(kinds), before, single, rng)
    text = edit.text[0].upper() + edit.text[1:] if rng.random() < 0.25 else edit.text
    return replace(edit, text=rng.choice(ENDINGS).format(text))


def _edit(kind: str, before: Composition, single: list[Placed], rng: random.Random) -> Edit:
    if kind == "background":
        return _background(before, rng)
    if kind == "add":
        return _add(before, rng)
    change: Callable[[Composition, Placed, random.Random], Edit]
    change = {
        "recolor": _recolor,
        "move": _move,
        "resize": _resize,
        "remove": _remove,
        "keep": _keep,
    }[kind]
    return change(before, rng.choice(single), rng)


def _reference(item: Placed, composition: Composition) -> str | None:
    """Returns words that name one object unambiguously; None if that needs its place.

    "{0}" stands for its name.
    """
    if sum(other.name == item.name for other in composition.objects) == 1:
        return "the {0}"
    if sum(other.kind == item.kind for other in composition.objects) == 1:
        return f"the {item.color} {{0}}"
    return None


def _phrase(item: Placed, composition: Composition, rng: random.Random) -> str:
    reference = _reference(item, composition)
    assert reference is not None
    return reference.format(another_word(item.name, OBJECT_WORDS, rng))


def _changed(before: Composition, old: Placed, new: Placed | None) -> Composition:
    objects = [new if item is old else item for item in before.objects]
    return replace(before, objects=tuple(item for item in objects if item is not None))


def _recolor(before: Composition, item: Placed, rng: random.Random) -> Edit:
    used = {other.color for other in before.objects if other.name == item.name}
    color = rng.choice([color for color in COLORS if color not in used])
    template = rng.choice(
        ("make {0} {1}", "change {0} to {1}", "{0} should be {1}", "paint {0} {1}")
    )
    after = _changed(before, item, replace(item, color=color))
    text = template.format(_phrase(item, before, rng), another_word(color, COLOR_WORDS, rng))
    return Edit(text, after, "recolor")


def _remove(before: Composition, item: Placed, rng: random.Random) -> Edit:
    template = rng.choice(("remove {0}", "delete {0}", "take {0} away", "without {0}"))
    return Edit(template.format(_phrase(item, before, rng)), _changed(before, item, None), "remove")


def _keep(before: Composition, item: Placed, rng: random.Random) -> Edit:
    template = rng.choice(("keep only {0}", "only {0}", "remove all but {0}", "nothing but {0}"))
    text = template.format(_phrase(item, before, rng))
    return Edit(text, replace(before, objects=(item,)), "keep")


def _move(before: Composition, item: Placed, rng: random.Random) -> Edit:
    used = {other.place.location for other in before.objects}
    location = rng.choice([name for name in LOCATION_WORDS if name not in used])
    template = rng.choice(("move {0} {1}", "put {0} {1}", "{0} should be {1}"))
    place = Place(location, "no offset", item.place.area)
    text = template.format(_phrase(item, before, rng), rng.choice(LOCATION_WORDS[location]))
    return Edit(text, _changed(before, item, replace(item, place=place)), "move")


def _resize(before: Composition, item: Placed, rng: random.Random) -> Edit:
    size, _, shape = item.place.area.removeprefix("a ").partition(" ")
    number, step = SIZES.index(size), rng.choice((-1, 1))
    if not 0 <= number + step < len(SIZES):
        step = -step
    template = rng.choice(SMALLER if step < 0 else BIGGER)
    place = replace(item.place, area=f"a {SIZES[number + step]} {shape}")
    after = _changed(before, item, replace(item, place=place))
    return Edit(template.format(_phrase(item, before, rng)), after, "resize")


def _add(before: Composition, rng: random.Random) -> Edit:
    names = [name for name in OBJECTS if name not in {item.name for item in before.objects}]
    kind = rng.choice(COLORS), rng.choice(names)
    used = {item.place.location for item in before.objects}
    location = rng.choice([name for name in LOCATION_WORDS if name not in used])
    new = Placed(*kind, Place(location, "no offset", area(2)))
    template = rng.choice(("add {0} {1}", "and {0} {1}", "put {0} {1} too", "also draw {0} {1}"))
    text = template.format(object_words(kind, rng), rng.choice(LOCATION_WORDS[location]))
    return Edit(text, replace(before, objects=(*before.objects, new)), "add")


def _background(before: Composition, rng: random.Random) -> Edit:
    used = before.background.colors
    color = rng.choice([name for name in BACKGROUND_COLORS if name not in used])
    template = rng.choice(
        ("make the background {0}", "{a} {0} background", "change the background to {0}")
    )
    after = replace(before, background=Background("plain", (color,)))
    color_word = another_word(color, BACKGROUND_WORDS, rng)
    return Edit(template.format(color_word, a=article(color_word)), after, "background")
