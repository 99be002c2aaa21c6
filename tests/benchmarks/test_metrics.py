import pytest
import torch
from PIL import Image

from benchmarks.obedience.canvases import compositions
from benchmarks.obedience.classifier import Classifier, load
from benchmarks.obedience.metrics import fraction, read, wilson
from lib_omost.canvas.model import UNITS, Place
from training.canvases import Composition, Placed, arranged
from training.drawing import draw
from training.scenes import Background, Scene, SceneObject
from training.world import OBJECTS

NAVY = Background("plain", ("navy",))
RED, BLUE = ("red", "circle"), ("blue", "star")
PAIR = Composition(NAVY, arranged([RED, BLUE]))


class Says(Classifier):
    """A classifier that takes every crop for the same object."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.eye(len(OBJECTS))[[OBJECTS.index(self.name)] * len(x)]


def picture(red_x: float = 0.22, blue_x: float = 0.78) -> Image.Image:
    objects = (SceneObject(*RED, red_x, 0.5, 0.4, 0.4), SceneObject(*BLUE, blue_x, 0.5, 0.4, 0.4))
    return draw(Scene(NAVY, objects))


def test_a_picture_as_asked_is_right_but_for_what_the_classifier_says() -> None:
    left, right = read(picture(), PAIR, Says("circle")).regions
    assert (left.right, left.missing) == (True, False)
    assert (right.color, right.shape, right.right) == (True, False, False)
    assert left.leakage == right.leakage == 0


def test_swapped_objects_are_wrong_and_leak() -> None:
    left, right = read(picture(0.78, 0.22), PAIR, Says("circle")).regions
    assert (left.color, left.missing, right.color) == (False, True, False)
    assert left.leakage > 0.08


def test_the_background_is_kept_where_no_object_strays() -> None:
    assert read(picture(), PAIR, Says("star")).background == 1
    strayed = read(picture(red_x=0.5), PAIR, Says("star")).background
    assert strayed is not None
    assert 0.6 < strayed < 0.99


def test_an_object_that_is_there_again_is_told() -> None:
    small, large = SceneObject(*RED, 0.3, 0.3, 0.25, 0.25), SceneObject(*RED, 0.7, 0.7, 0.3, 0.3)
    asked = Composition(NAVY, (Placed(*RED, Place(area="a large square area")),))
    for objects, twice in (((large,), False), ((small, large), True)):
        (region,) = read(draw(Scene(NAVY, objects)), asked, Says("circle")).regions
        assert (region.right, region.twice) == (True, twice)


def test_things_of_one_colour_may_overlap() -> None:
    near, far = Place("on the left"), Place()
    both = Composition(NAVY, (Placed(*RED, far, 2.0), Placed(*RED, near, 1.0)))
    circles = Scene(
        NAVY, (SceneObject(*RED, 0.5, 0.5, 0.5, 0.5), SceneObject(*RED, 0.22, 0.5, 0.4, 0.4))
    )
    first, second = read(draw(circles), both, Says("circle")).regions
    assert (first.right, second.right) == (True, True)


def test_the_nearer_colour_rules_an_overlap() -> None:
    far, near = Place(area="a large square area"), Place(area="a small square area")
    behind = Composition(NAVY, (Placed(*RED, far, 2.0), Placed("blue", "square", near, 1.0)))
    red, blue = (
        SceneObject(*RED, 0.5, 0.5, 0.75, 0.75),
        SceneObject("blue", "square", 0.5, 0.5, 0.5, 0.5),
    )
    assert read(draw(Scene(NAVY, (red, blue))), behind, Says("star")).depth == (True,)
    assert read(draw(Scene(NAVY, (blue, red))), behind, Says("star")).depth == (False,)
    assert read(draw(Scene(NAVY, ())), behind, Says("star")).depth == ()


def test_what_is_behind_may_be_seen_past_a_nearer_object_but_not_in_its_place() -> None:
    behind = Placed("red", "square", Place(area="a large square area"), 2.0)
    before = Placed("blue", "star", Place(area="a small square area"), 1.0)
    asked = Composition(NAVY, (behind, before))
    red = SceneObject("red", "square", 0.5, 0.5, 0.75, 0.75)
    seen_past = draw(Scene(NAVY, (red, SceneObject("blue", "star", 0.5, 0.5, 0.4, 0.4))))
    assert read(seen_past, asked, Says("star")).regions[1].color
    assert not read(draw(Scene(NAVY, (red,))), asked, Says("star")).regions[1].color


def test_what_is_elsewhere_may_not_be_there() -> None:
    """The far object reaches from its box on the left into the box on the right."""
    red, blue = SceneObject(*RED, 0.72, 0.5, 0.5, 0.5), SceneObject(*BLUE, 0.78, 0.5, 0.35, 0.35)
    assert not read(draw(Scene(NAVY, (red, blue))), PAIR, Says("star")).regions[1].color


def test_drawings_that_do_what_is_asked_are_read_as_right() -> None:
    """The best possible figures: every object is nearly as large as its box allows."""
    asked = compositions("development", 60)
    readings = [read(ideal(composition), composition, load()) for composition in asked]
    right = [region.right for reading in readings for region in reading.regions]
    assert sum(right) >= 0.95 * len(right)


def ideal(composition: Composition) -> Image.Image:
    objects = []
    for item in composition.objects:
        box = item.place.box
        x, y = ((a + b) / (2 * UNITS) for a, b in ((box.left, box.right), (box.top, box.bottom)))
        side = 0.85 * min(box.right - box.left, box.bottom - box.top) / UNITS
        objects.append(SceneObject(*item.kind, x, y, side, side))
    return draw(Scene(composition.background, tuple(objects)))


def test_intervals_of_known_fractions() -> None:
    """8 of 10 gives 0.490 to 0.943; a full count also has an interval."""
    assert wilson(8, 10) == pytest.approx((0.490, 0.943), abs=1e-3)
    assert wilson(10, 10) == pytest.approx((0.722, 1.0), abs=1e-3)
    assert fraction([True, False])["value"] == 0.5
    assert fraction([True, False])["count"] == 2
