"""A random walk of jobs with two pipelines: no job, also one that fails, changes a later one."""

from __future__ import annotations

import gc
import random
from contextlib import contextmanager
from dataclasses import replace

import pytest
import torch

from lib_omost.canvas.model import Box, Canvas, Region
from lib_omost.renderer.renderer import Renderer, RenderJob, SamplerStep
from lib_omost.settings import Settings
from tests.renderer.conftest import build

LEFT = Region(place=Box(0, 90, 0, 40), description="a red ball", color=(255, 0, 0))
CANVAS = Canvas(description="toys on a table", regions=(LEFT,))
OTHER = replace(CANVAS, regions=(replace(LEFT, description="a tall tree"),))

PLAIN = RenderJob((CANVAS,), size=(64, 64), steps=2, seed=5)
COLORS = Settings(start_from_colors=True, color_denoising=0.8)
JOBS = {
    "off": replace(PLAIN, regions=False),
    "off, batch": replace(PLAIN, canvases=(CANVAS, OTHER), regions=False),
    "omost": PLAIN,
    "omost, batch": replace(PLAIN, canvases=(CANVAS, OTHER)),
    "omost, other size": replace(PLAIN, size=(72, 104)),
    "omost, from colours": replace(PLAIN, steps=3, settings=COLORS),
    "omost, half of the steps": replace(PLAIN, settings=Settings(start=0.5)),
    "couple": replace(PLAIN, settings=Settings(method="couple")),
    "area": replace(PLAIN, settings=Settings(method="area"), prompt="soft light"),
}
"""Jobs by name; those whose names begin with "off" are made without regions."""

FAULTS = ("error", "out of memory", "interrupt")


class StopError(Exception):
    """The caller of the renderer ends the sampling after a step."""


@contextmanager
def fault_in_unet(renderer: Renderer, fault: str):
    """Let the UNet fail at its second call."""
    calls = []

    def fail(*_):
        calls.append(1)
        if len(calls) == 2:
            raise torch.cuda.OutOfMemoryError(fault) if "memory" in fault else RuntimeError(fault)

    hook = renderer.pipeline.unet.register_forward_pre_hook(fail)
    try:
        yield
    finally:
        hook.remove()


def fail(renderer: Renderer, job: RenderJob, fault: str) -> None:
    """Run a job that must end with a fault."""

    def interrupt(step: SamplerStep) -> None:
        raise StopError(fault)

    if fault == "interrupt":
        with pytest.raises(StopError):
            renderer.render(job, latents=True, on_step=interrupt)
        return
    with fault_in_unet(renderer, fault), pytest.raises(RuntimeError, match=fault):
        renderer.render(job, latents=True)


def latents(renderer: Renderer, name: str) -> torch.Tensor:
    return renderer.render(JOBS[name], latents=True).pictures


def tensors_alive() -> int:
    gc.collect()
    return sum(issubclass(type(thing), torch.Tensor) for thing in gc.get_objects())


def walk(renderers: list[Renderer], jobs: int, seed: int) -> None:
    """Make jobs in random order; compares each picture, and at the end the number of tensors."""
    chance = random.Random(seed)
    # Without regions: as pipelines make it that never had any.
    untouched = [Renderer(build(name)) for name in ("sd1", "sdxl")]
    expected = [
        {name: latents(fresh if name.startswith("off") else used, name) for name in JOBS}
        for fresh, used in zip(untouched, renderers, strict=True)
    ]
    for renderer in renderers:  # diffusers keeps an image-to-image pipeline of the last size
        latents(renderer, "off")
    before = tensors_alive()
    for number in range(jobs):
        model, name = chance.randrange(len(renderers)), chance.choice(list(JOBS))
        if chance.random() < 0.3:
            fail(renderers[model], JOBS[name], chance.choice(FAULTS))
            continue
        picture = latents(renderers[model], name)
        assert torch.equal(picture, expected[model][name]), f"seed {seed}, job {number}: {name}"
    del picture
    for renderer in renderers:
        latents(renderer, "off")
    assert tensors_alive() <= before, f"seed {seed}: tensors stay alive"


@pytest.fixture
def renderers(sd1, sdxl):
    return [sd1, sdxl]


def test_thirty_jobs(renderers):
    walk(renderers, 30, seed=random.randrange(10**6))


@pytest.mark.slow
def test_two_hundred_jobs(renderers):
    walk(renderers, 200, seed=random.randrange(10**6))


class RendererWithLeak(Renderer):
    """A renderer that never frees the encodings of a job."""

    def __init__(self, pipeline):
        super().__init__(pipeline)
        self.kept = []

    def _sampling(self, job, encodings, *others):
        self.kept.append(encodings)
        return super()._sampling(job, encodings, *others)


def test_the_walk_notices_a_leak(sd1, sdxl):
    with pytest.raises(AssertionError, match="tensors stay alive"):
        walk([RendererWithLeak(sd1.pipeline), sdxl], 10, seed=1)
