"""The renderer paints the masked part of a picture anew; the rest stays bit for bit."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from lib_omost.canvas.model import Box
from lib_omost.canvas.soft_masks import draw_soft_mask
from lib_omost.renderer.inpainting import Inpainting
from lib_omost.renderer.renderer import RenderJob
from lib_omost.renderer.samplers import SAMPLERS
from lib_omost.settings import Settings
from tests.renderer.test_renderer import canvas

SIZE = (128, 96)
LEFT = Box(0, 90, 0, 30)
"""The first 42.7 pixels of each row; the edge ends 8 pixels further."""

PICTURE = Image.fromarray(
    np.random.default_rng(1).integers(0, 256, (SIZE[1], SIZE[0], 3), np.uint8)
)
MASK = draw_soft_mask([LEFT], SIZE)


def painted(renderer, *, canvases=None, denoising=0.75, **options):
    """Regenerates the left of PICTURE; returns the pictures, each [H, W, 3]."""
    job = RenderJob(
        canvases or (canvas(),),
        **{"size": SIZE, "steps": 4, "seed": 5, **options},
        inpainting=Inpainting(PICTURE, MASK, denoising),
    )
    return [np.asarray(picture) for picture in renderer.render(job).pictures]


def columns_changed(before, after):
    """Which columns differ anywhere, [W]."""
    return (np.asarray(before) != after).any(axis=(0, 2))


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_only_the_part_and_its_edge_change(sd1, sampler):
    (after,) = painted(sd1, sampler=sampler)
    changed = columns_changed(PICTURE, after)
    assert changed[:43].all()
    assert not changed[51:].any()


def test_the_same_for_sdxl(sdxl):
    (after,) = painted(sdxl)
    changed = columns_changed(PICTURE, after)
    assert changed[:43].all()
    assert not changed[51:].any()


def test_the_canvas_acts_within_the_part(sd1):
    (one,), (other,) = painted(sd1), painted(sd1, canvases=(canvas(left="a tall tree"),))
    assert columns_changed(one, other)[:43].any()


def test_two_seeds_give_two_pictures_and_one_seed_one(sd1):
    (one,), (again,), (other,) = painted(sd1), painted(sd1), painted(sd1, seed=6)
    assert (one == again).all()
    assert (one != other).any()


def test_pictures_of_a_batch_start_from_the_same_one(sd1):
    first, second = painted(sd1, canvases=(canvas(), canvas()))
    for after in (first, second):
        assert not columns_changed(PICTURE, after)[51:].any()
    assert (first != second).any()


def test_a_lower_strength_changes_less(sd1):
    def change(denoising):
        (after,) = painted(sd1, denoising=denoising, steps=8)
        (least,) = painted(sd1, denoising=0.05, steps=8)
        return np.abs(after.astype(int) - least)[:, :43].mean()

    assert 0 < change(0.3) < change(1.0)


def test_the_colours_of_the_canvas_do_not_take_the_place_of_the_picture(sd1):
    settings = Settings(start_from_colors=True)
    (after,), (plain,) = painted(sd1, settings=settings), painted(sd1)
    assert (after == plain).all()


def test_without_regions_the_prompt_alone_paints_the_part(sd1):
    (after,) = painted(sd1, regions=False, prompt="a tree")
    assert not columns_changed(PICTURE, after)[51:].any()
    assert columns_changed(PICTURE, after)[:43].all()


def test_the_next_picture_is_as_before(sd1):
    job = RenderJob((canvas(),), size=SIZE, steps=2, seed=5)
    before = sd1.render(job, latents=True).pictures
    sd1.render(replace(job, inpainting=Inpainting(PICTURE, MASK, 0.75)))
    assert (sd1.render(job, latents=True).pictures == before).all()


def test_the_edge_is_blended():
    """Where the mask is a half or more the new picture counts alone."""
    black, white = Image.new("RGB", (5, 1)), Image.new("RGB", (5, 1), "white")
    mask = Image.fromarray(np.array([[255, 128, 127, 64, 0]], np.uint8))
    merged = Inpainting(black, mask, 0.75).merge(white)
    assert np.asarray(merged)[0, :, 0].tolist() == [255, 255, 254, 128, 0]
