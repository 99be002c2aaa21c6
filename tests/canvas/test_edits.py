"""Edits change what they name and leave everything else as it is."""

import json
from dataclasses import replace
from typing import Any

import pytest

from lib_omost.canvas import formats
from lib_omost.canvas.colors import color_names
from lib_omost.canvas.diagnostics import DiagnosticCollector
from lib_omost.canvas.edits import apply_edits, find_edits
from lib_omost.canvas.model import Box, Canvas, Region

CAT = Region(
    description="A black cat.",
    detailed_descriptions=("The black cat sleeps.",),
    tags="cat, black fur",
    color=(1, 2, 3),
    place=Box(30, 70, 20, 60),
    distance_to_viewer=3.0,
    style="The style is photo.",
    extra={"kept": 1},
)
DOG = Region(description="A dog.", tags="dog", place=Box(50, 90, 60, 90), distance_to_viewer=2.0)
PLACE = {"color": "red", "where": "top", "size": "small", "depth": "back"}
ROOM = Canvas(
    description="A cat and a dog in the afternoon.",
    detailed_descriptions=("The dog barks.", "Rain falls."),
    tags="room, dog, afternoon",
    regions=(CAT, DOG),
)


def edit(*edits: Any, canvas: Canvas = ROOM) -> Canvas:
    diagnostics = DiagnosticCollector()
    edited = apply_edits(canvas, edits, diagnostics)
    assert not diagnostics.items
    return edited


def cat_after(*edits: Any) -> Region:
    """Returns the cat after edits that change nothing but the cat."""
    edited = edit(*edits)
    assert replace(edited, regions=ROOM.regions) == ROOM
    cat, dog = edited.regions
    assert dog == DOG
    return cat


def test_a_new_description_changes_the_other_texts_word_by_word() -> None:
    cat = cat_after(
        {"op": "change", "region": 1, "description": "A brown cat.", "color": "saddlebrown"}
    )
    assert cat == replace(
        CAT,
        description="A brown cat.",
        detailed_descriptions=("The brown cat sleeps.",),
        tags="cat, brown fur",
        color=color_names()["saddlebrown"],
    )


def test_another_thing_is_renamed_in_the_whole_picture_too() -> None:
    edited = edit({"op": "change", "region": 1, "description": "A black fox.", "color": "black"})
    assert edited.description == "A fox and a dog in the afternoon."
    assert edited.regions[0].tags == "fox, black fur"


@pytest.mark.parametrize(
    ("direction", "amount", "box"),
    [
        ("left", "a bit", Box(30, 70, 11, 51)),
        ("right", "some", Box(30, 70, 40, 80)),
        ("up", "far", Box(0, 40, 20, 60)),
        ("down", "some", Box(50, 90, 20, 60)),
    ],
)
def test_a_region_moves_as_far_as_the_canvas_allows(direction: str, amount: str, box: Box) -> None:
    move = {"op": "move", "region": 1, "direction": direction, "amount": amount}
    assert cat_after(move) == replace(CAT, place=box)


def test_two_moves_add_up() -> None:
    left = {"op": "move", "region": 1, "direction": "left", "amount": "some"}
    up = {"op": "move", "region": 1, "direction": "up", "amount": "a bit"}
    assert cat_after(left, up).box == Box(21, 61, 0, 40)


def test_a_region_is_placed_with_its_size() -> None:
    assert cat_after({"op": "place", "region": 1, "where": "bottom right"}).box == Box(
        50, 90, 50, 90
    )


def test_a_region_grows_and_shrinks_around_its_centre() -> None:
    assert cat_after({"op": "resize", "region": 1, "size": "bigger"}).box == Box(25, 75, 15, 65)
    assert cat_after({"op": "resize", "region": 1, "size": "tiny"}).box == Box(40, 60, 30, 50)


def test_two_regions_exchange_their_places() -> None:
    edited = edit({"op": "swap", "region": 1, "other": 2})
    assert edited.regions == (replace(CAT, place=DOG.place), replace(DOG, place=CAT.place))


def test_depth() -> None:
    cat = cat_after({"op": "depth", "region": 1, "order": "in front of", "other": 2})
    assert 0 < cat.distance_to_viewer < DOG.distance_to_viewer
    behind = edit({"op": "depth", "region": 2, "order": "behind", "other": 1}).regions[1]
    assert behind.distance_to_viewer > CAT.distance_to_viewer


def test_a_removed_thing_leaves_the_whole_picture_too() -> None:
    assert edit({"op": "remove", "region": 2}) == replace(
        ROOM,
        description="A cat in the afternoon.",
        detailed_descriptions=("Rain falls.",),
        tags="room, afternoon",
        regions=(CAT,),
    )


def test_numbers_are_those_of_the_given_canvas() -> None:
    edited = edit({"op": "remove", "region": 1}, {"op": "place", "region": 2, "where": "left"})
    assert edited.regions == (replace(DOG, place=Box(25, 65, 0, 30)),)


def test_a_region_is_added() -> None:
    bird_edit = {"op": "add", "thing": "a bird", **PLACE, "looks": "it sings"}
    *others, bird = edit(bird_edit).regions
    assert others == [CAT, DOG]
    assert bird == Region(
        description="A bird.",
        detailed_descriptions=("It sings.",),
        tags="bird",
        color=(255, 0, 0),
        place=Box(0, 28, 31, 59),
        distance_to_viewer=8.0,
        style="The style is photo.",
    )


def test_the_whole_picture_changes_with_its_tags() -> None:
    night = {"op": "picture", "description": "A cat and a dog at night.", "color": "navy"}
    assert edit(night) == replace(
        ROOM,
        description="A cat and a dog at night.",
        tags="room, dog, night",
        color=color_names()["navy"],
    )


def test_a_new_picture_takes_the_place_of_the_canvas() -> None:
    plan = {"picture": "A tree.", "color": "green", "things": [{"thing": "a tree", **PLACE}]}
    assert edit({"op": "new", **plan}) == formats.read(json.dumps(plan)).canvas
    part = apply_edits(ROOM, [{"op": "new", **plan}], DiagnosticCollector(), [1])
    assert [region.description for region in part.regions] == ["A tree."]


@pytest.mark.parametrize(
    "wrong",
    [
        {"op": "new", "picture": "A tree."},
        {"op": "paint", "region": 1},
        {"op": "remove", "region": 3},
        {"op": "remove", "region": 0},
        {"op": "swap", "region": 1, "other": 7},
        {"op": "add", "where": "left"},
        "remove the cat",
    ],
)
def test_an_edit_that_cannot_be_applied_is_reported_and_left_out(wrong: Any) -> None:
    diagnostics = DiagnosticCollector()
    assert apply_edits(ROOM, [wrong], diagnostics) == ROOM
    assert [item.severity for item in diagnostics.items] == ["warning"]


def test_a_removed_region_cannot_be_edited() -> None:
    diagnostics = DiagnosticCollector()
    remove = {"op": "remove", "region": 1}
    assert apply_edits(ROOM, [remove, remove], diagnostics).regions == (DOG,)
    assert [item.message for item in diagnostics.items] == [
        "there is no region 1; the edit is left out"
    ]


def test_the_numbers_may_refer_to_a_part_of_the_canvas() -> None:
    edited = apply_edits(ROOM, [{"op": "remove", "region": 1}], DiagnosticCollector(), [1])
    assert edited.regions == (CAT,)


@pytest.mark.parametrize(
    "text",
    [
        '{"edits": [{"op": "remove", "region": 1}]}',
        'Here you are:\n```json\n{"edits": [{"op": "remove", "region": 1}]}\n```',
        '{\n  "edits": [\n    {"op": "remove", "region": 1},\n  ]\n}',
        '<think>{"edits": []}</think>{"edits": [{"op": "remove", "region": 1}]}',
        '{"edits": [{"op": "remove", "region": 1}, {"op": "re',
    ],
)
def test_edits_are_found_in_an_answer(text: str) -> None:
    assert find_edits(text) == [{"op": "remove", "region": 1}]


@pytest.mark.parametrize("text", ["No edits.", '{"regions": []}', "[1]", "[" * 100_000])
def test_there_are_no_edits_in_other_texts(text: str) -> None:
    assert find_edits(text) is None


def test_edits_alone_are_no_canvas() -> None:
    reading = formats.read('{"edits": [{"op": "add", "thing": "a cat"}]}')
    assert reading.canvas is None
    assert "send the canvas along" in reading.diagnostics[-1].message
