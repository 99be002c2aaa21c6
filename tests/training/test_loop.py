from pathlib import Path

import pytest
import torch

from training.loop import Plan, train


def learn(
    file: Path, steps: int, *, stop: int | None = None, matrix_rate: float = 0.0
) -> torch.nn.Module:
    """Fits y = 2 x on points that depend only on the step; `stop` interrupts the training there."""
    torch.manual_seed(0)
    line = torch.nn.Linear(1, 1)

    def loss(step: int) -> torch.Tensor:
        if step == stop:
            raise KeyboardInterrupt
        x = torch.randn(16, 1, generator=torch.Generator().manual_seed(step))
        return (line(x) - 2 * x).square().mean()

    plan = Plan(steps, rate=0.05, matrix_rate=matrix_rate, warmup=5, weight_decay=0.0)
    return train(line, loss, plan, file)


@pytest.mark.parametrize("matrix_rate", [0.0, 0.05])
def test_it_learns(tmp_path: Path, matrix_rate: float) -> None:
    line = learn(tmp_path / "line.pt", 300, matrix_rate=matrix_rate)
    assert line.weight.item() == pytest.approx(2, abs=0.05)


@pytest.mark.parametrize("rate", [0.0, 0.05])
def test_a_run_that_was_cut_off_ends_as_one_that_was_not(
    rate: float, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = learn(tmp_path / "whole.pt", 30, matrix_rate=rate)
    monkeypatch.setattr("training.loop.SAVE_EVERY", 0)  # after each step
    with pytest.raises(KeyboardInterrupt):
        learn(tmp_path / "cut.pt", 30, stop=17, matrix_rate=rate)
    resumed = learn(tmp_path / "cut.pt", 30, matrix_rate=rate)
    assert torch.equal(resumed.weight, whole.weight)
    assert torch.equal(resumed.bias, whole.bias)


def test_a_loss_that_is_no_number_ends_the_run(tmp_path: Path) -> None:
    line = torch.nn.Linear(1, 1)
    with pytest.raises(FloatingPointError, match="step 0 is nan"):
        train(line, lambda _: line.weight.sum() * torch.nan, Plan(3, 0.1), tmp_path / "x.pt")
    assert not (tmp_path / "x.pt").exists()


def test_the_rate_warms_up_and_falls_to_a_hundredth() -> None:
    plan = Plan(1000, rate=1.0, warmup=100)
    assert plan.pace_at(0) == 0.01
    assert plan.pace_at(100) == 1.0
    assert plan.pace_at(550) == pytest.approx(0.505)
    assert plan.pace_at(1000) == pytest.approx(0.01)
