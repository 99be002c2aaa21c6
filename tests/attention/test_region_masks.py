"""Region masks, area scales, overlap and condition weights."""

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st

from lib_omost.attention.region_masks import (
    area_scales,
    build_region_masks,
    condition_weights,
    level_size,
    overlap_shares,
)
from lib_omost.attention.regional_options import RegionalOptions
from lib_omost.canvas.model import WHOLE_CANVAS, Box
from tests.attention.examples import LEFT, RIGHT


@st.composite
def free_boxes(draw: st.DrawFn) -> Box:
    sides = st.floats(0, 90, allow_nan=False)
    top, bottom = sorted(draw(st.lists(sides, min_size=2, max_size=2, unique=True)))
    left, right = sorted(draw(st.lists(sides, min_size=2, max_size=2, unique=True)))
    return Box(top, bottom, left, right)


@st.composite
def grid_boxes(draw: st.DrawFn) -> Box:
    sides = st.lists(st.integers(0, 90), min_size=2, max_size=2, unique=True)
    top, bottom = sorted(draw(sides))
    left, right = sorted(draw(sides))
    return Box(top, bottom, left, right)


def as_rows(mask: torch.Tensor) -> list[str]:
    return ["".join("#" if pixel else "." for pixel in row) for row in mask.tolist()]


@pytest.mark.parametrize(
    ("latent", "levels"),
    [
        ((64, 64), [(64, 64), (32, 32), (16, 16), (8, 8)]),
        # 520 x 776 pixels: every halving rounds up.
        ((65, 97), [(65, 97), (33, 49), (17, 25), (9, 13)]),
        ((1, 3), [(1, 3), (1, 2), (1, 1)]),
    ],
)
def test_a_level_is_found_by_its_number_of_pixels(latent, levels):
    assert [level_size(latent, h * w) for h, w in levels] == levels


@given(st.integers(1, 300), st.integers(1, 300))
def test_no_two_levels_have_the_same_number_of_pixels(height, width):
    levels = [(height, width)]
    while levels[-1] != (1, 1):
        levels.append(tuple((side + 1) // 2 for side in levels[-1]))
    assert [level_size((height, width), h * w) for h, w in levels] == levels


@pytest.mark.parametrize("pixels", [0, 2, 64 * 64 + 1, 1000])
def test_a_number_of_pixels_without_a_level_is_refused(pixels):
    with pytest.raises(ValueError, match=f"no level of a 64 x 64 latent has {pixels} pixels"):
        level_size((64, 64), pixels)


def test_masks_of_halves_and_of_the_whole():
    assert [as_rows(mask) for mask in build_region_masks([WHOLE_CANVAS, LEFT, RIGHT], (2, 4))] == [
        ["####", "####"],
        ["##..", "##.."],
        ["..##", "..##"],
    ]


@given(grid_boxes(), st.integers(1, 140), st.integers(1, 140))
def test_a_mask_is_the_90_x_90_mask_resized_nearest_exact(box, height, width):
    canvas = torch.zeros(90, 90)
    canvas[box.top : box.bottom, box.left : box.right] = 1
    resized = F.interpolate(canvas[None, None], size=(height, width), mode="nearest-exact")[0, 0]
    mask = build_region_masks([box], (height, width))[0]
    if resized.any():
        assert torch.equal(mask, resized.bool())
    else:
        assert mask.any()


@given(free_boxes(), st.integers(1, 140), st.integers(1, 140))
def test_every_box_covers_a_pixel_at_every_size(box, height, width):
    assert build_region_masks([box], (height, width)).any()


def test_a_box_between_pixels_covers_the_pixel_nearest_to_its_centre():
    sliver = Box(top=50, bottom=55, left=80, right=82)
    assert as_rows(build_region_masks([sliver], (4, 4))[0]) == ["....", "....", "...#", "...."]


def test_a_thin_box_keeps_its_length():
    strip = Box(top=44, bottom=46, left=0, right=60)
    assert as_rows(build_region_masks([strip], (3, 3))[0]) == ["...", "##.", "..."]


def test_area_scales_are_image_area_divided_by_region_area():
    quarter = Box(0, 45, 0, 45)
    assert area_scales(build_region_masks([WHOLE_CANVAS, LEFT, quarter], (4, 4))) == (1.0, 2.0, 4.0)
    assert area_scales(build_region_masks([WHOLE_CANVAS, LEFT, quarter], (4, 4)), 0.5) == (
        1.0,
        2.0**0.5,
        2.0,
    )


FAR = Box(0, 90, 0, 67.5)  # the left three columns of 4 x 4
NEAR = Box(0, 90, 45, 90)  # the right two


@pytest.mark.parametrize(
    ("overlap", "far", "near"),
    [
        ("all", [1, 1, 1, 0], [0, 0, 1, 1]),
        ("overlay", [1, 1, 0, 0], [0, 0, 1, 1]),
        ("average", [1, 1, 0.5, 0], [0, 0, 0.5, 1]),
    ],
)
def test_overlap_of_two_regions(overlap, far, near):
    shares = overlap_shares(build_region_masks([FAR, NEAR], (4, 4)), overlap)
    assert shares.tolist() == [[far] * 4, [near] * 4]


def test_strengths_multiply_shares_and_the_global_condition_ignores_overlap():
    options = RegionalOptions(overlap="average", global_strength=0.5, region_strength=2)
    weight = condition_weights(build_region_masks([WHOLE_CANVAS, FAR, NEAR], (4, 4)), options)
    assert weight[:, 0].tolist() == [[0.5] * 4, [2, 2, 1, 0], [0, 0, 1, 2]]


def test_a_pixel_without_weight_gets_the_global_condition():
    options = RegionalOptions(global_strength=0)
    assert condition_weights(build_region_masks([WHOLE_CANVAS, LEFT], (1, 4)), options)[
        0
    ].tolist() == [[0, 0, 1, 1]]


def test_the_prompt_box_has_weight_one_at_every_pixel():
    options = RegionalOptions(global_strength=0)
    weight = condition_weights(
        build_region_masks([WHOLE_CANVAS, LEFT], (1, 4)), options, with_prompt_box=True
    )
    assert weight[:, 0].tolist() == [[0, 0, 0, 0], [1, 1, 0, 0], [1, 1, 1, 1]]


def test_a_canvas_without_regions_has_only_the_global_condition():
    assert condition_weights(
        build_region_masks([WHOLE_CANVAS], (2, 2)), RegionalOptions()
    ).tolist() == [[[1, 1], [1, 1]]]


@pytest.mark.parametrize("strength", [-0.1, 2e6, float("nan"), float("inf")])
def test_an_invalid_strength_is_refused(strength):
    with pytest.raises(ValueError, match="a strength must be a number from 0 to 1e"):
        RegionalOptions(region_strength=strength)
