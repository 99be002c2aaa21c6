"""A canvas answers a request if it shows the least that a person expects."""

from __future__ import annotations

from typing import Any

import pytest

from benchmarks.strangers.judging import assigned_regions, kind_of, nearest_background, problems
from benchmarks.strangers.requests import load_requests, request_of
from lib_omost.canvas.model import Box, Canvas, Color, Region
from training.world import rgb

LEFT, CENTER, RIGHT = Box(30, 60, 0, 30), Box(30, 60, 30, 60), Box(30, 60, 60, 90)
TOP, BOTTOM, BIG = Box(0, 30, 30, 60), Box(60, 90, 30, 60), Box(10, 80, 10, 80)
NAVY = rgb("navy")


def region(description: str, box: Box, distance: float = 1.0) -> Region:
    return Region(place=box, distance_to_viewer=distance, description=description)


def canvas(*regions: Region, color: Color = NAVY) -> Canvas:
    return Canvas(description="A picture.", color=color, regions=regions)


def lacking(objects: list[str], *regions: Region, **record: Any) -> list[str]:
    request = request_of(1, {"text": "", "objects": objects, **record})
    return problems(request, canvas(*regions))


FISH, STAR = region("A blue fish.", LEFT), region("A golden star.", RIGHT)


def test_objects_may_come_in_any_order_and_an_open_color_fits_every_color():
    assert lacking(["star", "blue fish"], FISH, STAR) == []


@pytest.mark.parametrize("objects", [["fish"], ["fish", "moon"], ["red fish", "star"]])
def test_a_missing_an_additional_or_a_wrong_object_is_a_problem(objects):
    assert lacking(objects, FISH, STAR) == ["objects"]


def test_more_is_allowed_only_where_the_request_says_so():
    assert lacking(["fish"], FISH, STAR, exclusive=False) == []


def test_no_canvas_is_a_problem():
    assert problems(request_of(1, {"text": "", "objects": ["fish"]}), None) == ["canvas"]


def test_synonyms_and_plurals_name_the_same_object():
    assert kind_of(region("Two crimson goldfish.", LEFT)) == ("red", "fish")
    assert kind_of(region("A love heart in rose.", LEFT)) == ("pink", "heart")


@pytest.mark.parametrize(
    ("relation", "box", "other"),
    [
        (["left of", 0, 1], LEFT, RIGHT),
        (["right of", 0, 1], RIGHT, CENTER),
        (["above", 0, 1], TOP, RIGHT),
        (["below", 0, 1], BOTTOM, CENTER),
        (["beside", 0, 1], LEFT, CENTER),
        (["bigger", 0, 1], BIG, LEFT),
        (["smaller", 0, 1], LEFT, BIG),
        (["inside", 0, 1], CENTER, BIG),
        (["on", 0, 1], TOP, Box(35, 90, 20, 70)),
        (["at", 0, "top"], Box(0, 30, 60, 90), CENTER),
        (["at", 0, "top-right"], Box(0, 30, 60, 90), CENTER),
        (["at", 0, "center"], CENTER, LEFT),
    ],
)
def test_a_relation_holds_one_way_and_not_the_other(relation, box, other):
    star = region("A star.", other)
    assert lacking(["fish", "star"], region("A fish.", box), star, relations=[relation]) == []
    swapped = region("A star.", box), region("A fish.", other)
    if relation[0] == "beside":  # the other way round, it holds too
        swapped = region("A fish.", TOP), region("A star.", BOTTOM)
    assert lacking(["fish", "star"], *swapped, relations=[relation]) == ["relations"]


def test_depth_is_judged_by_the_distance_to_the_viewer():
    near, far = region("A fish.", CENTER, 1), region("A star.", CENTER, 3)
    assert lacking(["fish", "star"], near, far, relations=[["in front of", 0, 1]]) == []
    assert lacking(["fish", "star"], near, far, relations=[["behind", 1, 0]]) == []
    assert lacking(["fish", "star"], near, far, relations=[["behind", 0, 1]]) == ["relations"]


def test_between_needs_one_on_each_side():
    objects, relation = ["heart", "circle", "circle"], [["between", 0, 1, 2]]
    sides = region("A circle.", LEFT), region("A circle.", RIGHT)
    assert lacking(objects, region("A heart.", CENTER), *sides, relations=relation) == []
    assert lacking(objects, region("A heart.", TOP), *sides, relations=relation) == []
    sides = region("A circle.", LEFT), region("A circle.", CENTER)
    assert lacking(objects, region("A heart.", RIGHT), *sides, relations=relation) == ["relations"]


def test_equal_objects_may_swap_their_relations():
    regions = region("A fish.", RIGHT), region("A fish.", LEFT)
    request = request_of(
        1, {"text": "", "objects": ["fish", "fish"], "relations": [["left of", 0, 1]]}
    )
    assert assigned_regions(request, canvas(*regions)) == [regions[1], regions[0]]


def test_a_named_background_must_be_the_nearest_of_the_six():
    assert nearest_background((20, 20, 20)) == "black"
    assert lacking(["fish"], FISH, background="navy") == []
    assert lacking(["fish"], FISH, background="tan") == ["background"]


def test_the_file_has_210_different_requests_and_seals_a_third():
    requests = load_requests()
    assert len({request.text.lower() for request in requests}) == 210
    assert sum(request.sealed for request in requests) == 70
    assert all(
        0 <= number < len(request.objects)
        for request in requests
        for relation in request.relations
        for number in relation.objects
    )
