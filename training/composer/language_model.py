"""The composer's training: the next token of canvases that answer requests and edits."""

from __future__ import annotations

import functools
import itertools
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from training.composer.architecture import batch, loss_of, new_model
from training.composer.conversations import Conversation, random_conversation
from training.loop import Plan, train

BATCH = 16
POOL = 4
"""Batches drawn at once and dealt by length, so that few tokens are padding."""


@dataclass(frozen=True)
class Stage:
    """A part of the training, which begins with the weights that the one before ended with.

    edited: how often a request is followed by an edit. planned: answers begin with their plan.
    pace: the factor of the learning rates.
    """

    name: str
    steps: int
    edited: float
    planned: bool
    pace: float

    def conversations(self, step: int, seed: int = 0) -> list[Conversation]:
        """What a step learns from."""
        first = step % POOL * BATCH
        return _pool(self, step // POOL, seed)[first : first + BATCH]


STAGES = (
    Stage("composer", 2000, edited=0.5, planned=False, pace=1.0),
    Stage("edits", 1000, edited=0.75, planned=True, pace=0.5),
)
"""Canvases first; then edits of them, of which few were right before answers began with a plan."""


def train_composer(tokenizer: Any, folder: Path, seed: int = 0) -> Any:
    """Train the composer; each stage has a checkpoint of its name in `folder`."""
    model = new_model(tokenizer, seed)
    for stage in STAGES:
        model = _train_stage(model.requires_grad_(True), stage, tokenizer, folder, seed)
    return model


def _train_stage(model: Any, stage: Stage, tokenizer: Any, folder: Path, seed: int) -> Any:
    def loss(step: int) -> torch.Tensor:
        return loss_of(model, *batch(tokenizer, stage.conversations(step, seed)))

    rates = {"rate": 2e-3 * stage.pace, "matrix_rate": 0.02 * stage.pace}
    plan = Plan(stage.steps, **rates, average=0.995)
    return train(model, loss, plan, folder / f"{stage.name}.pt")


def asked_in_training(seed: int = 0) -> Iterator[str]:
    """Every first request of the whole training, in lower case."""
    for stage in STAGES:
        for conversation in itertools.chain.from_iterable(
            stage.conversations(step, seed) for step in range(stage.steps)
        ):
            yield conversation.messages[0]["content"].lower()


@functools.lru_cache(maxsize=1)
def _pool(stage: Stage, number: int, seed: int) -> list[Conversation]:
    rng = random.Random(f"{stage.name} {seed} {number}")
    drawn = [random_conversation(rng, stage.edited, stage.planned) for _ in range(POOL * BATCH)]
    return sorted(drawn, key=lambda talk: sum(len(message["content"]) for message in talk.messages))
