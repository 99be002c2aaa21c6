"""Training pictures by number: the same number and seed give the same scene anywhere."""

from __future__ import annotations

import random
from collections.abc import Iterable

import numpy as np
import torch
from PIL import Image

from training.drawing import draw
from training.scenes import Scene, random_scene


def scene(number: int, seed: int = 0) -> Scene:
    """The scene of a number."""
    return random_scene(random.Random(f"scene {seed} {number}"))


def pictures(numbers: Iterable[int], side: int, seed: int = 0) -> torch.Tensor:
    """Draw scenes by number; [B, 3, side, side], from -1 to 1."""
    scenes = (scene(number, seed) for number in numbers)
    return torch.stack([to_tensor(draw(own, (side, side))) for own in scenes])


def to_tensor(picture: Image.Image) -> torch.Tensor:
    """A picture as numbers from -1 to 1, [3, H, W]."""
    return torch.from_numpy(np.array(picture)).permute(2, 0, 1) / 127.5 - 1


def to_picture(numbers: torch.Tensor) -> Image.Image:
    """The picture of numbers from -1 to 1, [3, H, W]."""
    pixels = ((numbers.clamp(-1, 1) + 1) * 127.5).round().byte()
    return Image.fromarray(pixels.permute(1, 2, 0).numpy())
