"""A follow-up is right if it does what it says and changes nothing else, field by field."""

from dataclasses import replace
from typing import Any

import pytest

from benchmarks.composition.follow_up_rules import judge_follow_up
from benchmarks.composition.requests import FollowUp, load_follow_ups
from lib_omost.canvas.colors import color_names
from lib_omost.canvas.model import Box, Canvas, Place, Region

CAT = Region(
    description="A black cat.",
    detailed_descriptions=("The black cat sleeps.",),
    tags="cat, black fur",
    color=(0, 0, 0),
    place=Place("on the left", "no offset", "a small square area"),
    distance_to_viewer=3.0,
)
DOG = Region(
    description="A white dog.",
    tags="dog",
    color=(255, 255, 255),
    place=Place("on the right", "no offset", "a small square area"),
    distance_to_viewer=2.0,
)
ROOM = Canvas(description="A cat and a dog in a room.", tags="room, cat, dog", regions=(CAT, DOG))


def problems(after: Canvas | None, **record: Any) -> dict[str, str]:
    """Returns the rules that fail, with their sentences."""
    follow_up = FollowUp(
        id="f",
        kind="k",
        text="",
        canvas=ROOM,
        names=("cat", "dog"),
        things={"cat": ("cat",), "dog": ("dog",), **record.get("added", {})},
        fields=record.get("fields", {}),
        global_fields=record.get("global_fields", ()),
        expected=record["expected"],
    )
    return {rule: found for rule, found in judge_follow_up(after, follow_up).items() if found}


def changed(**fields: Any) -> Canvas:
    """Returns the room with a changed cat."""
    return replace(ROOM, regions=(replace(CAT, **fields), DOG))


TEXTS = ("description", "detailed_descriptions", "tags", "color")
BROWN_CAT: dict[str, Any] = {
    "description": "A brown cat.",
    "detailed_descriptions": ("The brown cat sleeps.",),
    "tags": "cat, brown fur",
    "color": color_names()["saddlebrown"],
}
BROWN = {"fields": {"cat": TEXTS}, "expected": {"color": {"cat": "brown"}}}


def test_a_brown_cat() -> None:
    assert not problems(changed(**BROWN_CAT), **BROWN)


@pytest.mark.parametrize("kept", ["description", "detailed_descriptions", "tags", "color"])
def test_a_cat_that_is_brown_in_some_fields_only(kept: str) -> None:
    fields = {**BROWN_CAT, kept: getattr(CAT, kept)}
    if kept == "tags":  # "black fur" does not say what is black: no reader would notice
        return
    assert list(problems(changed(**fields), **BROWN)) == ["done"]


@pytest.mark.parametrize(
    "after",
    [
        changed(**BROWN_CAT, distance_to_viewer=4.0),
        changed(**BROWN_CAT, place=Place("on the top")),
        replace(changed(**BROWN_CAT), color=(1, 2, 3)),
        replace(changed(**BROWN_CAT), tags="room"),
        replace(changed(**BROWN_CAT), description="A brown cat in a room."),
        replace(ROOM, regions=(replace(CAT, **BROWN_CAT), replace(DOG, tags="dog, tail"))),
        replace(ROOM, regions=(replace(CAT, **BROWN_CAT),)),
        replace(ROOM, regions=(*changed(**BROWN_CAT).regions, replace(DOG, description="A bird."))),
    ],
)
def test_anything_else_must_stay(after: Canvas) -> None:
    assert list(problems(after, **BROWN)) == ["nothing else"]


def test_the_whole_picture_may_name_the_new_color() -> None:
    after = replace(changed(**BROWN_CAT), description="A brown cat and a dog in a room.")
    assert not problems(after, **BROWN)


def test_the_order_of_the_regions_is_free() -> None:
    assert not problems(replace(ROOM, regions=(DOG, replace(CAT, **BROWN_CAT))), **BROWN)


def test_an_unchanged_canvas_is_not_done() -> None:
    assert list(problems(ROOM, **BROWN)) == ["done"]
    assert problems(None, **BROWN) == {"readable": "no canvas"}


@pytest.mark.parametrize(
    ("box", "directions", "right"),
    [
        (Box(20, 70, 10, 60), "right", True),
        (Box(10, 60, 10, 60), "right up", True),
        (Box(20, 70, 0, 40), "right", False),
        (Box(40, 90, 10, 60), "right", False),
        (Box(30, 60, 10, 40), "right", False),
    ],
)
def test_moved(box: Box, directions: str, *, right: bool) -> None:
    found = problems(
        changed(place=box), fields={"cat": ("place",)}, expected={"moved": {"cat": directions}}
    )
    assert (not found) == right


def test_swapped() -> None:
    record: dict[str, Any] = {
        "fields": {"cat": ("place",), "dog": ("place",)},
        "expected": {"swapped": ["cat", "dog"]},
    }
    swapped = (replace(CAT, place=DOG.place), replace(DOG, place=CAT.place))
    assert not problems(replace(ROOM, regions=swapped), **record)
    assert problems(changed(place=DOG.place), **record) == {"done": "dog is not where cat was"}


def test_removed_from_the_regions_and_the_whole_picture() -> None:
    record: dict[str, Any] = {"expected": {"removed": ["dog"]}}
    right = replace(ROOM, description="A cat in a room.", tags="room, cat", regions=(CAT,))
    assert not problems(right, **record)
    assert problems(replace(ROOM, regions=(CAT,)), **record) == {
        "done": "the whole picture still mentions dog"
    }
    assert list(problems(replace(right, regions=(CAT, DOG)), **record)) == ["done"]
    assert list(problems(replace(right, regions=()), **record)) == ["nothing else"]
    lost = replace(right, description="A room.")
    assert problems(lost, **record) == {"nothing else": "the whole picture lost cat"}


def test_added() -> None:
    record: dict[str, Any] = {
        "added": {"bird": ("bird",)},
        "expected": {"added": ["bird"], "at": {"bird": "top"}},
    }
    bird = Region(description="A bird.", place=Box(0, 20, 40, 60))
    assert not problems(replace(ROOM, regions=(CAT, DOG, bird)), **record)
    low = replace(bird, place=Box(70, 90, 40, 60))
    assert problems(replace(ROOM, regions=(CAT, DOG, low)), **record) == {"done": "bird is not top"}
    assert problems(ROOM, **record) == {"done": "no bird"}


def test_depth() -> None:
    record: dict[str, Any] = {
        "fields": {"cat": ("distance_to_viewer",)},
        "expected": {"behind": ["dog", "cat"]},
    }
    assert not problems(changed(distance_to_viewer=1.0), **record)
    assert problems(changed(distance_to_viewer=2.5), **record) == {"done": "dog is not behind cat"}


def test_the_whole_picture() -> None:
    record: dict[str, Any] = {
        "global_fields": ("description", "color"),
        "expected": {"global": ["night", "dark"]},
    }
    night = replace(ROOM, description="A cat and a dog in a room at night.", color=(0, 0, 30))
    assert not problems(night, **record)
    assert problems(ROOM, **record) == {"done": "no mention of night"}
    assert list(problems(replace(night, tags="night"), **record)) == ["nothing else"]


def test_sizes() -> None:
    larger: dict[str, Any] = {"fields": {"cat": ("place",)}, "expected": {"larger": ["cat"]}}
    smaller: dict[str, Any] = {"fields": {"cat": ("place",)}, "expected": {"smaller": ["cat"]}}
    big, small = changed(place=Box(10, 80, 0, 50)), changed(place=Box(35, 55, 5, 35))
    assert not problems(big, **larger)
    assert not problems(small, **smaller)
    assert list(problems(small, **larger)) == ["done"]
    assert list(problems(big, **smaller)) == ["done"]
    assert problems(changed(place=Box(10, 80, 40, 90)), **larger) == {"done": "cat moved"}


def test_texts_and_other_things() -> None:
    text: dict[str, Any] = {"fields": {"cat": TEXTS}, "expected": {"text": {"cat": "tom"}}}
    assert not problems(changed(description="A cat with the name 'Tom'."), **text)
    assert problems(ROOM, **text) == {"done": "cat does not say tom"}
    other: dict[str, Any] = {"fields": {"cat": TEXTS}, "expected": {"shows": {"cat": ["owl"]}}}
    owl = {"description": "An owl.", "detailed_descriptions": (), "tags": "owl"}
    assert list(problems(changed(**owl), **other)) == ["done"]  # the whole picture has a cat
    other["global_fields"] = ("description", "tags")
    after = replace(
        changed(**owl), description="An owl and a dog in a room.", tags="room, owl, dog"
    )
    assert not problems(after, **other)
    assert list(problems(changed(**{**owl, "tags": "cat"}), **other)) == ["done"]


def test_there_are_40_follow_ups_and_none_is_right_before_it_is_done() -> None:
    follow_ups = load_follow_ups()
    assert len(follow_ups) == 40
    for follow_up in follow_ups:
        verdict = judge_follow_up(follow_up.canvas, follow_up)
        assert verdict["done"], follow_up.text
        assert not verdict["nothing else"], follow_up.text
