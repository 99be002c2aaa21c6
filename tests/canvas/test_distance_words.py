"""Distances in words and with units."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib_omost.canvas.distance_words import DistanceMatch, match_distance


@pytest.mark.parametrize(
    ("written", "distance"), [("5 m", 5), ("about 2.5 meters", 2.5), ("2,5", 2.5), ("３", 3)]
)
def test_numbers_with_a_unit(written, distance):
    assert match_distance(written) == DistanceMatch(distance)


@pytest.mark.parametrize(
    ("written", "distance"),
    [
        ("near", 1),
        ("very close", 0.5),
        ("in the foreground", 1),
        ("medium", 5),
        ("far away", 10),
        ("Very far", 20),
        ("近", 1),
        ("远处", 10),
        ("lejos", 10),
    ],
)
def test_words_are_guesses(written, distance):
    assert match_distance(written) == DistanceMatch(distance, certain=False)


@pytest.mark.parametrize(
    "written", ["", "0", "-3", "3 to 5", "3-5", "near and far", "by the moon", "9" * 100]
)
def test_what_names_no_distance(written):
    assert match_distance(written) is None


@given(st.text())
def test_any_text_is_read_or_not_known(text):
    match = match_distance(text)
    assert match is None or match.distance > 0
