"""Reads the page's inputs beside the accordion: which pictures one press of Generate paints."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from typing import Any

from lib_omost.regeneration import Regeneration
from lib_omost.renderer.painting import PictureError, PictureSpec, read_canvas
from lib_omost.renderer.samplers import SAMPLERS
from lib_omost.settings import Settings
from lib_omost.ui.chat_view import RANDOM_SEED, SEED_COUNT
from lib_omost.ui.texts import WITHOUT_CANVAS

MAX_PICTURES = 100
"""Limit of the pictures of one press of Generate."""


@dataclass(frozen=True)
class GenerateInputs:
    """The inputs beside the accordion, in the order of the page's components.

    Attributes:
        prompt: The prompt box.
        negative: The negative prompt.
        sampler: A name of SAMPLERS.
        steps: Number of sampler steps.
        width: In pixels.
        height: In pixels.
        batch_count: Number of pictures.
        cfg_scale: The CFG scale.
        seed: Seed of the first picture; -1 or None chooses one at random.
    """

    prompt: str = ""
    negative: str = ""
    sampler: str = "Euler a"
    steps: float = 20
    width: float = 512
    height: float = 512
    batch_count: float = 1
    cfg_scale: float = 7.0
    seed: float | None = RANDOM_SEED


def picture_specs(
    inputs: GenerateInputs, settings: Settings, regeneration: Regeneration | None = None
) -> list[PictureSpec]:
    """Builds the specification of each picture; the seeds count up.

    Args:
        inputs: The inputs.
        settings: The settings of the accordion.
        regeneration: A picture of which boxes are painted anew, once, with a random seed.

    Raises:
        ValueError: An input is not valid; the message is for the visitor.
    """
    if regeneration:
        width, height = regeneration.opened.size
        inputs = replace(inputs, width=width, height=height, seed=RANDOM_SEED, batch_count=1)
    canvas = settings.canvas if isinstance(settings.canvas, str) else settings.canvas[0]
    if settings.canvas_source == "prompt":
        # As in a WebUI: the canvas contains the prompt's request, which must not be encoded twice.
        # The infotext stores the composed canvas like one of the page.
        canvas = ""
        settings = replace(settings, canvas_source="page", prompt_role="ignored")
    elif settings.enabled:
        _check_canvas(canvas)
    if inputs.sampler not in SAMPLERS:
        raise PictureError(f"the sampler {inputs.sampler!r} is unknown: choose one of the list")
    seed = RANDOM_SEED
    if inputs.seed is not None:
        seed = _integer("The seed", inputs.seed, RANDOM_SEED, 2**32 - 1)
    first = PictureSpec(
        canvas=canvas,
        prompt=inputs.prompt,
        negative=inputs.negative,
        width=_integer("The width", inputs.width, 64, 2048),
        height=_integer("The height", inputs.height, 64, 2048),
        steps=_integer("The number of steps", inputs.steps, 1, 150),
        cfg=_number("The CFG scale", inputs.cfg_scale, 0, 100),
        seed=random.randrange(SEED_COUNT) if seed == RANDOM_SEED else seed,
        sampler=inputs.sampler,
        settings=replace(settings, canvas=""),
        regeneration=regeneration,
    )
    count = _integer("The batch count", inputs.batch_count, 1, MAX_PICTURES)
    return [replace(first, seed=first.seed + number) for number in range(count)]


def _check_canvas(text: str) -> None:
    if not text.strip():
        raise PictureError(WITHOUT_CANVAS)
    read_canvas(text)


def _integer(name: str, value: Any, low: int, high: int) -> int:
    if not _is_between(value, low, high) or value != int(value):
        raise PictureError(f"{name} must be a whole number from {low} to {high}, not {value}")
    return int(value)


def _number(name: str, value: Any, low: float, high: float) -> float:
    if not _is_between(value, low, high):
        raise PictureError(f"{name} must be a number from {low} to {high}, not {value}")
    return float(value)


def _is_between(value: Any, low: float, high: float) -> bool:
    return isinstance(value, (int, float)) and low <= value <= high
