"""A crop of a picture gets its own part of the canvas."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib_omost.canvas.crops import Crop, cut_box, cut_canvas
from lib_omost.canvas.model import Box, Canvas, Region
from tests.canvas.strategies import boxes, file_canvases

WHOLE = Crop(top=0, bottom=90, left=0, right=90)
LOWER_RIGHT = Crop(top=30, bottom=90, left=45, right=75)  # 60 units high, 30 wide

_edges = st.lists(st.integers(0, 90), min_size=2, max_size=2, unique=True).map(sorted)
crops = st.builds(lambda rows, columns: Crop(*rows, *columns), _edges, _edges)


@pytest.mark.parametrize(
    ("box", "part"),
    [
        (Box(top=30, bottom=60, left=45, right=60), Box(top=0, bottom=45, left=0, right=45)),
        (Box(top=40, bottom=50, left=50, right=70), Box(top=15, bottom=30, left=15, right=75)),
        (Box(top=0, bottom=40, left=0, right=55), Box(top=0, bottom=15, left=0, right=30)),
        (Box(top=80, bottom=90, left=70, right=90), Box(top=75, bottom=90, left=75, right=90)),
        (Box(top=0, bottom=90, left=0, right=90), Box(top=0, bottom=90, left=0, right=90)),
    ],
    ids=["at its corner", "within it", "beyond its top left", "beyond its right", "around it"],
)
def test_the_part_of_a_box_in_a_crop(box, part):
    assert cut_box(box, LOWER_RIGHT) == part


@pytest.mark.parametrize(
    "box",
    [
        Box(top=0, bottom=30, left=45, right=75),
        Box(top=30, bottom=90, left=75, right=90),
        Box(top=0, bottom=29, left=0, right=44),
        Box(top=0, bottom=30.5, left=45, right=75),
    ],
    ids=["above", "on the right", "at the corner", "less than one unit of the crop inside"],
)
def test_a_box_outside_of_a_crop_has_no_part(box):
    assert cut_box(box, LOWER_RIGHT) is None


def test_a_box_that_is_not_cut_may_be_narrow():
    box = Box(top=30, bottom=90, left=50, right=50.25)
    assert cut_box(box, LOWER_RIGHT) == Box(top=0, bottom=90, left=15, right=15.75)


def test_pixels_become_canvas_units():
    crop = Crop.from_pixels((256, 64), (512, 128), picture=(1024, 256))
    assert crop == Crop(top=22.5, bottom=67.5, left=22.5, right=67.5)


def test_a_tile_may_be_larger_than_its_picture():
    """SD upscale paints a small picture in the lower right corner of one tile."""
    crop = Crop.from_pixels((-100, -300), (200, 400), picture=(100, 100))
    box = Box(top=45, bottom=90, left=0, right=90)
    assert cut_box(box, crop) == Box(top=78.75, bottom=90, left=45, right=90)


def test_regions_outside_are_dropped_and_all_texts_stay():
    bird = Region(description="A bird.", place=Box(0, 20, 0, 20), distance_to_viewer=3, tags="bird")
    boat = Region(
        description="A boat.", place=Box(40, 50, 50, 70), distance_to_viewer=2, tags="boat"
    )
    canvas = Canvas(description="A lake.", tags="lake", color=(1, 2, 3), regions=(bird, boat))
    assert cut_canvas(canvas, LOWER_RIGHT) == Canvas(
        description="A lake.",
        tags="lake",
        color=(1, 2, 3),
        regions=(
            Region(
                description="A boat.",
                place=Box(top=15, bottom=30, left=15, right=75),
                distance_to_viewer=2,
                tags="boat",
            ),
        ),
    )


@given(file_canvases)
def test_the_crop_of_the_whole_picture_has_the_same_canvas(canvas):
    assert cut_canvas(canvas, WHOLE) == canvas


def area(box):
    return (box.bottom - box.top) * (box.right - box.left)


@given(boxes, crops)
def test_a_part_covers_the_same_area_of_the_picture(box, crop):
    """Up to slivers, which are dropped."""
    shared = max(min(box.bottom, crop.bottom) - max(box.top, crop.top), 0) * max(
        min(box.right, crop.right) - max(box.left, crop.left), 0
    )
    part = cut_box(box, crop)
    painted = area(part) * area(crop) / area(WHOLE) if part else 0
    sliver = 0 if part else area(crop) / 90
    assert painted == pytest.approx(shared, rel=1e-9, abs=sliver + 1e-9)
