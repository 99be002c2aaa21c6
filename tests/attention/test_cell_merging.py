"""Merging of cells: the chosen pairs and the work that the choice takes."""

import functools
import random
from itertools import combinations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from lib_omost.attention import cell_merging
from lib_omost.attention.cell_merging import merge_cells
from lib_omost.attention.cells import Cell, build_cells
from lib_omost.attention.costs import CPU_COSTS, CUDA_COSTS, MERGE_ALL, NEVER_MERGE, AttentionCosts
from lib_omost.attention.region_masks import build_region_masks, condition_weights
from lib_omost.attention.regional_options import RegionalOptions
from lib_omost.canvas.model import WHOLE_CANVAS, Box
from tests.attention.test_cells import WEIGHTS, as_dict
from tests.attention.test_region_masks import grid_boxes


def test_never_merge_keeps_all_cells_and_merge_all_makes_one_masked_cell():
    cells = build_cells(WEIGHTS)
    assert as_dict(merge_cells(cells, [9, 9, 9], NEVER_MERGE)) == as_dict(cells)
    (whole,) = merge_cells(cells, [9, 9, 9], MERGE_ALL)
    assert whole.masked
    assert as_dict([whole]) == {(0, 1, 2): [0, 1, 2, 3]}


def test_a_single_cell_needs_no_mask():
    (whole,) = merge_cells(build_cells(torch.ones(2, 4)), [9, 9], MERGE_ALL)
    assert not whole.masked


def test_the_pair_that_saves_most_is_merged_first():
    # A merge of pixels 0 and 1 wastes 10 query-key products, likewise pixels 2 and 3; every other
    # pair wastes 20 or more.
    lengths = [10, 10, 20]
    cells = build_cells(WEIGHTS)
    assert len(merge_cells(cells, lengths, AttentionCosts(call=9, token=0, mask=0))) == 4
    merged = merge_cells(cells, lengths, AttentionCosts(call=11, token=0, mask=0))
    assert as_dict(merged) == {(0, 1): [0, 1], (0, 1, 2): [2, 3]}


def test_more_batch_rows_make_merging_more_expensive():
    costs = AttentionCosts(call=11, token=0, mask=0)
    assert len(merge_cells(build_cells(WEIGHTS), [10, 10, 20], costs, rows=2)) == 4


def test_higher_call_costs_leave_fewer_cells():
    weights = torch.ones(7, 64, 64)
    for region in range(1, 7):
        weights[region] = 0
        weights[region, 6 * region : 6 * region + 30, 5 * region : 5 * region + 32] = 1
    cells = build_cells(weights.flatten(1))
    counts = [
        len(merge_cells(cells, [308] * 7, costs, channels=320))
        for costs in (NEVER_MERGE, CPU_COSTS, CUDA_COSTS, MERGE_ALL)
    ]
    assert counts == sorted(counts, reverse=True)
    assert counts[1] > counts[2] > counts[3] == 1


def merge_by_comparing_all_pairs(cells, lengths, costs, rows, channels):
    """Merges by the literal rule: compare all pairs, merge the first of the best, repeat."""
    merged = list(cells)

    def cost(pixels, conditions, masked):
        tokens = sum(lengths[c] for c in conditions)
        return costs.attention_cost(rows * pixels, tokens, channels, masked)

    def union(pair):
        pixels = torch.cat([cell.pixels for cell in pair]).sort().values
        conditions = {c for cell in pair for c in cell.conditions}
        return Cell(pixels, tuple(sorted(conditions)), masked=True)

    @functools.cache
    def saving(pair):
        separate = sum(cost(len(cell.pixels), cell.conditions, cell.masked) for cell in pair)
        both = union(pair)
        return separate - cost(len(both.pixels), both.conditions, both.masked)

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
        [
            CPU_COSTS,
            CUDA_COSTS,
            NEVER_MERGE,
            AttentionCosts(9, 0, 0),
            AttentionCosts(1e5, 3, 0.1),
            AttentionCosts(1e6, 0, 0),
        ]
    ),
    rows=st.integers(1, 2),
    channels=st.sampled_from([1, 320]),
)
def test_merging_equals_the_comparison_of_all_pairs(boxes, tokens, size, costs, rows, channels):
    masks = build_region_masks([WHOLE_CANVAS, *boxes], size)
    weights = condition_weights(masks, RegionalOptions()).flatten(1)
    lengths = [77 * n for n in tokens[: len(boxes) + 1]]
    cells = build_cells(weights)
    found = merge_cells(cells, lengths, costs, rows, channels)
    expected = merge_by_comparing_all_pairs(cells, lengths, costs, rows, channels)
    assert [(c.pixels.tolist(), c.conditions, c.masked) for c in found] == [
        (c.pixels.tolist(), c.conditions, c.masked) for c in expected
    ]


@settings(max_examples=300)
@given(
    pixels=st.lists(st.integers(0, 31), min_size=1, max_size=24),
    lengths=st.lists(st.integers(1, 2), min_size=6, max_size=6),
    call=st.integers(1, 12),
)
def test_the_first_of_equally_good_pairs_is_merged(pixels, lengths, call):
    """Small numbers make many pairs equally good; the bits of a pixel are its regions."""
    weight = torch.tensor([[1, *((pixel >> bit) & 1 for bit in range(5))] for pixel in pixels]).T
    cells, costs = build_cells(weight), AttentionCosts(call, 0, 0)
    found = merge_cells(cells, lengths, costs)
    expected = merge_by_comparing_all_pairs(cells, lengths, costs, 1, 1)
    assert [cell.pixels.tolist() for cell in found] == [cell.pixels.tolist() for cell in expected]


def random_boxes(regions):
    """Returns the whole canvas and boxes with sides of 20 to 45 units at random positions."""
    chance = random.Random(0)
    boxes = [WHOLE_CANVAS]
    for _ in range(regions):
        height, width = chance.randint(20, 45), chance.randint(20, 45)
        top, left = chance.randint(0, 90 - height), chance.randint(0, 90 - width)
        boxes.append(Box(top, top + height, left, left + width))
    return boxes


@pytest.mark.parametrize("costs", [CPU_COSTS, CUDA_COSTS])
def test_work_grows_linearly_with_the_number_of_pairs(monkeypatch, costs):
    """Twice the cells have four times the pairs; comparing all at each merge takes eight times."""
    comparisons, pairs = [], []

    def counting(self, place, others, savings=cell_merging.CellPairs._savings):
        found = savings(self, place, others)
        comparisons[-1].append(len(found))
        return found

    monkeypatch.setattr(cell_merging.CellPairs, "_savings", counting)
    for regions in (25, 50, 100):
        boxes = random_boxes(regions)
        masks = build_region_masks(boxes, (64, 64))
        weights = condition_weights(masks, RegionalOptions()).flatten(1)
        cells = build_cells(weights)
        comparisons.append([])
        merge_cells(cells, [77] * len(boxes), costs, channels=320)
        pairs.append(len(cells) ** 2 / 2)
        assert len(comparisons[-1]) < 5 * len(cells)
    assert pairs[2] > 4 * pairs[0]
    for compared, all_pairs in zip(comparisons, pairs, strict=True):
        assert sum(compared) < 4 * all_pairs
