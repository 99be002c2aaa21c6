"""Pixels grouped by what counts there, and when groups are merged."""

import torch

from lib_omost.attention.cells import cells, merge
from lib_omost.attention.costs import CPU, CUDA, SEPARATE, TOGETHER, Costs

# Global everywhere, one region on pixels 1 and 2, another on 2 and 3.
WEIGHTS = torch.tensor([[1.0, 1, 1, 1], [0, 1, 1, 0], [0, 0, 0.5, 1]])


def as_dict(parts):
    return {part.conditions: part.pixels.tolist() for part in parts}


def test_pixels_with_the_same_conditions_share_a_cell():
    weights = WEIGHTS[:, [0, 1, 2, 3, 1, 0]]
    assert as_dict(cells(weights)) == {
        (0,): [0, 5],
        (0, 1): [1, 4],
        (0, 1, 2): [2],
        (0, 2): [3],
    }


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


def test_a_pair_is_weighed_once():
    """Many regions have hundreds of cells: weighing all pairs at every merge took minutes."""
    weighed = []

    class Counting(Costs):
        def of(self, *cell):
            weighed.append(cell)
            return super().of(*cell)

    weights = torch.ones(31, 30)
    weights[1:] = torch.eye(30)
    merge(cells(weights), [10] * 31, Counting(call=1e9, token=0, mask=0))
    pairs = 30 * 29 / 2 + sum(range(29))  # those of the cells, and those of each union
    assert len(weighed) == 3 * pairs
