"""Draws training pictures by number; a number and a seed give the same scene on every machine."""

from __future__ import annotations

import random
from collections.abc import Iterable

import numpy as np
import torch
from PIL import Image

from training.drawing import draw
from training.scenes import Scene, random_scene


def scene(number: int, seed: int = 0) -> Scene:
    """Returns the scene of a number."""
    return random_scene(random.Random(f"scene {seed} {number}"))


def pictures(numbers: Iterable[int], side: int, seed: int = 0) -> torch.Tensor:
    """Draws scenes by number: [B, 3, side, side], from -1 to 1."""
    scenes = (scene(number, seed) for number in numbers)
    return torch.stack([to_tensor(draw(own, (side, side))) for own in scenes])


def to_tensor(picture: Image.Image) -> torch.Tensor:
    """Converts a picture to a tensor, [3, H, W], from -1 to 1."""
    return torch.from_numpy(np.array(picture)).permute(2, 0, 1) / 127.5 - 1
