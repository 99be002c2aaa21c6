"""The comparison maths of the conformance runner."""

import numpy as np
import pytest

from tests.conformance.compare import (
    identical,
    inside,
    inside_outside,
    level,
    max_difference,
    mean_difference,
    pixels_changed,
)

LEFT_HALF = (0, 90, 0, 45)


def test_inside_takes_the_pixels_whose_centres_lie_in_the_box():
    assert inside(LEFT_HALF, 1, 4).tolist() == [[True, True, False, False]]
    assert inside((0, 90, 0, 30), 1, 3).tolist() == [[True, False, False]]
    # The middle pixel of five has its centre at 45: the box ends before it.
    assert inside(LEFT_HALF, 1, 5).tolist() == [[True, True, False, False, False]]


def test_level_halves_with_ceil():
    assert level((65, 97), 65 * 97) == (65, 97)
    assert level((65, 97), 33 * 49) == (33, 49)
    assert level((65, 97), 9 * 13) == (9, 13)
    with pytest.raises(ValueError, match="no level"):
        level((65, 97), 100)


def test_differences():
    a, b = np.array([0, 10], np.uint8), np.array([10, 0], np.uint8)
    assert mean_difference(a, b) == 10
    assert max_difference(a, b) == 10
    assert max_difference(a, np.zeros(3, np.uint8)) == float("inf")
    assert max_difference(np.zeros(0), np.zeros(0)) == 0


def test_identical_wants_as_many_pictures():
    picture = np.zeros((2, 2, 3), np.uint8)
    assert identical([picture], [picture.copy()])
    assert not identical([picture], [picture, picture])
    assert not identical([picture], [picture + 1])


def test_pixels_changed_in_any_channel():
    a = np.zeros((3, 2))
    b = a.copy()
    b[1, 1] = 1e-30
    assert pixels_changed(a, b).tolist() == [False, True, False]
    assert not pixels_changed(a, b, tolerance=1e-4).any()


def test_inside_outside_compares_the_change_per_pixel():
    before = np.zeros((4, 1, 4))
    after = np.broadcast_to(np.array([6.0, 6.0, 2.0, 2.0]), (4, 1, 4))
    assert inside_outside(before, after, LEFT_HALF) == 3
    assert inside_outside(before, before, LEFT_HALF) == 0
