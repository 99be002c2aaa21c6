import itertools

import pytest

from lib_omost.canvas import vocabulary
from lib_omost.canvas.model import Box, Canvas, Place, Region

NAMES = list(itertools.product(vocabulary.LOCATIONS, vocabulary.OFFSETS, vocabulary.AREAS))


def test_hidden_regions_are_in_the_canvas_but_not_in_the_picture():
    sky = Region(description="sky", place=Place(), distance_to_viewer=9, hidden=True)
    boat = Region(description="boat", place=Place(), distance_to_viewer=2)
    pier = Region(description="pier", place=Place(), distance_to_viewer=5)
    canvas = Canvas(description="", regions=(sky, boat, pier))
    assert canvas.far_to_near() == (pier, boat)
    assert canvas.without_hidden().regions == (boat, pier)


def test_the_nearest_region_has_the_number_1():
    distances = [1.0, 3.0, 1.0, 2.0]
    regions = (Region(description="", place=Place(), distance_to_viewer=d) for d in distances)
    assert Canvas(description="", regions=tuple(regions)).depth_numbers() == (2, 4, 1, 3)


def test_there_are_729_places():
    assert len(NAMES) == len(set(NAMES)) == 729


SIZES = {
    "a small square area": (50, 50),
    "a small vertical area": (40, 60),
    "a small horizontal area": (60, 40),
    "a medium-sized square area": (60, 60),
    "a medium-sized vertical area": (50, 80),
    "a medium-sized horizontal area": (80, 50),
    "a large square area": (70, 70),
    "a large vertical area": (60, 90),
    "a large horizontal area": (90, 60),
}


def test_the_box_of_a_place_is_its_area_centred_at_location_plus_offset():
    for location, offset, area in NAMES:
        x = 45 + 30 * (("right" in location) - ("left" in location))
        y = 45 + 30 * (("bottom" in location) - ("top" in location))
        x += 10 * (("right" in offset) - ("left" in offset))
        y += 10 * (("lower" in offset) - ("upper" in offset))
        width, height = SIZES[area]
        assert Place(location, offset, area).box == Box(
            top=max(0, y - height / 2),
            bottom=min(90, y + height / 2),
            left=max(0, x - width / 2),
            right=min(90, x + width / 2),
        ), (location, offset, area)


def test_the_box_of_a_known_place():
    assert Place("on the left", "slightly to the lower", "a medium-sized vertical area").box == Box(
        top=15, bottom=90, left=0, right=40
    )


@pytest.mark.parametrize("name", ["somewhere", "", "On the left"])
def test_an_unknown_location_is_refused(name):
    with pytest.raises(ValueError, match="not a known location"):
        Place(location=name)


@pytest.mark.parametrize(
    "sides",
    [
        (0, 91, 0, 90),
        (-1, 9, 0, 9),
        (9, 9, 0, 9),
        (0, 9, 9, 3),
        (0, float("nan"), 0, 9),
        (0, 10**400, 0, 9),
    ],
)
def test_a_box_off_the_canvas_or_without_area_is_refused(sides):
    with pytest.raises(ValueError, match="box"):
        Box(*sides)


def test_a_free_box_that_equals_the_box_of_a_place_becomes_that_place():
    region = Region(description="", place=Box(20, 70, 20, 70))
    assert region.place == Place("in the center", "no offset", "a small square area")


def test_a_free_box_that_equals_no_place_stays_free():
    assert Region(description="", place=Box(1, 2, 3, 4)).place == Box(1, 2, 3, 4)


@pytest.mark.parametrize("distance", [0, -1, float("nan"), float("inf"), 10**400])
def test_a_distance_must_be_above_0(distance):
    with pytest.raises(ValueError, match="above 0"):
        Region(description="", place=Place(), distance_to_viewer=distance)


def test_a_colour_needs_three_values_from_0_to_255():
    with pytest.raises(ValueError, match="0 to 255"):
        Canvas(description="", color=(0, 0, 256))


def test_far_to_near_keeps_the_order_of_regions_with_equal_distance():
    def region(name, distance):
        return Region(description=name, place=Place(), distance_to_viewer=distance)

    canvas = Canvas(
        description="", regions=(region("a", 1), region("b", 5), region("c", 1), region("d", 9))
    )
    assert [r.description for r in canvas.far_to_near()] == ["d", "b", "a", "c"]
