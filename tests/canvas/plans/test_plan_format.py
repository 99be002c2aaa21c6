import json

import pytest

from lib_omost.canvas import formats
from lib_omost.canvas.colors import color_names
from lib_omost.canvas.limits import MAX_REGIONS
from lib_omost.canvas.model import Box, Canvas
from lib_omost.canvas.plans.box_words import DEPTHS, SIZES, WHERE, PlannedBox, name_box
from lib_omost.canvas.plans.plan_format import write_plan


def plan(*things: dict[str, str]) -> str:
    data = {
        "picture": "a cat beside a lake",
        "style": "photo",
        "background": "Mountains",
        "color": "skyblue",
        "things": things,
    }
    return json.dumps(data)


CAT = {
    "thing": "a red cat",
    "color": "red",
    "where": "left",
    "size": "small",
    "depth": "front",
    "looks": "the cat sleeps",
}


def test_a_plan_is_read_as_a_canvas() -> None:
    reading = formats.read(plan(CAT))
    assert not reading.diagnostics
    canvas = reading.canvas
    assert canvas is not None
    assert canvas.description == "A cat beside a lake."
    assert canvas.detailed_descriptions == ("Mountains.",)
    assert canvas.tags == "red cat, Mountains, photo"
    assert canvas.color == color_names()["skyblue"]
    (region,) = canvas.regions
    assert region.description == "A red cat."
    assert region.detailed_descriptions == ("The cat sleeps.",)
    assert region.tags == "red cat"
    assert region.color == (255, 0, 0)
    assert region.distance_to_viewer == DEPTHS["front"]
    assert region.style == "Photo style."
    assert region.box == Box(24, 66, 2, 44)


def test_unknown_words_are_replaced_with_a_warning() -> None:
    odd = {**CAT, "where": "somewhere", "size": "gigantic", "color": "?"}
    reading = formats.read(plan(odd, {"thing": ""}))
    assert [item.severity for item in reading.diagnostics] == ["warning"] * 3
    assert reading.canvas is not None
    assert reading.canvas.regions[0].box == Box(15, 75, 15, 75)


def test_a_canvas_becomes_a_plan_with_the_nearest_words() -> None:
    canvas = formats.read(plan(CAT)).canvas
    assert canvas is not None
    assert write_plan(canvas) == {
        "picture": "A cat beside a lake.",
        "style": "photo",
        "background": "Mountains",
        "color": "skyblue",
        "things": [
            {
                "thing": "A red cat",
                "where": "left",
                "size": "medium",
                "depth": "front",
                "color": "red",
                "looks": "The cat sleeps.",
            }
        ],
    }


def test_where_is_a_phrase_that_names_other_things() -> None:
    dog = {**CAT, "thing": "a dog", "where": "right of the cat"}
    canvas = formats.read(plan(dog, {**CAT, "where": ""})).canvas
    assert canvas is not None
    first, second = (region.box for region in canvas.regions)
    assert second.right <= first.left


def test_a_pair_with_a_thing_between_becomes_two_things() -> None:
    trees = {**CAT, "thing": "two tall trees", "where": "", "depth": ""}
    canvas = formats.read(plan({**CAT, "where": "between the trees"}, trees)).canvas
    assert canvas is not None
    assert [region.description for region in canvas.regions] == [
        "A red cat.",
        "A tall tree.",
        "A tall tree.",
    ]
    cat, one, other = (region.box for region in canvas.regions)
    assert one.right <= cat.left < cat.right <= other.left


def test_a_plan_may_have_many_things_with_many_relations() -> None:
    things = [
        {**CAT, "thing": f"a cat{index}", "where": "left of the cat1, on the cat2 and the cat3"}
        for index in range(200)
    ]
    canvas = formats.read(plan(*things)).canvas
    assert canvas is not None
    assert len(canvas.regions) == MAX_REGIONS


@pytest.mark.parametrize("where", WHERE)
@pytest.mark.parametrize("size", SIZES)
def test_the_words_of_a_box_name_the_box(where: str, size: str) -> None:
    box = PlannedBox(where, size, "front").box
    named = PlannedBox(*name_box(box), depth="front").box
    assert named == box


def test_an_empty_plan_is_a_canvas_without_regions() -> None:
    assert formats.read('{"things": []}').canvas == Canvas(description="")


def test_the_sentence_completes_the_things() -> None:
    book = {**CAT, "thing": "a book", "where": "anywhere"}
    plate = {**CAT, "thing": "a plate", "where": "anywhere"}
    text = plan(book, plate).replace("a cat beside a lake", "a book 'Omost' on a plate")
    canvas = formats.read(text).canvas
    assert canvas is not None
    assert canvas.regions[0].description == "A book 'Omost'."
    assert canvas.regions[0].box.bottom < canvas.regions[1].box.bottom


@pytest.mark.parametrize(
    ("where", "description"),
    [
        ("in a row", "A red cat in a row."),
        ("jumping over the fence", "A red cat jumping over the fence."),
        ("left", "A red cat."),
        ("anywhere", "A red cat."),
        ("kitchen", "A red cat."),
    ],
)
def test_a_phrase_without_a_place_becomes_a_part_of_the_description(
    where: str, description: str
) -> None:
    canvas = formats.read(plan({**CAT, "where": where})).canvas
    assert canvas is not None
    assert canvas.regions[0].description == description
