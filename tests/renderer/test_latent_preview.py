"""Previews of latents, and the steps that they belong to."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from lib_omost.renderer.demo_painter import load_painter
from lib_omost.renderer.latent_preview import LatentPreview
from lib_omost.renderer.renderer import RenderJob
from lib_omost.renderer.samplers import SAMPLERS
from lib_omost.settings import Settings
from tests.renderer.test_renderer import canvas


@pytest.fixture(scope="module")
def painter():
    return load_painter()


@pytest.mark.parametrize("color", [(255, 0, 0), (0, 128, 0), (255, 255, 255), (40, 40, 200)])
def test_a_flat_picture_has_its_color(painter, color):
    rgb = torch.tensor(color) / 127.5 - 1
    picture = rgb.view(1, 3, 1, 1).expand(1, 3, 64, 64).to(torch.float32)
    with torch.inference_mode():
        latents = painter.vae.encode(picture).latent_dist.mode()[0]
    drawn = np.asarray(LatentPreview(painter).draw(latents * painter.vae.config.scaling_factor))
    assert drawn.shape == (8, 8, 3)
    assert np.abs(drawn[3:5, 3:5].astype(int) - color).max() < 60


def test_half_precision_is_drawn_too(painter):
    preview = LatentPreview(painter)
    latents = torch.randn(4, 3, 5, generator=torch.Generator().manual_seed(1))
    drawn, half = (np.asarray(preview.draw(kind)) for kind in (latents, latents.half()))
    assert drawn.shape == (3, 5, 3)
    assert np.abs(drawn.astype(int) - half).max() <= 2


def steps_of(renderer, **options):
    job = RenderJob((canvas(),), **{"size": (64, 64), "steps": 4, "seed": 5, **options})
    steps = []
    last = renderer.render(job, latents=True, on_step=steps.append).pictures
    return steps, last


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_each_step_predicts_the_picture_and_the_last_one_is_it(sd1, sampler):
    steps, last = steps_of(sd1, sampler=sampler)
    assert [step.number for step in steps] == list(range(1, steps[0].count + 1))
    assert steps[-1].number == steps[-1].count
    assert steps[0].latents.shape == last.shape
    # Ancestral and SDE samplers add no noise in their last step.
    torch.testing.assert_close(steps[-1].latents, last, rtol=0.1, atol=0.1)


def test_a_start_from_colors_counts_only_its_own_steps(sd1):
    settings = Settings(start_from_colors=True, color_denoising=0.5)
    steps, _ = steps_of(sd1, settings=settings)
    assert [(step.number, step.count) for step in steps] == [(1, 2), (2, 2)]
