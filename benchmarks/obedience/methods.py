"""Defines the methods that are compared: ways to make a picture follow a canvas."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import torch
from PIL import Image

from benchmarks.obedience.candidates import CANDIDATES, tried
from lib_omost.canvas.model import UNITS, Canvas
from lib_omost.renderer.image_model import ImageModel
from lib_omost.renderer.renderer import Renderer, RenderJob
from lib_omost.settings import Settings
from training.canvases import Composition, Placed, canvas_of
from training.captions import background_words, describe_object, place_words
from training.scenes import SceneObject

STEPS = 20
CFG = ImageModel().cfg
SIZE = ImageModel().size

Write = Callable[[Composition], Canvas]


@dataclass(frozen=True)
class Method:
    """One way to write a composition as a canvas and to sample it.

    Attributes:
        separately: Every sub-prompt predicts separately and the guidances are summed, as the hosts'
            AND does (Liu et al. 2022, arXiv:2206.01714).
        candidate: One of CANDIDATES in place of the product's attention.
        size: Width and height of the picture in pixels.
    """

    write: Write = canvas_of
    settings: dict[str, Any] = field(default_factory=dict)
    size: tuple[int, int] = SIZE
    separately: bool = False
    candidate: str | None = None


def long_prompt(composition: Composition) -> Canvas:
    """Returns one prompt for the whole picture, without places."""
    return Canvas(description=" ".join(sentences(composition, placed=False)))


def prompt_over_regions(composition: Composition) -> Canvas:
    """Returns the long prompt beside the regions, whose colours a picture can start from."""
    description = long_prompt(composition).description
    return dataclasses.replace(canvas_of(composition), description=description)


def placed_prompt(composition: Composition) -> Canvas:
    """Returns one prompt for the whole picture that names the ninth of each object."""
    return Canvas(description=" ".join(sentences(composition, placed=True)))


def sentences(composition: Composition, *, placed: bool) -> list[str]:
    """Returns the background and each object in the words that the painter learned."""
    background = f"{background_words(composition.background)}."
    return [background, *(_sentence(item, placed) for item in composition.objects)]


def _sentence(placed: Placed, place: bool) -> str:
    box = placed.place.box
    x, y = (
        (low + high) / (2 * UNITS) for low, high in ((box.left, box.right), (box.top, box.bottom))
    )
    item = SceneObject(placed.color, placed.name, x, y, 0.4, 0.4)
    words = describe_object(item)
    return f"{words} {place_words(item)}." if place else f"{words}."


COLORS = {"start_from_colors": True, "color_denoising": 0.7}
"""Settings that start from the canvas's colours, which skips the first 30 % of the steps."""

METHODS: dict[str, Method] = {
    "prompt": Method(long_prompt),
    "prompt, places": Method(placed_prompt),
    "AND": Method(placed_prompt, {"end": 0.0}, separately=True),
    "area": Method(settings={"method": "area"}),
    "area, overlay": Method(settings={"method": "area", "overlap": "overlay"}),
    "couple": Method(settings={"method": "couple"}),
    "couple, overlay": Method(settings={"method": "couple", "overlap": "overlay"}),
    "couple, global 0.25": Method(settings={"method": "couple", "global_strength": 0.25}),
    "couple, overlay, global 0.25": Method(
        settings={"method": "couple", "overlap": "overlay", "global_strength": 0.25}
    ),
    "omost": Method(),
    "omost, sharpness 0.5": Method(settings={"sharpness": 0.5}),
    "omost, sharpness 0": Method(settings={"sharpness": 0.0}),
    "omost, overlay": Method(settings={"overlap": "overlay"}),
    "omost, average": Method(settings={"overlap": "average"}),
    "omost, global 0.25": Method(settings={"global_strength": 0.25}),
    "omost, global 0": Method(settings={"global_strength": 0.0}),
    "omost, overlay, global 0.25": Method(settings={"overlap": "overlay", "global_strength": 0.25}),
    **{name: Method(candidate=name) for name in CANDIDATES},
    "omost, overlay, global 0": Method(settings={"overlap": "overlay", "global_strength": 0.0}),
    "prompt, from colors": Method(prompt_over_regions, {**COLORS, "end": 0.0}),
    "area, from colors": Method(settings={**COLORS, "method": "area"}),
    "couple, from colors": Method(settings={**COLORS, "method": "couple"}),
    "omost, from colors": Method(settings=COLORS),
    "omost, overlay, from colors": Method(settings={**COLORS, "overlap": "overlay"}),
    "omost, average, from colors": Method(settings={**COLORS, "overlap": "average"}),
    "omost, sharpness 0.5, from colors": Method(settings={**COLORS, "sharpness": 0.5}),
    "omost, global 0.25, from colors": Method(settings={**COLORS, "global_strength": 0.25}),
    "omost, from colors, 128x128": Method(settings=COLORS, size=(128, 128)),
    "omost, from colors, 192x192": Method(settings=COLORS, size=(192, 192)),
}


DEFAULT = "omost, sharpness 0.5, from colors"
"""The painter's own settings (image_model.ImageModel)."""


def paint(
    renderer: Renderer, method: Method, compositions: Sequence[Composition], seed: int
) -> list[Image.Image]:
    """Paints compositions in one batch; picture i has the seed + i with every method."""
    canvases = [method.write(composition) for composition in compositions]
    if method.candidate is not None:
        with tried(renderer.pipeline, CANDIDATES[method.candidate], STEPS):
            return paint_canvases(renderer, method, canvases, seed)
    if not method.separately:
        return paint_canvases(renderer, method, canvases, seed)
    texts = [sentences(composition, placed=True) for composition in compositions]
    with summed_guidance(renderer, texts):
        return paint_canvases(renderer, method, canvases, seed)


def paint_canvases(
    renderer: Renderer, method: Method, canvases: Sequence[Canvas], seed: int
) -> list[Image.Image]:
    """Paints canvases in one batch with a method's settings."""
    job = RenderJob(
        canvases=tuple(canvases),
        settings=Settings(**method.settings),
        size=method.size,
        steps=STEPS,
        cfg=CFG,
        seed=seed,
    )
    return list(renderer.render(job).pictures)


@contextmanager
def summed_guidance(renderer: Renderer, texts: Sequence[Sequence[str]]) -> Iterator[None]:
    """Replaces the UNet's prediction for picture i by the sum of the guidances of its texts.

    The pipeline computes negative + scale * (positive - negative), so a positive row must be
    negative + sum(text - negative).
    """
    pipeline = renderer.pipeline
    plain = pipeline.unet.forward
    contexts = [pipeline.encode_prompt(list(own), "cpu", 1, False)[0] for own in texts]

    def forward(sample: torch.Tensor, t: Any, **kwargs: Any) -> tuple[torch.Tensor]:
        negative = plain(sample, t, **{**kwargs, "return_dict": False})[0][: len(texts)]
        # The sample's first rows, which are the negative ones, are the pictures too.
        rows = torch.cat(
            [x.expand(len(own), -1, -1, -1) for x, own in zip(sample, texts, strict=False)]
        )
        conds = {**kwargs, "encoder_hidden_states": torch.cat(contexts), "return_dict": False}
        predicted = plain(rows, t, **conds)[0].split([len(own) for own in texts])
        positive = [x + (own - x).sum(0) for x, own in zip(negative, predicted, strict=True)]
        return (torch.cat([negative, torch.stack(positive)]),)

    pipeline.unet.forward = forward
    try:
        yield
    finally:
        del pipeline.unet.forward
