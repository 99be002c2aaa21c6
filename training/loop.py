"""Trains any module: steps are seeded, training can resume, and the weights are averaged."""

from __future__ import annotations

import copy
import math
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from tqdm import tqdm

from training.muon import Muon

SAVE_EVERY = 600
"""Seconds between checkpoints."""

ENDS = "embed", "conv_in", "conv_out", "lm_head"
"""Parts of names of the layers that read inputs or write outputs; Muon only trains the others."""


@dataclass(frozen=True)
class Plan:
    """Length and learning rates of a training: a short warm-up, then a cosine down to 1 %."""

    steps: int
    rate: float
    """Learning rate of AdamW."""
    matrix_rate: float = 0.0
    """Learning rate of Muon for matrices between input and output layers; 0 uses AdamW for them."""
    warmup: int = 200
    average: float = 0.999
    """Decay of the moving average of the weights."""
    weight_decay: float = 0.01

    def pace_at(self, step: int) -> float:
        """Returns the factor of both learning rates at a step."""
        if step < self.warmup:
            return (step + 1) / self.warmup
        done = (step - self.warmup) / max(1, self.steps - self.warmup)
        return 0.01 + 0.99 * (1 + math.cos(math.pi * done)) / 2

    def share_at(self, step: int) -> float:
        """Returns the moving average's decay at a step: small at first."""
        return min(self.average, (step + 1) / (step + 10))


def train(
    module: torch.nn.Module, loss: Callable[[int], torch.Tensor], plan: Plan, file: Path
) -> torch.nn.Module:
    """Trains a module.

    Args:
        module: The module, changed in place.
        loss: Returns the loss of a step. Its random numbers come from generators seeded by the
            step, so an interrupted training ends with the same weights as an uninterrupted one.
        plan: Length and learning rates.
        file: The checkpoint; training continues from it if it exists.

    Returns:
        A copy of the module with the moving average of the weights.

    Raises:
        FloatingPointError: The loss is infinite or not a number.
    """
    average = copy.deepcopy(module).requires_grad_(False).eval()
    optimizers = _optimizers(module, plan)
    begin = _restore(file, module, average, optimizers)
    module.train()
    bar = tqdm(range(begin, plan.steps), initial=begin, total=plan.steps, desc=file.stem)
    smooth, saved = None, time.monotonic()
    for step in bar:
        value = loss(step)
        module.zero_grad(set_to_none=True)
        value.backward()
        torch.nn.utils.clip_grad_norm_(module.parameters(), 1.0)
        for optimizer in optimizers:
            optimizer.param_groups[0]["lr"] = optimizer.defaults["lr"] * plan.pace_at(step)
            optimizer.step()
        _follow(average, module, plan.share_at(step))
        if not math.isfinite(value.item()):
            raise FloatingPointError(f"{file.stem}: the loss of step {step} is {value.item()}")
        smooth = value.item() if smooth is None else 0.98 * smooth + 0.02 * value.item()
        bar.set_postfix(loss=f"{smooth:.4f}")
        if time.monotonic() - saved > SAVE_EVERY:
            _save(file, step + 1, module, average, optimizers)
            saved = time.monotonic()
    if begin < plan.steps:
        _save(file, plan.steps, module, average, optimizers)
    return average


def _optimizers(module: torch.nn.Module, plan: Plan) -> list[torch.optim.Optimizer]:
    weights = dict(module.named_parameters())
    matrices = [
        name
        for name, weight in weights.items()
        if plan.matrix_rate and weight.ndim > 1 and not any(end in name for end in ENDS)
    ]
    others = [weight for name, weight in weights.items() if name not in matrices]
    adamw = torch.optim.AdamW(others, plan.rate, betas=(0.9, 0.99), weight_decay=plan.weight_decay)
    if not matrices:
        return [adamw]
    return [adamw, Muon((weights[name] for name in matrices), plan.matrix_rate)]


def _follow(average: torch.nn.Module, module: torch.nn.Module, share: float) -> None:
    with torch.no_grad():
        for kept, new in zip(average.parameters(), module.parameters(), strict=True):
            kept.lerp_(new, 1 - share)


def _save(
    file: Path,
    step: int,
    module: torch.nn.Module,
    average: torch.nn.Module,
    optimizers: Sequence[torch.optim.Optimizer],
) -> None:
    """Writes the checkpoint under another name and renames it: a crash leaves the older one."""
    file.parent.mkdir(parents=True, exist_ok=True)
    state = {
        "step": step,
        "module": module.state_dict(),
        "average": average.state_dict(),
        "optimizers": [optimizer.state_dict() for optimizer in optimizers],
    }
    partial = file.with_suffix(".part")
    torch.save(state, partial)
    os.replace(partial, file)


def _restore(
    file: Path,
    module: torch.nn.Module,
    average: torch.nn.Module,
    optimizers: Sequence[torch.optim.Optimizer],
) -> int:
    if not file.exists():
        return 0
    state = torch.load(file, map_location="cpu", weights_only=True)
    module.load_state_dict(state["module"])
    average.load_state_dict(state["average"])
    for optimizer, kept in zip(optimizers, state["optimizers"], strict=True):
        optimizer.load_state_dict(kept)
    return int(state["step"])
