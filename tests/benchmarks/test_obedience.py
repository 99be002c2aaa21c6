import numpy as np
import pytest
from PIL import Image, ImageColor

from benchmarks.obedience.canvases import compositions, inside, visible, visible_enough
from benchmarks.obedience.colors import NONE, PALETTE, lab, named
from lib_omost.canvas.model import Box, Place


def test_each_number_of_regions_comes_in_turn() -> None:
    drawn = compositions("development", 12)
    assert [len(composition.objects) for composition in drawn] == [1, 2, 3, 4, 5, 6] * 2


def test_splits_differ_and_repeat() -> None:
    assert compositions("sealed", 6) == compositions("sealed", 6)
    assert compositions("sealed", 6) != compositions("development", 6)


def test_every_region_is_visible_and_has_a_colour_of_its_own() -> None:
    for composition in compositions("development", 30):
        assert visible_enough([item.place for item in composition.objects])
        colors = [item.color for item in composition.objects]
        assert len(set(colors)) == len(colors)
        distances = [item.distance for item in composition.objects]
        assert distances == sorted(distances, reverse=True)


def test_a_hidden_region_is_not_enough() -> None:
    small, large = Place(area="a small square area"), Place(area="a large square area")
    assert visible_enough([large, small])
    assert not visible_enough([small, large])


def test_nearer_boxes_take_pixels() -> None:
    left, all_of_it = Box(0, 90, 0, 45), Box(0, 90, 0, 90)
    assert inside(left, (2, 4)).tolist() == [[True, True, False, False]] * 2
    assert visible([all_of_it, left], 0, (2, 4)).tolist() == [[False, False, True, True]] * 2


@pytest.mark.parametrize("name", PALETTE)
def test_every_colour_is_told_even_beside_noise(name: str) -> None:
    rng = np.random.default_rng(0)
    pixels = np.array(ImageColor.getrgb(name)) + rng.normal(0, 6, (8, 8, 3))
    picture = Image.fromarray(pixels.clip(0, 255).astype(np.uint8))
    assert (named(picture) == PALETTE.index(name)).mean() > 0.95


def test_a_colour_that_is_none_of_them_is_none() -> None:
    assert (named(Image.new("RGB", (2, 2), (190, 255, 190))) == NONE).all()


def test_lab_of_known_colours() -> None:
    """White is (100, 0, 0), and red of sRGB about (54, 81, 70) under D50."""
    values = lab(np.array([[[255, 255, 255], [255, 0, 0]]], dtype=np.uint8))[0]
    assert values[0] == pytest.approx([100, 0, 0], abs=1)
    assert values[1] == pytest.approx([54, 81, 70], abs=3)


def test_places_are_drawn_from_the_whole_vocabulary() -> None:
    places = [item.place for c in compositions("development", 300) for item in c.objects]
    assert len({place.location for place in places}) == 9
    assert len({place.offset for place in places}) == 9
    assert len({place.area for place in places}) == 9
