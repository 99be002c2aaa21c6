"""Tests that the demonstration painter follows its canvas because of the regional attention."""

from collections.abc import Sequence

import pytest

from benchmarks.obedience.colors import PALETTE, named
from benchmarks.obedience.methods import METHODS, Method, paint_canvases
from lib_omost.canvas.model import Canvas, Place
from lib_omost.renderer import demo_painter
from lib_omost.renderer.renderer import Renderer
from training.canvases import Composition, Placed, canvas_of
from training.scenes import Background

NAVY = Background("plain", ("navy",))
SIDES = (
    Place("on the left", "no offset", "a small vertical area"),
    Place("on the right", "no offset", "a small vertical area"),
)
PAIRS = (
    (("red", "circle"), ("yellow", "square")),
    (("white", "heart"), ("green", "triangle")),
    (("orange", "house"), ("pink", "star")),
    (("blue", "fish"), ("red", "tree")),
)

OMOST = METHODS["omost"]
"""Starts from noise: the colours alone would already put something into each region."""


@pytest.fixture(scope="module")
def renderer() -> Renderer:
    pipeline = demo_painter.load_painter()
    pipeline.set_progress_bar_config(disable=True)
    return Renderer(pipeline)


def canvases(places: Sequence[Place] = SIDES) -> list[Canvas]:
    things = [
        tuple(Placed(*kind, place) for kind, place in zip(pair, places, strict=True))
        for pair in PAIRS
    ]
    return [canvas_of(Composition(NAVY, pair)) for pair in things]


def right(renderer: Renderer, asked: list[Canvas], method: Method) -> int:
    """Counts the pictures with the first colour on the left and the second on the right."""
    count = 0
    for pair, picture in zip(PAIRS, paint_canvases(renderer, method, asked, 7), strict=True):
        names = named(picture)
        middle = names.shape[1] // 2
        left, other = (names == PALETTE.index(color) for color, _ in pair)
        count += bool(
            left[:, :middle].sum() > 200 > 4 * left[:, middle:].sum()
            and other[:, middle:].sum() > 200 > 4 * other[:, :middle].sum()
        )
    return count


def test_each_object_is_in_its_region(renderer: Renderer) -> None:
    assert right(renderer, canvases(), OMOST) == len(PAIRS)


def test_not_so_with_the_regional_attention_switched_off(renderer: Renderer) -> None:
    off = Method(settings={**OMOST.settings, "end": 0.0})
    assert right(renderer, canvases(), off) < len(PAIRS)


def test_not_so_with_the_masks_swapped(renderer: Renderer) -> None:
    assert right(renderer, canvases(SIDES[::-1]), OMOST) == 0
