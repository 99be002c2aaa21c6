"""Soft masks: white in the boxes, black beyond the edge, never outside of the picture."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib_omost.canvas.model import UNITS, WHOLE_CANVAS, Box
from lib_omost.canvas.soft_masks import draw_soft_mask, edge_width


def values(boxes, size):
    return np.asarray(draw_soft_mask(boxes, size))


@pytest.mark.parametrize(
    ("size", "width"), [((512, 768), 16), ((1024, 1024), 32), ((64, 64), 8), ((2048, 256), 8)]
)
def test_the_edge_is_a_32nd_of_the_shorter_side_and_at_least_a_latent_pixel(size, width):
    assert edge_width(size) == width


def test_the_mask_of_a_box():
    """In a picture of 90 pixels a unit is a pixel; the edge falls by an eighth with each pixel."""
    mask = values([Box(30, 60, 20, 40)], (90, 90))
    assert mask.shape == (90, 90)
    row = mask[45].tolist()
    assert row[10:20] == [0, 0, 16, 48, 80, 112, 143, 175, 207, 239]
    assert row[20:40] == [255] * 20
    assert row[40:50] == [239, 207, 175, 143, 112, 80, 48, 16, 0, 0]
    assert mask[:22, 30].tolist() == [0] * 22
    assert mask[28:32, 30].tolist() == [207, 239, 255, 255]


def test_corners_are_round():
    mask = values([Box(30, 60, 20, 40)], (90, 90))
    assert mask[29, 19] == 232  # half a pixel above and half a pixel beside: 1 - 0.71 / 8
    assert mask[24, 14] == 7  # 5.5 pixels above and beside


def test_an_edge_at_the_border_of_the_picture_is_cut_off():
    assert values([Box(0, 90, 0, 45)], (90, 90))[0, 43:47].tolist() == [255, 255, 239, 207]
    assert (values([WHOLE_CANVAS], (16, 24)) == 255).all()


def test_several_boxes_are_united():
    both = values([Box(0, 30, 0, 30), Box(20, 60, 20, 60)], (90, 90))
    alone = [values([box], (90, 90)) for box in (Box(0, 30, 0, 30), Box(20, 60, 20, 60))]
    assert (both == np.maximum(*alone)).all()


SIDES = st.tuples(st.floats(0, UNITS), st.floats(0, UNITS)).filter(lambda ends: ends[0] < ends[1])
SIZES = st.tuples(st.integers(1, 300), st.integers(1, 300))


@given(rows=SIDES, columns=SIDES, size=SIZES)
def test_geometry(rows, columns, size):
    mask = values([Box(*rows, *columns)], size)
    width, height = size
    assert mask.shape == (height, width)
    edge = edge_width(size)
    (top, bottom), (left, right) = rows, columns
    for y in range(0, height, 7):
        for x in range(0, width, 7):
            above = max(top * height / UNITS - y - 0.5, y + 0.5 - bottom * height / UNITS, 0)
            beside = max(left * width / UNITS - x - 0.5, x + 0.5 - right * width / UNITS, 0)
            if above == beside == 0:
                assert mask[y, x] == 255
            if above > edge or beside > edge:
                assert mask[y, x] == 0
