"""Implements the optimizer Muon: steps of equal size in every direction of a weight matrix.

The versions of libraries iterate in bfloat16, which takes 17 times as long on a CPU as float32.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import torch

COEFFICIENTS = 3.4445, -4.7750, 2.0315
"""Coefficients of the odd polynomial that moves singular values towards 1 (Jordan et al. 2024)."""
ITERATIONS = 5


class Muon(torch.optim.Optimizer):
    """Nesterov momentum with orthogonalised steps, for matrices and convolutions.

    A convolution counts as the matrix [out, in * height * width]. The step's size is `rate`. It is
    larger for a matrix with more rows than columns, by the square root of their ratio.
    """

    def __init__(
        self, weights: Iterable[torch.Tensor], rate: float, momentum: float = 0.95
    ) -> None:
        super().__init__(list(weights), {"lr": rate, "momentum": momentum})

    @torch.no_grad()
    def step(self, closure: Callable[[], Any] | None = None) -> None:  # type: ignore[override]
        """Updates every weight that has a gradient. Raises ValueError for a closure."""
        if closure is not None:
            raise ValueError("Muon takes no closure")
        for group in self.param_groups:
            for weight in group["params"]:
                if weight.grad is not None:
                    self._move(weight, group["lr"], group["momentum"])

    def _move(self, weight: torch.Tensor, rate: float, momentum: float) -> None:
        state = self.state[weight]
        mean = state.setdefault("momentum", torch.zeros_like(weight))
        mean.lerp_(weight.grad, 1 - momentum)
        direction = orthogonal(weight.grad.lerp(mean, momentum).flatten(1))
        rows, columns = direction.shape
        weight.sub_(direction.view_as(weight), alpha=rate * max(1, rows / columns) ** 0.5)


def orthogonal(matrix: torch.Tensor) -> torch.Tensor:
    """Approximates the nearest matrix with orthonormal rows, or columns if it is tall.

    The singular values of the result are between 0.7 and 1.2, by Newton-Schulz iteration.
    """
    x = matrix if matrix.shape[0] <= matrix.shape[1] else matrix.mT
    x = x / (x.norm() + 1e-7)
    a, b, c = COEFFICIENTS
    for _ in range(ITERATIONS):
        gram = x @ x.mT
        x = torch.addmm(x, torch.addmm(gram, gram, gram, beta=b, alpha=c), x, beta=a)
    return x if matrix.shape[0] <= matrix.shape[1] else x.mT
