import itertools
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib_omost.canvas.model import Box, Canvas, Place, Region
from lib_omost.canvas.preview import draw, draw_blurred, pixel_box
from tests.canvas.strategies import boxes, file_canvases

RED, BLUE, NAVY = (255, 0, 0), (0, 0, 255), (0, 0, 128)
LEFT = Region(description="A red circle.", place=Box(0, 90, 0, 45), color=RED, distance_to_viewer=9)
LOW = Region(description="A blue square.", place=Box(60, 90, 0, 90), color=BLUE)


def test_regions_are_painted_at_70_percent_from_far_to_near():
    picture = draw(Canvas(description="", color=NAVY, regions=(LOW, LEFT)), (90, 90))
    assert picture.size == (90, 90)
    assert picture.getpixel((89, 0)) == NAVY
    assert picture.getpixel((0, 0)) == (178, 0, 38)  # 0.7 red + 0.3 navy
    assert picture.getpixel((89, 89)) == (0, 0, 216)  # 0.7 blue + 0.3 navy
    assert picture.getpixel((0, 89)) == (53, 0, 189)  # 0.7 blue + 0.3 of what was there


def test_region_edges_are_rounded_to_pixels_at_other_aspect_ratios():
    picture = draw(Canvas(description="", regions=(LEFT, LOW)), (520, 776))
    assert picture.getpixel((259, 516)) != picture.getpixel((260, 516))
    assert picture.getpixel((519, 516)) != picture.getpixel((519, 517))


def test_outlines_and_labels_are_drawn_only_when_asked_for():
    canvas = Canvas(description="", color=NAVY, regions=(LEFT, LOW))
    plain, outlined = draw(canvas, (512, 512)), draw(canvas, (512, 512), outlines=True)
    assert len(plain.getcolors()) == 4
    assert outlined.getpixel((0, 511)) == (0, 0, 0)
    assert RED in {color for _, color in outlined.getcolors(512 * 512)}  # the chip's ground


def test_hidden_regions_are_not_drawn():
    hidden = replace(LOW, hidden=True, distance_to_viewer=99)
    canvas = Canvas(description="", color=NAVY, regions=(LEFT, hidden))
    without = Canvas(description="", color=NAVY, regions=(LEFT,))
    assert draw(canvas, (90, 90), outlines=True) == draw(without, (90, 90), outlines=True)


@pytest.mark.parametrize("size", [(1, 1), (64, 64), (1024, 8), (7, 300)])
def test_labels_fit_any_size(size):
    regions = (LEFT, LOW, Region(description="日本 \n" + "x" * 500, place=Place()))
    assert draw(Canvas(description="", regions=regions), size, outlines=True).size == size


@pytest.mark.parametrize("size", [(0, 5), (5, 0), (9000, 5)])
def test_an_invalid_picture_size_is_refused(size):
    with pytest.raises(ValueError, match="sides must be 1 to 8192"):
        draw(Canvas(description=""), size)


def test_the_blurred_preview_has_no_hard_edge():
    canvas = Canvas(description="", color=NAVY, regions=(LEFT,))
    row = [draw_blurred(canvas, (128, 128)).getpixel((x, 64))[0] for x in range(128)]
    assert row[0] > 150 > row[127]
    assert max(a - b for a, b in itertools.pairwise(row)) < 20
    assert draw_blurred(canvas, (128, 128), radius=0).getpixel((63, 0)) == (178, 0, 38)


@given(boxes, st.integers(1, 2000), st.integers(1, 2000))
def test_every_region_has_at_least_one_pixel_inside_the_picture(box, width, height):
    left, top, right, bottom = pixel_box(box, (width, height))
    assert 0 <= left < right <= width
    assert 0 <= top < bottom <= height


@given(file_canvases)
def test_every_canvas_can_be_drawn(canvas):
    assert draw(canvas, (40, 30), outlines=True).size == (40, 30)
