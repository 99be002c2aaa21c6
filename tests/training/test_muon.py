import pytest
import torch

from training.muon import Muon, orthogonal


@pytest.mark.parametrize("shape", [(3, 8), (8, 3), (5, 5), (4, 2, 3, 3)])
def test_every_direction_of_a_matrix_moves_about_as_far(shape: tuple[int, ...]) -> None:
    weight = torch.zeros(shape)
    weight.grad = torch.randn(shape, generator=torch.Generator().manual_seed(0))
    Muon([weight], rate=1.0).step()
    step = torch.linalg.svdvals(weight.flatten(1))
    rows, columns = weight.flatten(1).shape
    step /= max(1, rows / columns) ** 0.5
    assert step.min() > 0.65
    assert step.max() < 1.25


def test_orthogonal_keeps_a_matrix_s_own_directions() -> None:
    diagonal = torch.diag(torch.tensor([2.0, 1.0, 0.5]))
    result = orthogonal(diagonal)
    assert torch.equal(result, torch.diag(result.diagonal()))
    assert (result.diagonal() > 0).all()


def test_a_weight_without_gradient_stays() -> None:
    weight = torch.ones(2, 2)
    Muon([weight], rate=1.0).step()
    assert torch.equal(weight, torch.ones(2, 2))
