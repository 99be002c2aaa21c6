"""The composer's training: the next token of canvases that answer requests and edits."""

from __future__ import annotations

import functools
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from training.composer.architecture import batch, new_model
from training.composer.conversations import (
    Conversation,
    random_conversation,
    sketched_conversation,
)
from training.loop import Plan, train

STEPS = 6000
BATCH = 16
SKETCHING = 0.75
"""The part of training in which two steps of three learn from sketches; three shares no factor with
POOL, so that texts of all lengths are."""
POOL = 4
"""Batches drawn at once and dealt by length, so that few tokens are padding."""

Draw = Callable[[random.Random], Conversation]


def train_composer(tokenizer: Any, folder: Path, steps: int, seed: int = 0) -> Any:
    """Train the composer; the checkpoint is composer.pt in `folder`."""
    model = new_model(tokenizer, seed)

    def loss(step: int) -> torch.Tensor:
        sketching = step < SKETCHING * steps and step % 3
        talks = sketches_of(step, seed) if sketching else conversations_of(step, seed)
        ids, labels = batch(tokenizer, talks)
        value: torch.Tensor = model(input_ids=ids, labels=labels, use_cache=False).loss
        return value

    plan = Plan(steps, rate=2e-3, matrix_rate=0.02, average=0.995)
    return train(model, loss, plan, folder / "composer.pt")


def conversations_of(step: int, seed: int = 0) -> list[Conversation]:
    """What a step of the training learns from, but for those that learn from sketches."""
    return _dealt(step, f"composer {seed}", random_conversation)


def sketches_of(step: int, seed: int = 0) -> list[Conversation]:
    """What a step learns from where it learns from sketches."""
    return _dealt(step, f"sketches {seed}", sketched_conversation)


def _dealt(step: int, name: str, draw: Draw) -> list[Conversation]:
    first = step % POOL * BATCH
    return _pool(step // POOL, name, draw)[first : first + BATCH]


@functools.lru_cache(maxsize=2)
def _pool(number: int, name: str, draw: Draw) -> list[Conversation]:
    rng = random.Random(f"{name} {number}")
    drawn = [draw(rng) for _ in range(POOL * BATCH)]
    return sorted(drawn, key=lambda talk: sum(len(message["content"]) for message in talk.messages))
