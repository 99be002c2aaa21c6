from __future__ import annotations

import json
from dataclasses import replace

import pytest

from lib_omost import atomic_files
from lib_omost.canvas.model import Box
from lib_omost.compose.settings import COMPOSE_FIELDS
from lib_omost.llm.engine import Done, Failed, Progress, Text
from lib_omost.regeneration import Regeneration
from lib_omost.renderer.painting import PaintedPicture, PictureError
from lib_omost.serve.generate_action import GenerateAction
from lib_omost.serve.generate_inputs import GenerateInputs
from lib_omost.serve.image_process import Preview
from lib_omost.settings import FIELDS, Settings
from lib_omost.ui.texts import WITHOUT_CANVAS
from tests.canvas.test_code_reader import CODE
from tests.test_regeneration import RED

ENTERED = GenerateInputs(steps=2, width=64, height=64, seed=7)
ON = Settings(enabled=True, canvas=CODE)


class ScriptedImages:
    """Image process and queue that paint at once, and fail or stop at a given picture."""

    def __init__(self, fails=0, interrupted=0):
        self.wanted = []
        self.turns = []
        self.fails, self.stops = fails, interrupted
        self.interrupted = False
        self.queue = self

    def acquire(self, cancel):
        self.turns.append("taken")
        yield Progress("Waiting")

    def release(self):
        self.turns.append("left")

    def paint(self, wanted, cancel):
        self.wanted.append(wanted)
        yield Progress("Sampling", 0.5)
        yield Preview("cGl4ZWxz")
        if len(self.wanted) == self.fails:
            raise PictureError("No memory.")
        return None if len(self.wanted) == self.stops else PaintedPicture(b"png", ("cut",))


class Composing:
    """Composes CODE, fails for the request "fail", and records requests and samplings."""

    def __init__(self):
        self.did = []

    def stream_within_job(self, order, stop):
        request, seed = order.conversation.turns[-1].request, order.conversation.turns[-1].seed
        self.did.append((request, seed))
        yield Progress("Loading", 0.5)
        if request == "fail":
            yield Failed("No memory.")
            return
        yield Text(CODE)
        yield Done("finished", 1, ("It left out “giraffe”.",) if "giraffe" in request else ())

    def before_sampling(self):
        self.did.append("sampling")


def arguments(settings, **composer):
    values = [getattr(settings, name) for name in FIELDS]
    return [*values, *(composer.get(name) for name in (*COMPOSE_FIELDS, "regenerate"))]


@pytest.fixture
def generate(tmp_path):
    """Presses Generate and returns the views; stores the doubles as attributes."""

    def generate(entered=ENTERED, settings=ON, images=None, **composer):
        generate.images = images or ScriptedImages()
        generate.composing = Composing()
        generating = GenerateAction(generate.images, generate.composing, tmp_path)
        return list(generating.generate(entered, arguments(settings, **composer)))

    return generate


def kept(folder):
    return [file.name for file in sorted(folder.glob("*/*.png"))]


def statuses(views):
    return [view.status for view in views if view.status is not None]


def test_pictures_are_painted_one_after_the_other_and_kept(generate, tmp_path):
    views = generate(replace(ENTERED, batch_count=2, prompt="soft light"))
    assert [(one.seed, one.prompt, one.canvas) for one in generate.images.wanted] == [
        (7, "soft light", CODE),
        (8, "soft light", CODE),
    ]
    assert [file.name for file in sorted(tmp_path.glob("*/*.png"))] == [
        "00001-7.png",
        "00002-8.png",
    ]
    assert [len(view.pictures) for view in views if view.pictures is not None] == [0, 1, 2]
    assert (views[0].busy, views[-1].busy) == (True, False)
    assert "Picture 1 of 2: Sampling: 50%" in "".join(statuses(views))
    assert statuses(views)[-1].count("cut") == 1
    assert generate.images.turns == ["taken", "left"]
    assert generate.composing.did == ["sampling"]


def test_a_preview_is_removed_by_its_picture(generate):
    views = generate()
    shown = [view for view in views if view.preview is not None]
    assert [(view.preview, view.pictures is not None) for view in shown] == [
        ("cGl4ZWxz", False),
        ("", True),
    ]


@pytest.mark.parametrize("images", [ScriptedImages(fails=1), ScriptedImages(interrupted=1)])
def test_a_preview_is_removed_without_a_picture(generate, images):
    previews = [view.preview for view in generate(images=images) if view.preview is not None]
    assert previews == ["cGl4ZWxz", ""]


def test_numbers_go_on_through_the_day(generate, tmp_path):
    generate()
    generate(replace(ENTERED, seed=9))
    assert [file.name for file in sorted(tmp_path.glob("*/*.png"))] == [
        "00001-7.png",
        "00002-9.png",
    ]


def test_a_region_is_regenerated_in_a_picture_of_its_own_size_with_a_new_seed(generate):
    """One picture, of the canvas on the page even if canvases come from the prompt."""
    request = {"picture": RED, "boxes": [[0, 90, 0, 45]]}
    entered = replace(ENTERED, batch_count=3, width=512, height=512)
    generate(entered, replace(ON, canvas_source="prompt"), regenerate=json.dumps(request))
    (spec,) = generate.images.wanted
    assert spec.regeneration == Regeneration(RED, (Box(0, 90, 0, 45),))
    assert (spec.width, spec.height, spec.canvas) == (128, 64, CODE)
    assert spec.seed != 7
    assert spec.settings.prompt_role == "whole picture"
    assert generate.composing.did == ["sampling"]


def test_a_region_that_cannot_be_regenerated_is_a_sentence(generate):
    (view,) = generate(regenerate='{"picture": "", "boxes": [[0, 90, 0, 45]]}')
    assert "he picture that should be regenerated cannot be read" in view.status
    assert generate.images.wanted == []


def test_every_setting_reaches_the_renderer(generate):
    settings = replace(ON, method="couple", overlap="overlay", start=0.25, sharpness=0.5)
    generate(settings=settings)
    assert generate.images.wanted[0].settings == replace(settings, canvas="")


def test_a_random_seed_is_a_new_one_each_time(generate):
    seeds = []
    for _ in range(2):
        generate(replace(ENTERED, seed=-1))
        seeds.append(generate.images.wanted[0].seed)
    assert min(seeds) >= 0
    assert seeds[0] != seeds[1]


def test_with_omost_off_no_canvas_is_asked_for(generate):
    generate(settings=Settings(canvas="nonsense"))
    assert not generate.images.wanted[0].settings.enabled


@pytest.mark.parametrize(
    ("entered", "settings", "message"),
    [
        (ENTERED, replace(ON, canvas=" "), WITHOUT_CANVAS),
        (ENTERED, replace(ON, canvas="I cannot."), "canvas cannot be read"),
        (
            replace(ENTERED, width=2.5),
            ON,
            "The width must be a whole number from 64 to 2048, not 2.5",
        ),
        (
            replace(ENTERED, width=None),
            ON,
            "The width must be a whole number from 64 to 2048, not None",
        ),
        (
            replace(ENTERED, height=float("inf")),
            ON,
            "The height must be a whole number from 64 to 2048",
        ),
        (
            replace(ENTERED, cfg_scale=None),
            ON,
            "The CFG scale must be a number from 0 to 100, not None",
        ),
        (
            replace(ENTERED, cfg_scale=[7]),
            ON,
            "The CFG scale must be a number from 0 to 100, not [7]",
        ),
        (replace(ENTERED, steps=0), ON, "The number of steps must be a whole number from 1"),
        (
            replace(ENTERED, batch_count=1000),
            ON,
            "The batch count must be a whole number from 1 to 100",
        ),
        (replace(ENTERED, sampler="LCM"), ON, "The sampler"),
        (ENTERED, replace(ON, canvas_source="prompt"), "The prompt has no words"),
    ],
)
def test_what_is_wrong_is_said_before_anything_is_done(generate, entered, settings, message):
    (view,) = generate(entered, settings)
    assert message in view.status
    assert generate.images.turns == []


def test_a_failure_keeps_the_pictures_before_it_and_gives_the_turn_back(generate, tmp_path):
    views = generate(replace(ENTERED, batch_count=3), images=ScriptedImages(fails=2))
    assert "No memory." in views[-1].status
    assert views[-1].busy is False
    assert kept(tmp_path) == ["00001-7.png"]
    assert generate.images.turns == ["taken", "left"]


def test_a_picture_of_another_server_is_not_replaced(generate, tmp_path, monkeypatch):
    """Another server saved its picture after this one read the used numbers."""
    create = atomic_files.create

    def slow(path, data):
        if path.name == "00001-7.png":
            path.write_bytes(b"theirs")
        create(path, data)

    monkeypatch.setattr(atomic_files, "create", slow)
    generate()
    assert kept(tmp_path) == ["00001-7.png", "00002-7.png"]
    assert next(tmp_path.glob("*/00001-7.png")).read_bytes() == b"theirs"


def test_a_full_disk_is_said(generate, monkeypatch):
    def full(*_):
        raise OSError("no space left on device")

    monkeypatch.setattr("lib_omost.atomic_files.create", full)
    views = generate()
    assert "No space left on device" in views[-1].status
    assert views[-1].busy is False


def test_an_interrupt_ends_the_batch(generate, tmp_path):
    views = generate(replace(ENTERED, batch_count=3), images=ScriptedImages(interrupted=2))
    assert "Interrupted" in views[-1].status
    assert kept(tmp_path) == ["00001-7.png"]


def test_a_page_that_is_closed_gives_the_turn_back(tmp_path):
    images = ScriptedImages()
    views = GenerateAction(images, Composing(), tmp_path).generate(ENTERED, arguments(ON))
    for _ in range(4):
        next(views)
    views.close()
    assert images.turns == ["taken", "left"]


FROM_PROMPT = replace(ON, canvas="", canvas_source="prompt")


def test_canvases_from_the_prompt_are_all_composed_first_each_with_its_seed(generate):
    entered = replace(ENTERED, batch_count=2, prompt="a cat")
    views = generate(entered, FROM_PROMPT, temperature="0.6")
    assert generate.composing.did == [("a cat", 7), ("a cat", 8), "sampling"]
    assert "Canvas 2 of 2: Loading: 50%" in "".join(statuses(views))
    for one in generate.images.wanted:
        assert one.canvas.startswith("canvas = Canvas()")
        assert (one.settings.prompt_role, one.settings.canvas_source) == ("ignored", "page")


def test_what_a_model_left_out_is_said_when_the_picture_is_there(generate):
    views = generate(replace(ENTERED, prompt="a circle and a giraffe"), FROM_PROMPT)
    assert "It left out “giraffe”." in views[-1].status
    assert (
        "It left out" not in generate(replace(ENTERED, prompt="a circle"), FROM_PROMPT)[-1].status
    )


def test_a_composer_without_chance_is_asked_once(generate):
    entered = replace(ENTERED, batch_count=2, prompt="a cat")
    generate(entered, FROM_PROMPT)
    assert generate.composing.did == [("a cat", 7), "sampling"]
    assert len(generate.images.wanted) == 2


def test_what_cannot_be_composed_is_said(generate):
    views = generate(replace(ENTERED, prompt="fail"), FROM_PROMPT)
    assert "No memory." in views[-1].status
    assert generate.images.wanted == []
