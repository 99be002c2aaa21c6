"""Pixels grouped by the conditions that count there."""

import torch

from lib_omost.attention.cells import cells

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
