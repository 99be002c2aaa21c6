import itertools
import json

import pytest

from lib_omost.canvas import formats
from lib_omost.canvas.colors import color_names
from lib_omost.canvas.model import Box, Canvas
from lib_omost.canvas.plan_layout import (
    DEPTHS,
    MAX_OVERLAP,
    MAX_PART,
    SIZES,
    WHERE,
    PlannedBox,
    arrange,
    name_box,
)
from lib_omost.canvas.plans import write_plan


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
    assert region.style == "The style is photo."
    assert region.box == Box(31, 59, 0, 28)


def test_unknown_words_are_replaced_with_a_warning() -> None:
    odd = {**CAT, "where": "somewhere", "size": "Tall", "color": "?"}
    reading = formats.read(plan(odd, {"thing": ""}))
    assert [item.severity for item in reading.diagnostics] == ["warning"] * 3
    assert reading.canvas is not None
    assert reading.canvas.regions[0].box == PlannedBox("center", "tall", "front").box


def test_a_canvas_becomes_a_plan_and_the_plan_the_same_canvas() -> None:
    canvas = formats.read(plan(CAT)).canvas
    assert canvas is not None
    assert formats.read(json.dumps(write_plan(canvas))).canvas == canvas


def hidden(near: Box, far: Box) -> float:
    width = max(min(near.right, far.right) - max(near.left, far.left), 0)
    height = max(min(near.bottom, far.bottom) - max(near.top, far.top), 0)
    return width * height / ((far.right - far.left) * (far.bottom - far.top))


@pytest.mark.parametrize("first", [word for word in SIZES if SIZES[word][0] < 90])
@pytest.mark.parametrize("second", [word for word in SIZES if SIZES[word][0] < 90])
def test_two_things_never_hide_each_other(first: str, second: str) -> None:
    for where in WHERE:
        for other in WHERE:
            near, far = arrange(
                [PlannedBox(where, first, "front"), PlannedBox(other, second, "back")]
            )
            limit = MAX_PART if where == other else MAX_OVERLAP
            assert hidden(near, far) <= limit + 0.02, (where, other)


def test_left_center_and_right_stay_in_order() -> None:
    boxes = arrange([PlannedBox(where, "large", "middle") for where in ("right", "left", "center")])
    right, left, center = boxes
    assert left.right <= center.left < center.right <= right.left


def test_equal_places_are_divided() -> None:
    boxes = arrange([PlannedBox("center", "small", "front")] * 3)
    assert [box.left for box in boxes] == sorted({box.left for box in boxes})
    assert all(one.right <= two.left for one, two in itertools.pairwise(boxes))


def test_a_backdrop_stays_whole() -> None:
    sky, tree = arrange([PlannedBox("top", "wide", "back"), PlannedBox("top", "small", "front")])
    assert sky == Box(0, 38, 0, 90)
    assert tree == Box(0, 28, 31, 59)


@pytest.mark.parametrize("where", WHERE)
@pytest.mark.parametrize("size", SIZES)
def test_the_words_of_a_box_name_the_box(where: str, size: str) -> None:
    box = PlannedBox(where, size, "front").box
    named = PlannedBox(*name_box(box), depth="front").box
    assert named == box


def test_an_empty_plan_is_a_canvas_without_regions() -> None:
    assert formats.read('{"things": []}').canvas == Canvas(description="")
