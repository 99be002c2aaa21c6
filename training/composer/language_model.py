"""Trains the composer to predict the next token of canvases that answer requests and edits."""

from __future__ import annotations

import functools
import random
from pathlib import Path
from typing import Any

import torch

from training.composer.architecture import batch, new_model
from training.composer.conversations import Turn, random_turn, sketch
from training.loop import Plan, train

STEPS = 5000
BATCH = 24
SKETCHES = 64
"""Number of turns in a step on sketches, which are a third as long as whole canvases."""
SKETCHING = 0.3
"""Share of the training in which three of four steps are on sketches.

A turn in few tokens is learned earlier than a turn with a whole canvas.
"""
POOL = 3
"""Number of batches that are drawn together and sorted by length, to reduce padding.

It has no common factor with the cycle of four steps, so that texts of all lengths take part.
"""


def train_composer(tokenizer: Any, folder: Path, steps: int, seed: int = 0) -> Any:
    """Trains the composer; the checkpoint is composer.pt in `folder`."""
    model = new_model(tokenizer, seed)

    def loss(step: int) -> torch.Tensor:
        sketching = step < SKETCHING * steps and step % 4 > 0
        ids, labels = batch(tokenizer, turns_of(step, seed, sketching=sketching))
        value: torch.Tensor = model(input_ids=ids, labels=labels, use_cache=False).loss
        return value

    plan = Plan(steps, rate=2e-3, matrix_rate=0.02, average=0.995)
    return train(model, loss, plan, folder / "composer.pt")


def turns_of(step: int, seed: int = 0, *, sketching: bool = False) -> list[Turn]:
    """Returns the turns of a training step."""
    count = SKETCHES if sketching else BATCH
    first = step % POOL * count
    return _pool(step // POOL, seed, sketching)[first : first + count]


@functools.lru_cache(maxsize=2)
def _pool(number: int, seed: int, sketching: bool) -> list[Turn]:
    rng = random.Random(f"{'sketches' if sketching else 'composer'} {seed} {number}")
    count = POOL * (SKETCHES if sketching else BATCH)
    turns = [random_turn(rng, sketch if sketching else None) for _ in range(count)]
    return sorted(turns, key=lambda turn: len(turn.messages[0]["content"]))
