"""Grouping of pixels into cells by their conditions."""

import torch

from lib_omost.attention.cells import build_cells

# The global condition covers all pixels, one region pixels 1 and 2, another one 2 and 3.
WEIGHTS = torch.tensor([[1.0, 1, 1, 1], [0, 1, 1, 0], [0, 0, 0.5, 1]])


def as_dict(cells):
    return {cell.conditions: cell.pixels.tolist() for cell in cells}


def test_pixels_with_the_same_conditions_share_a_cell():
    weights = WEIGHTS[:, [0, 1, 2, 3, 1, 0]]
    assert as_dict(build_cells(weights)) == {
        (0,): [0, 5],
        (0, 1): [1, 4],
        (0, 1, 2): [2],
        (0, 2): [3],
    }
