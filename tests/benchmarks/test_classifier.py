import random

import numpy as np
from PIL import Image

from benchmarks.obedience.classifier import LABELS, OBJECTS, agreement, batch, crop, load, soften
from benchmarks.obedience.colors import named
from lib_omost.canvas.model import Box


def test_a_crop_shows_what_lies_around_the_box_but_nothing_outside_the_picture() -> None:
    picture = Image.new("RGB", (90, 90), "red")
    picture.paste("blue", (0, 0, 45, 90))
    tensor = crop(picture, named(picture), Box(0, 90, 0, 45), "blue")
    wide = 45 + round(0.12 * 45)  # the margin on the right; the other three are cut off
    assert tensor.shape == (4, 32, 32)
    assert abs(float((tensor[3] > 0).float().mean()) - 45 / wide) < 0.05


def test_softening_bends_what_is_inside_and_leaves_the_border_where_it_is() -> None:
    stripes = Image.fromarray(np.indices((64, 64)).sum(0).astype(np.uint8) // 8 * 16).convert("RGB")
    softened = soften(stripes, random.Random(1))
    assert softened.size == (64, 64)
    assert softened != stripes
    assert softened.getpixel((0, 0)) == stripes.getpixel((0, 0))


def test_a_batch_is_drawn_by_its_seed() -> None:
    crops, objects = batch(random.Random(2), 3)
    assert crops.shape == (3, 4, 32, 32)
    assert batch(random.Random(2), 3)[1].tolist() == objects.tolist()


def test_painted_objects_are_told_as_a_reader_saw_them() -> None:
    assert set(LABELS.read_text().split()) == {*OBJECTS, "none"}
    assert agreement(load()) > 0.9
