import random

import numpy as np
import pytest

from training.drawing import draw
from training.scenes import Background, Scene, SceneObject, crowded_scene, random_scene
from training.world import BACKGROUND_COLORS, COLORS, HELD_OUT, OBJECTS, rgb

TEAL = Background("plain", ("teal",))


def alone(color: str, name: str) -> Scene:
    return Scene(TEAL, (SceneObject(color, name, 0.5, 0.5, 0.5, 0.5),))


@pytest.mark.parametrize("name", OBJECTS)
def test_an_object_is_drawn_in_its_colour_where_it_is(name: str) -> None:
    picture = draw(alone("red", name), (96, 96))
    red = (np.array(picture) == rgb("red")).all(axis=2)
    assert red[24:72, 24:72].mean() > 0.15
    assert all(picture.getpixel((x, y)) == rgb("teal") for x in (5, 90) for y in (5, 90))


def test_a_nearer_object_hides_a_farther_one() -> None:
    far, near = (
        SceneObject("red", "square", 0.5, 0.5, 0.8, 0.8),
        SceneObject("blue", "circle", 0.5, 0.5, 0.3, 0.3),
    )
    assert draw(Scene(TEAL, (far, near))).getpixel((64, 64)) == rgb("blue")
    assert draw(Scene(TEAL, (near, far))).getpixel((64, 64)) == rgb("red")


def test_ground_lies_below_the_horizon() -> None:
    picture = draw(Scene(Background("ground", ("navy", "tan"), 0.5), ()), (32, 32))
    assert picture.getpixel((16, 15)) == rgb("navy")
    assert picture.getpixel((16, 16)) == rgb("tan")


def test_a_gradient_goes_from_top_to_bottom() -> None:
    picture = draw(Scene(Background("gradient", ("black", "teal")), ()), (64, 64))
    greens = [picture.getpixel((5, y))[1] for y in (0, 32, 63)]
    assert greens[0] < 5 < 50 < greens[1] < 80 < 120 < greens[2]


def test_held_out_combinations_are_in_no_training_scene() -> None:
    rng = random.Random(1)
    shown = {(t.color, t.name) for _ in range(2000) for t in random_scene(rng).objects}
    assert len(shown) == len(COLORS) * len(OBJECTS) - len(HELD_OUT)
    assert not shown & HELD_OUT


def test_scenes_repeat_with_their_seed() -> None:
    assert random_scene(random.Random("a")) == random_scene(random.Random("a"))
    assert random_scene(random.Random("a")) != random_scene(random.Random("b"))


def test_crowded_scenes_are_as_full_and_their_objects_as_narrow_as_regions() -> None:
    rng = random.Random(3)
    scenes = [crowded_scene(rng) for _ in range(500)]
    assert {len(scene.objects) for scene in scenes} == set(range(7))
    ratios = [item.width / item.height for scene in scenes for item in scene.objects]
    assert 0.5 <= min(ratios) < 0.6
    assert 1.8 < max(ratios) <= 2


def test_no_object_has_a_background_colour() -> None:
    assert not set(COLORS) & set(BACKGROUND_COLORS)
