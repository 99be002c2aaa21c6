"""Boxes of other programs in canvas units and back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib_omost.canvas.diagnostics import DiagnosticCollector
from lib_omost.canvas.layouts.boxes import THOUSAND, Grid, read_box, write_box
from lib_omost.canvas.model import WHOLE_CANVAS, Box, Place, places_by_box
from tests.canvas.layouts.reading import ASYMMETRIC
from tests.canvas.strategies import boxes

ORDERS = {
    "top left bottom right": [100, 200, 400, 900],
    "left top right bottom": [200, 100, 900, 400],
    "left right top bottom": [200, 900, 100, 400],
    "left top width height": [200, 100, 700, 300],
}


def read(value, order="top left bottom right", grid=THOUSAND):
    diagnostics = DiagnosticCollector()
    place = read_box(value, order, grid, "region 1", diagnostics)
    return place, [str(item) for item in diagnostics.items]


@pytest.mark.parametrize(("order", "numbers"), ORDERS.items())
def test_every_order_of_an_asymmetric_box(order, numbers):
    assert read(numbers, order) == (ASYMMETRIC, [])
    assert write_box(ASYMMETRIC, order, THOUSAND) == numbers


def test_width_and_height_of_the_grid_are_not_mixed_up():
    grid = Grid(width=900, height=450)
    assert write_box(ASYMMETRIC, "left top right bottom", grid) == [180, 45, 810, 180]
    assert read([180, 45, 810, 180], "left top right bottom", grid) == (ASYMMETRIC, [])


@given(st.sampled_from([512, 1000, 1024, 10_000]), st.sampled_from(list(places_by_box())))
def test_boxes_with_a_name_keep_it(side, box):
    grid = Grid(side, side)
    place, _ = read(write_box(box, "left top width height", grid), "left top width height", grid)
    assert place == box


@given(boxes, st.sampled_from(sorted(ORDERS)), st.integers(1, 2000), st.integers(1, 2000))
def test_what_is_written_is_read_as_the_same_numbers(box, order, width, height):
    grid = Grid(width, height)
    numbers = write_box(box, order, grid)
    place, said = read(numbers, order, grid)
    assert (write_box(place, order, grid), said) == (numbers, [])


@pytest.mark.parametrize(
    ("value", "place", "message"),
    [
        (None, Place(), "its box is missing; the middle of the picture is assumed"),
        ([1, 2, 3], Place(), "its box [1, 2, 3] is not four numbers; the middle of the picture is"),
        (["a", 0, 1, 1], Place(), "its box ['a', 0, 1, 1] is not four numbers"),
        ([500, 0, 500, 9], Place(), "its box [500, 0, 500, 9] covers nothing of the picture"),
        ([400, 900, 100, 200], ASYMMETRIC, "its box [400, 900, 100, 200] has swapped edges"),
        ([-5, 0, 1000, 2000], WHOLE_CANVAS, "its box [-5, 0, 1000, 2000] is clipped to the"),
    ],
)
def test_a_bad_box_is_reported_and_the_region_has_a_place(value, place, message):
    found, said = read(value)
    assert found == place
    assert [line.startswith(f"warning: region 1: {message}") for line in said] == [True]


@pytest.mark.parametrize("value", [[["100", 200.0, "400", 900]], [[[100, 200, 400, 900]]]])
def test_numbers_as_texts_and_nested_boxes_are_read(value):
    assert read(value) == (ASYMMETRIC, [])


@given(st.recursive(st.none() | st.integers() | st.floats() | st.text(), st.lists, max_leaves=6))
def test_any_value_gives_a_place(value):
    assert isinstance(read(value)[0], (Box, Place))
