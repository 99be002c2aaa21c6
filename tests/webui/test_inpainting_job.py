"""A job of the host becomes one of inpainting when regions of a picture are to be regenerated."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from types import ModuleType, SimpleNamespace

import pytest

from lib_omost.canvas.model import Box
from lib_omost.regeneration import Regeneration
from lib_omost.webui.folder_batch import BATCH
from lib_omost.webui.generation import Generation
from lib_omost.webui.inpainting_job import IN_BATCH, make_inpainting_job
from lib_omost.webui.sampler_calls import RefusalError
from tests.test_regeneration import RED
from tests.webui.conftest import CODE, OTHER_CODE, FakeJob

REQUEST = {"picture": RED, "boxes": [[0, 90, 0, 45]]}


@dataclass
class Processing:
    """Fields of the host's jobs that regenerating leaves alone, and that it changes."""

    prompt: str = "a harbour"
    sampler_name: str = "Euler a"
    steps: int = 20
    cfg_scale: float = 7.0
    width: int = 512
    height: int = 512
    seed: int = 1234
    subseed: int = 5
    batch_size: int = 4
    n_iter: int = 2


class Txt2Img(Processing):
    enable_hr = True


class Img2Img(Processing):
    """A1111's: the blur is a property that sets both directions."""

    image_mask = None
    mask_blur_x = mask_blur_y = 4

    @property
    def mask_blur(self):
        return self.mask_blur_x

    @mask_blur.setter
    def mask_blur(self, value):
        self.mask_blur_x = self.mask_blur_y = value


@pytest.fixture(autouse=True)
def host_modules(monkeypatch):
    processing, shared = ModuleType("modules.processing"), ModuleType("modules.shared")
    processing.StableDiffusionProcessingImg2Img = Img2Img
    shared.opts = SimpleNamespace(initial_noise_multiplier=1.1)
    for module in (ModuleType("modules"), processing, shared):
        monkeypatch.setitem(sys.modules, module.__name__, module)
    return processing


@pytest.mark.parametrize("kind", [Txt2Img, Img2Img])
def test_the_job_inpaints_the_whole_picture_once_with_a_new_seed(kind):
    job, part = kind(), Regeneration(RED, (Box(0, 90, 0, 45),))
    make_inpainting_job(job, part, 0.6)
    assert type(job) is Img2Img
    assert job.init_images == [part.opened]
    assert job.image_mask is part.mask
    assert (job.mask_blur_x, job.mask_blur_y) == (0, 0)
    assert (job.denoising_strength, job.initial_noise_multiplier) == (0.6, 1.1)
    assert (job.inpainting_fill, job.inpaint_full_res, job.inpainting_mask_invert) == (1, False, 0)
    assert (job.width, job.height) == (128, 64)
    assert (job.seed, job.subseed, job.batch_size, job.n_iter) == (-1, -1, 1, 1)
    assert job.enable_hr is False


def test_everything_else_stays():
    job = Txt2Img()
    make_inpainting_job(job, Regeneration(RED, (Box(0, 90, 0, 45),)), 0.6)
    stays = (job.prompt, job.sampler_name, job.steps, job.cfg_scale)
    assert stays == ("a harbour", "Euler a", 20, 7.0)


def test_a_batch_of_a_folder_is_refused():
    job = Img2Img()
    setattr(job, BATCH, object())
    with pytest.raises(RefusalError, match="batch"):
        make_inpainting_job(job, Regeneration(RED, (Box(0, 90, 0, 45),)), 0.6)
    assert not hasattr(job, "init_images")


class Job(FakeJob):
    """A job whose class can change as a host's can."""


@pytest.fixture
def begin(session, host_modules):
    """Starts a job that regenerates, up to the host's own preparation."""
    host_modules.StableDiffusionProcessingImg2Img = type("Inpainting", (FakeJob,), {})

    def begin(job, **values):
        generation = Generation(session)
        generation.start(job, {"canvas": CODE, "regenerate": REQUEST, **values})
        return generation

    return begin


def test_the_present_canvas_and_the_strength_of_the_settings_act(begin):
    job = Job()
    generation = begin(job, canvas=OTHER_CODE, region_denoising=0.4)
    assert generation.failure is None
    assert job.denoising_strength == 0.4
    assert "forest" in job.extra_generation_params["Omost canvas"]


def test_the_canvas_on_the_page_acts_even_if_canvases_come_from_the_prompt(begin):
    generation = begin(Job("a forest"), canvas_source="prompt")
    assert (generation.failure, generation.from_prompts) == (None, False)


def test_a_request_that_cannot_be_used_ends_the_job_with_a_sentence(begin):
    job = Job()
    generation = begin(job, regenerate={"picture": RED, "boxes": []})
    next(job.batches())
    generation.before_batch(job)
    assert job.prompts == []
    (comment,) = job.comments
    assert comment == "Omost: regenerate: boxes must be a list with at least one box"


def test_in_a_batch_of_a_folder_the_job_ends_with_a_sentence(begin):
    job = Job()
    setattr(job, BATCH, object())
    assert begin(job).failure == IN_BATCH


def test_without_a_request_the_job_stays_as_it_is(begin):
    job = Job()
    assert begin(job, regenerate="").failure is None
    assert type(job) is Job
    assert not hasattr(job, "init_images")
