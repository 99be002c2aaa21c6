import pytest
import torch
from PIL import Image

from benchmarks.obedience.classifier import Classifier
from benchmarks.obedience.metrics import fraction, read, wilson
from lib_omost.canvas.model import Place
from training.canvases import Composition, Placed, arranged
from training.drawing import draw
from training.scenes import Background, Scene, Thing
from training.world import OBJECTS

NAVY = Background("plain", ("navy",))
RED, BLUE = ("red", "circle"), ("blue", "star")
PAIR = Composition(NAVY, arranged([RED, BLUE]))


class Says(Classifier):
    """Takes every crop for the same object."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.eye(len(OBJECTS))[[OBJECTS.index(self.name)] * len(x)]


def picture(red_x: float = 0.22, blue_x: float = 0.78) -> Image.Image:
    things = (Thing(*RED, red_x, 0.5, 0.4, 0.4), Thing(*BLUE, blue_x, 0.5, 0.4, 0.4))
    return draw(Scene(NAVY, things))


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


def test_the_nearer_colour_rules_an_overlap() -> None:
    far, near = Place(area="a large square area"), Place(area="a small square area")
    behind = Composition(NAVY, (Placed(*RED, far, 2.0), Placed("blue", "square", near, 1.0)))
    red, blue = Thing(*RED, 0.5, 0.5, 0.75, 0.75), Thing("blue", "square", 0.5, 0.5, 0.5, 0.5)
    assert read(draw(Scene(NAVY, (red, blue))), behind, Says("star")).depth == (True,)
    assert read(draw(Scene(NAVY, (blue, red))), behind, Says("star")).depth == (False,)
    assert read(draw(Scene(NAVY, ())), behind, Says("star")).depth == ()


def test_intervals_of_known_fractions() -> None:
    """8 of 10: 0.490 to 0.943; a full count is not certain."""
    assert wilson(8, 10) == pytest.approx((0.490, 0.943), abs=1e-3)
    assert wilson(10, 10) == pytest.approx((0.722, 1.0), abs=1e-3)
    assert fraction([True, False])["value"] == 0.5
    assert fraction([True, False])["count"] == 2
