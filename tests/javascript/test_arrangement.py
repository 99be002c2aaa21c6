"""Properties of boxes that are moved, resized and arranged together."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib_omost.canvas.model import UNITS, Box, Place
from lib_omost.canvas.vocabulary import LOCATIONS, OFFSETS
from tests.canvas.strategies import places

_sides = st.lists(st.integers(0, UNITS), min_size=2, max_size=2, unique=True).map(sorted)
whole_boxes = st.builds(lambda y, x: [*y, *x], _sides, _sides)
free = st.lists(whole_boxes.map(lambda box: {"box": box}), min_size=2, max_size=6)
shifts = st.floats(-120, 120)


def named(place: Place) -> dict[str, str]:
    return {"location": place.location, "offset": place.offset, "area": place.area}


def as_boxes(regions):
    return [
        {"top": top, "bottom": bottom, "left": left, "right": right}
        for top, bottom, left, right in (region["box"] for region in regions)
    ]


def size(box):
    return box["right"] - box["left"], box["bottom"] - box["top"]


@settings(max_examples=60)
@given(free, shifts, shifts)
def test_boxes_that_move_together_keep_their_sizes_and_distances(scripts, regions, dx, dy):
    moved = scripts("omostBoxes.moveTogether", regions, dx, dy, False)
    shift = [
        [after - before for before, after in zip(old["box"], new["box"], strict=True)]
        for old, new in zip(regions, moved, strict=True)
    ]
    assert all(one == shift[0] for one in shift)
    assert all(0 <= side <= UNITS for region in moved for side in region["box"])


@settings(max_examples=60)
@given(st.lists(places.map(named), min_size=2, max_size=4), shifts, shifts)
def test_named_places_that_move_together_keep_their_areas_and_distances(scripts, regions, dx, dy):
    moved = scripts("omostBoxes.moveTogether", regions, dx, dy, True)
    steps = set()
    for old, new in zip(regions, moved, strict=True):
        assert new["area"] == old["area"]
        before, after = centre(old), centre(new)
        steps.add((after[0] - before[0], after[1] - before[1]))
    assert len(steps) == 1


def centre(region):
    location, offset = LOCATIONS[region["location"]], OFFSETS[region["offset"]]
    return location[0] + offset[0], location[1] + offset[1]


@settings(max_examples=60)
@given(
    free,
    st.sampled_from(["n", "s", "w", "e", "nw", "ne", "sw", "se"]),
    shifts,
    shifts,
    st.booleans(),
)
def test_resized_regions_are_readable_places(scripts, regions, edges, dx, dy, snap):
    for region in scripts("omostBoxes.resizeTogether", regions, edges, dx, dy, snap):
        if "box" in region:
            Box(*region["box"])
        else:
            Place(**region)


@pytest.mark.parametrize("side", ["left", "right", "top", "bottom"])
@settings(max_examples=30)
@given(free)
def test_aligned_boxes_share_a_side_and_keep_their_sizes(scripts, side, regions):
    boxes = as_boxes(regions)
    aligned = scripts("omostAlignment.align", boxes, side)
    assert len({box[side] for box in aligned}) == 1
    assert [size(box) for box in aligned] == [size(box) for box in boxes]


@settings(max_examples=60)
@given(free)
def test_distributed_boxes_have_equal_gaps_between_the_outer_ones(scripts, regions):
    boxes = as_boxes(regions)
    after = scripts("omostAlignment.distribute", boxes, "x")
    order = sorted(range(len(boxes)), key=lambda i: boxes[i]["left"] + boxes[i]["right"])
    gaps = [after[right]["left"] - after[left]["right"] for left, right in pairwise(order)]
    assert max(gaps) - min(gaps) < 1e-6
    for end in (order[0], order[-1]):
        assert after[end] == pytest.approx(boxes[end])


@settings(max_examples=60)
@given(free)
def test_equal_sizes_lie_within_the_picture(scripts, regions):
    boxes = as_boxes(regions)
    equal = scripts("omostAlignment.equalize", boxes)
    assert {size(box) for box in equal} == {size(boxes[-1])}
    assert all(0 <= side <= UNITS for box in equal for side in box.values())
