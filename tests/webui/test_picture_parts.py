"""Where the part of the picture lies that a job paints, and what it follows."""

from __future__ import annotations

import sys
from collections import namedtuple
from types import ModuleType, SimpleNamespace

import pytest
import torch
from PIL import Image

from lib_omost.canvas import formats
from lib_omost.canvas.model import Box, Canvas, Region
from lib_omost.webui import picture_parts
from lib_omost.webui.generation import Generation
from lib_omost.webui.job_canvases import CANVASES_FOR_TILES, SEEDS_FOR_TILES
from tests.webui.conftest import CODE, OTHER_CODE, FakeJob

BIRD = Region(description="A bird.", place=Box(top=0, bottom=30, left=0, right=30))
BOAT = Region(description="A boat.", place=Box(top=45, bottom=90, left=60, right=90))
CANVAS = Canvas(description="A lake.", regions=(BIRD, BOAT))
NOISE = torch.zeros(1, 4, 8, 8)

Grid = namedtuple("Grid", "tiles tile_w tile_h image_w image_h overlap")


def split_grid(image, tile_w=512, tile_h=512, overlap=64):
    """A host's function as far as a row of tiles without overlap needs it."""
    row = [
        [x, tile_w, image.crop((x, 0, x + tile_w, tile_h))] for x in range(0, image.width, tile_w)
    ]
    return Grid([[0, tile_h, row]], tile_w, tile_h, *image.size, overlap)


@pytest.fixture
def images(monkeypatch):
    """The host's module `images`, with our function in it."""
    module = ModuleType("modules.images")
    module.split_grid = split_grid
    monkeypatch.setitem(sys.modules, "modules", SimpleNamespace(images=module))
    monkeypatch.setitem(sys.modules, "modules.images", module)
    picture_parts.register()
    return module


def tiles(images):
    """The two tiles, 60 x 90 pixels each, of a picture of 120 x 90 pixels."""
    grid = images.split_grid(Image.new("RGB", (120, 90)), tile_w=60, tile_h=90, overlap=0)
    return [tile for _, _, row in grid.tiles for _, _, tile in row]


def masked(**changes):
    """A job that paints the 50 x 45 pixels at (50, 45) of a picture of 100 x 90 pixels."""
    job = SimpleNamespace(
        init_images=[Image.new("RGB", (100, 90))],
        inpaint_full_res=True,
        paste_to=(50, 45, 50, 45),
        image_mask="a mask",
    )
    vars(job).update(changes)
    return job


def boxes(p, canvases=(CANVAS,)):
    return [
        [region.box for region in canvas.regions]
        for canvas in picture_parts.cut_to_parts(p, canvases)
    ]


WHOLE = [BIRD.box, BOAT.box]


class TestOnlyMasked:
    def test_the_masked_part_has_its_part_of_the_canvas(self):
        assert boxes(masked()) == [[Box(top=0, bottom=90, left=30, right=90)]]
        assert picture_parts.part_message(masked()) == picture_parts.PART

    @pytest.mark.parametrize(
        "changes",
        [{"inpaint_full_res": False}, {"image_mask": None}, {"paste_to": None}],
        ids=["whole picture", "no mask", "no part"],
    )
    def test_other_jobs_paint_the_whole_picture(self, changes):
        p = masked(**changes)
        assert boxes(p) == [WHOLE]
        assert picture_parts.part_message(p) == ""

    def test_each_picture_of_a_batch_has_a_size(self):
        p = masked(init_images=[Image.new("RGB", (100, 90)), Image.new("RGB", (200, 180))])
        assert boxes(p, [CANVAS] * 2) == [
            [Box(top=0, bottom=90, left=30, right=90)],
            [Box(top=0, bottom=30, left=0, right=30)],
        ]

    def test_txt2img_has_no_init_picture(self):
        assert boxes(FakeJob()) == [WHOLE]


class TestTiles:
    def test_each_tile_has_its_part_of_the_canvas(self, images):
        p = SimpleNamespace(init_images=tiles(images))
        assert boxes(p, [CANVAS] * 2) == [
            [Box(top=0, bottom=30, left=0, right=60)],
            [Box(top=45, bottom=90, left=30, right=90)],
        ]
        assert picture_parts.are_tiles(p)

    def test_equal_parts_are_one_object(self, images):
        first, _ = tiles(images)
        p = SimpleNamespace(init_images=[first])
        a, b = picture_parts.cut_to_parts(p, [CANVAS] * 2)
        assert a is b

    def test_the_host_s_function_is_replaced_once(self, images):
        replaced = images.split_grid
        picture_parts.register()
        assert images.split_grid is replaced
        assert replaced.__wrapped__ is split_grid

    def test_a_picture_that_was_not_cut_is_no_tile(self):
        p = SimpleNamespace(init_images=[Image.new("RGB", (120, 90))])
        assert not picture_parts.are_tiles(p)
        assert boxes(p) == [WHOLE]


def prepare(session, job, **settings):
    """Run a job's hooks up to its first sampling."""
    generation = Generation(session, img2img=True)
    generation.start(job, {"canvas": CODE, **settings})
    next(job.batches())
    generation.before_batch(job)
    generation.before_sampling(job, NOISE.expand(len(job.prompts), -1, -1, -1))
    return generation


class TestJob:
    """The only region of CODE lies at 20 to 70 from the top and 50 to 90 from the left."""

    def sampled_boxes(self, job):
        job.sampler.sample_img2img(job, NOISE, NOISE, None, None)
        (regional_pass,) = job.sampler.installed[-1]
        return [list(canvas.boxes[1:]) for canvas in regional_pass.canvases]

    def job(self, host, **changes):
        job = FakeJob(host=host, images=changes.pop("images", 1), batch_size=changes.pop("size", 1))
        vars(job).update(changes)
        return job

    def test_only_masked(self, session, host):
        job = self.job(host, **vars(masked()))
        prepare(session, job)
        assert self.sampled_boxes(job) == [[Box(top=0, bottom=50, left=10, right=90)]]
        assert list(job.comments) == [f"Omost: {picture_parts.PART}"]

    def test_the_infotext_has_the_whole_canvas(self, session, host):
        job = self.job(host, **vars(masked()))
        prepare(session, job)
        written = formats.read(job.extra_generation_params["Omost canvas"]).canvas
        assert written == formats.read(CODE).canvas

    def test_a_batch_of_tiles(self, session, host, images):
        job = self.job(host, images=2, size=2, init_images=tiles(images))
        prepare(session, job)
        assert self.sampled_boxes(job) == [[], [Box(top=20, bottom=70, left=10, right=90)]]

    def test_a_list_of_canvases_for_the_tiles_of_one_picture_is_refused(
        self, session, host, images
    ):
        job = self.job(host, images=2, size=2, init_images=tiles(images))
        generation = prepare(session, job, canvas=[CODE, OTHER_CODE])
        assert generation.failure == CANVASES_FOR_TILES

    @pytest.mark.parametrize(
        ("settings", "failure"),
        [
            ({"temperature": 0.6}, SEEDS_FOR_TILES),
            ({"temperature": 0.6, "composition_seed": 5}, None),
            ({"temperature": 0}, None),
        ],
    )
    def test_tiles_with_seeds_of_their_own_need_one_canvas(
        self, session, host, images, settings, failure
    ):
        job = self.job(host, init_images=tiles(images)[:1])
        job.all_prompts = ["a harbour"]
        generation = prepare(session, job, canvas="", canvas_source="prompt", **settings)
        assert generation.failure == failure
        assert len(session.compositions.asked) == (failure is None)

    @pytest.mark.parametrize(
        ("title", "number", "told"),
        [("Outpainting mk2", 2, True), ("Outpainting mk2", 1, False), ("Loopback", 2, False)],
    )
    def test_a_script_that_hides_its_parts(self, session, host, title, number, told):
        scripts = [
            SimpleNamespace(title=lambda: "Prompt matrix"),
            SimpleNamespace(title=lambda: title),
        ]
        job = self.job(
            host,
            init_images=[Image.new("RGB", (100, 90))],
            scripts=SimpleNamespace(selectable_scripts=scripts),
            script_args=[number, "its arguments"],
        )
        prepare(session, job)
        assert list(job.comments) == ([f"Omost: {picture_parts.HIDDEN_PART}"] if told else [])
        assert self.sampled_boxes(job) == [[Box(top=20, bottom=70, left=50, right=90)]]
