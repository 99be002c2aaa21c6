"""When cells are merged, and how much work the choice takes."""

import functools
import random
from itertools import combinations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from lib_omost.attention import cell_merging
from lib_omost.attention.cell_merging import merge
from lib_omost.attention.cells import Cell, cells
from lib_omost.attention.costs import CPU, CUDA, SEPARATE, TOGETHER, Costs
from lib_omost.attention.region_masks import masks, weights
from lib_omost.attention.regional_options import RegionalOptions
from lib_omost.canvas.model import WHOLE, Box
from tests.attention.test_cells import WEIGHTS, as_dict
from tests.attention.test_region_masks import grid_boxes


def test_separate_cells_stay_and_together_is_one_masked_cell():
    parts = cells(WEIGHTS)
    assert as_dict(merge(parts, [9, 9, 9], SEPARATE)) == as_dict(parts)
    (whole,) = merge(parts, [9, 9, 9], TOGETHER)
    assert whole.mixed
    assert as_dict([whole]) == {(0, 1, 2): [0, 1, 2, 3]}


def test_a_single_cell_needs_no_mask():
    (whole,) = merge(cells(torch.ones(2, 4)), [9, 9], TOGETHER)
    assert not whole.mixed


def test_the_pair_that_saves_most_is_merged():
    # Merging makes pixel 0 meet the first region's 10 tokens for nothing, pixel 3 likewise; any
    # other pair wastes 20 or more.
    lengths = [10, 10, 20]
    assert len(merge(cells(WEIGHTS), lengths, Costs(call=9, token=0, mask=0))) == 4
    assert as_dict(merge(cells(WEIGHTS), lengths, Costs(call=11, token=0, mask=0))) == {
        (0, 1): [0, 1],
        (0, 1, 2): [2, 3],
    }


def test_more_rows_make_merging_dearer():
    costs = Costs(call=11, token=0, mask=0)
    assert len(merge(cells(WEIGHTS), [10, 10, 20], costs, rows=2)) == 4


def test_a_device_whose_calls_are_dear_makes_fewer():
    weights = torch.ones(7, 64, 64)
    for region in range(1, 7):
        weights[region] = 0
        weights[region, 6 * region : 6 * region + 30, 5 * region : 5 * region + 32] = 1
    parts = cells(weights.flatten(1))
    counts = [
        len(merge(parts, [308] * 7, costs, channels=320))
        for costs in (SEPARATE, CPU, CUDA, TOGETHER)
    ]
    assert counts == sorted(counts, reverse=True)
    assert counts[1] > counts[2] > counts[3] == 1


def merged_pair_by_pair(parts, lengths, costs, rows, channels):
    """The rule written out: weigh all pairs, merge the first of the best, begin again."""
    merged = list(parts)

    def cost(pixels, conditions, mixed):
        return costs.of(rows * pixels, sum(lengths[c] for c in conditions), channels, mixed)

    def union(pair):
        pixels = torch.cat([cell.pixels for cell in pair]).sort().values
        conditions = {c for cell in pair for c in cell.conditions}
        return Cell(pixels, tuple(sorted(conditions)), mixed=True)

    @functools.cache
    def saving(pair):
        apart = sum(cost(len(cell.pixels), cell.conditions, cell.mixed) for cell in pair)
        both = union(pair)
        return apart - cost(len(both.pixels), both.conditions, both.mixed)

    while len(merged) > 1:
        best = max(combinations(merged, 2), key=saving)
        if saving(best) <= 0:
            break
        merged = [cell for cell in merged if cell not in best] + [union(best)]
    return merged


@settings(max_examples=60)
@given(
    boxes=st.lists(grid_boxes(), max_size=9),
    tokens=st.lists(st.integers(1, 4), min_size=10, max_size=10),
    size=st.sampled_from([(2, 3), (9, 13), (16, 16)]),
    costs=st.sampled_from(
        [CPU, CUDA, SEPARATE, Costs(9, 0, 0), Costs(1e5, 3, 0.1), Costs(1e6, 0, 0)]
    ),
    rows=st.integers(1, 2),
    channels=st.sampled_from([1, 320]),
)
def test_merging_finds_what_weighing_all_pairs_finds(boxes, tokens, size, costs, rows, channels):
    weight = weights(masks([WHOLE, *boxes], size), RegionalOptions()).flatten(1)
    lengths = [77 * n for n in tokens[: len(boxes) + 1]]
    parts = cells(weight)
    found = merge(parts, lengths, costs, rows, channels)
    expected = merged_pair_by_pair(parts, lengths, costs, rows, channels)
    assert [(c.pixels.tolist(), c.conditions, c.mixed) for c in found] == [
        (c.pixels.tolist(), c.conditions, c.mixed) for c in expected
    ]


@settings(max_examples=300)
@given(
    pixels=st.lists(st.integers(0, 31), min_size=1, max_size=24),
    lengths=st.lists(st.integers(1, 2), min_size=6, max_size=6),
    call=st.integers(1, 12),
)
def test_of_pairs_that_save_the_same_the_first_is_merged(pixels, lengths, call):
    """Small numbers, so that many pairs save the same; the bits of a pixel are its regions."""
    weight = torch.tensor([[1, *((pixel >> bit) & 1 for bit in range(5))] for pixel in pixels]).T
    parts, costs = cells(weight), Costs(call, 0, 0)
    found = merge(parts, lengths, costs)
    expected = merged_pair_by_pair(parts, lengths, costs, 1, 1)
    assert [cell.pixels.tolist() for cell in found] == [cell.pixels.tolist() for cell in expected]


def canvas_of(regions):
    """Boxes of 20 to 45 units a side at random places."""
    chance = random.Random(0)
    boxes = [WHOLE]
    for _ in range(regions):
        height, width = chance.randint(20, 45), chance.randint(20, 45)
        top, left = chance.randint(0, 90 - height), chance.randint(0, 90 - width)
        boxes.append(Box(top, top + height, left, left + width))
    return boxes


@pytest.mark.parametrize("costs", [CPU, CUDA])
def test_work_grows_with_the_pairs_and_not_faster(monkeypatch, costs):
    """Twice the cells have four times the pairs; weighing all at each merge would be eight."""
    comparisons, pairs = [], []

    def counting(self, place, others, savings=cell_merging.CellPairs._savings):
        found = savings(self, place, others)
        comparisons[-1].append(len(found))
        return found

    monkeypatch.setattr(cell_merging.CellPairs, "_savings", counting)
    for regions in (25, 50, 100):
        boxes = canvas_of(regions)
        weight = weights(masks(boxes, (64, 64)), RegionalOptions()).flatten(1)
        parts = cells(weight)
        comparisons.append([])
        merge(parts, [77] * len(boxes), costs, channels=320)
        pairs.append(len(parts) ** 2 / 2)
        assert len(comparisons[-1]) < 5 * len(parts)
    assert pairs[2] > 4 * pairs[0]
    for weighed, all_pairs in zip(comparisons, pairs, strict=True):
        assert sum(weighed) < 4 * all_pairs
