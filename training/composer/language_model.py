"""The composer's training: the next token of canvases that answer requests and edits."""

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
"""Turns of a step that learns from sketches: they are a third as long."""
SKETCHING = 0.3
"""The part of training in which three steps of four learn from sketches. A turn in so few tokens is
learned from sooner than one in whole canvases."""
POOL = 3
"""Batches drawn at once and dealt by length, so that few tokens are padding; it shares no factor
with those four steps, so that texts of all lengths are learned from."""


def train_composer(tokenizer: Any, folder: Path, steps: int, seed: int = 0) -> Any:
    """Train the composer; the checkpoint is composer.pt in `folder`."""
    model = new_model(tokenizer, seed)

    def loss(step: int) -> torch.Tensor:
        sketching = step < SKETCHING * steps and step % 4 > 0
        ids, labels = batch(tokenizer, turns_of(step, seed, sketching=sketching))
        value: torch.Tensor = model(input_ids=ids, labels=labels, use_cache=False).loss
        return value

    plan = Plan(steps, rate=2e-3, matrix_rate=0.02, average=0.995)
    return train(model, loss, plan, folder / "composer.pt")


def turns_of(step: int, seed: int = 0, *, sketching: bool = False) -> list[Turn]:
    """What a step of the training learns from."""
    count = SKETCHES if sketching else BATCH
    first = step % POOL * count
    return _pool(step // POOL, seed, sketching)[first : first + count]


@functools.lru_cache(maxsize=2)
def _pool(number: int, seed: int, sketching: bool) -> list[Turn]:
    rng = random.Random(f"{'sketches' if sketching else 'composer'} {seed} {number}")
    count = POOL * (SKETCHES if sketching else BATCH)
    turns = [random_turn(rng, sketch if sketching else None) for _ in range(count)]
    return sorted(turns, key=lambda turn: len(turn.messages[0]["content"]))
