"""One loop for every model: seeded by step, resumable, with a moving average of the weights."""

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
"""In the names of layers that read inputs or write outputs; Muon is for those between them."""


@dataclass(frozen=True)
class Plan:
    """How long and how fast to learn: a short warm-up, then a cosine down to a hundredth."""

    steps: int
    rate: float
    """AdamW's."""
    matrix_rate: float = 0.0
    """Muon's, for the matrices between the layers; at 0 AdamW has them too."""
    warmup: int = 200
    average: float = 0.999
    """The share of the moving average that a step keeps."""
    weight_decay: float = 0.01

    def pace_at(self, step: int) -> float:
        """The factor of both rates at a step."""
        if step < self.warmup:
            return (step + 1) / self.warmup
        done = (step - self.warmup) / max(1, self.steps - self.warmup)
        return 0.01 + 0.99 * (1 + math.cos(math.pi * done)) / 2

    def share_at(self, step: int) -> float:
        """What the moving average keeps at a step: little at first, when weights change fast."""
        return min(self.average, (step + 1) / (step + 10))


def train(
    module: torch.nn.Module, loss: Callable[[int], torch.Tensor], plan: Plan, file: Path
) -> torch.nn.Module:
    """Train a module and return the moving average of its weights.

    loss: of a step; it draws what it needs from generators seeded by the step, so that a run that
    was interrupted ends as one that was not. file: the checkpoint, gone on from where it exists.
    Raises FloatingPointError when the loss is no number.
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
    """Replace the checkpoint at once, so that a cut leaves the older one."""
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
