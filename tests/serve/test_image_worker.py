"""ImageWorker in this process, with a checkpoint of random weights."""

from __future__ import annotations

import base64
import io
import json
import threading
from dataclasses import asdict, replace

import numpy as np
import pytest
from PIL import Image

from lib_omost.canvas.model import Box
from lib_omost.llm.engine import Done, Failed, Progress, Text
from lib_omost.regeneration import Regeneration
from lib_omost.renderer import demo_painter
from lib_omost.renderer.image_model import ImageModel
from lib_omost.renderer.painting import PictureSpec
from lib_omost.serve import image_worker
from lib_omost.serve.image_worker import LORA_TAG_IGNORED, ImageWorker, parse_spec
from lib_omost.settings import Settings
from model_tools.random_models import tiny_pipeline
from tests.cli.test_render import CODE
from tests.test_regeneration import RED

ON = Settings(enabled=True)
SPEC = PictureSpec(canvas=CODE, width=64, height=64, steps=2, seed=7, settings=ON)


@pytest.fixture(scope="module")
def stand_in():
    return tiny_pipeline()


@pytest.fixture
def paint(monkeypatch, stand_in):
    """Paints a picture; returns the events, the picture and the remarks."""
    monkeypatch.setattr(demo_painter, "load_painter", lambda: stand_in)

    def paint(wanted, cancel=None):
        events = list(ImageWorker(ImageModel()).stream(wanted, cancel or threading.Event()))
        texts = [json.loads(event.text) for event in events if isinstance(event, Text)]
        return events, *(text for text in texts if "preview" not in text)

    return paint


def png(picture):
    return Image.open(io.BytesIO(base64.b64decode(picture["png"])))


def test_each_step_is_told_and_the_picture_carries_its_infotext(paint):
    events, picture = paint(SPEC)
    assert Progress("Sampling, step 1 of 2", 0.5) in events
    assert events[-1] == Done("finished", 1)
    assert png(picture).size == (64, 64)
    assert "Omost canvas" in png(picture).text["parameters"]


def test_previews_are_small_and_come_before_the_picture(paint, monkeypatch):
    monkeypatch.setattr(image_worker, "PREVIEW_SECONDS", 0)
    events, _ = paint(replace(SPEC, width=128, steps=3))
    texts = [json.loads(event.text) for event in events if isinstance(event, Text)]
    assert ["preview" in text for text in texts] == [True, True, False]
    assert png({"png": texts[0]["preview"]}).size == (16, 8)


def test_previews_have_a_pace(paint, monkeypatch):
    monkeypatch.setattr(image_worker, "PREVIEW_SECONDS", 1000)
    events, _ = paint(replace(SPEC, steps=5))
    assert sum(isinstance(event, Text) for event in events) == 2  # the first preview, the picture


def test_progress_ends_at_100_percent_with_a_start_from_colors(paint):
    settings = replace(ON, start_from_colors=True, color_denoising=0.5)
    events, _ = paint(replace(SPEC, steps=4, settings=settings))
    assert Progress("Sampling, step 2 of 2", 1.0) in events


def test_a_prompt_that_says_what_the_canvas_does_counts_as_empty(paint):
    plain, same = (
        paint(SPEC)[1],
        paint(replace(SPEC, prompt="Toys on a table."))[1],
    )
    assert (np.asarray(png(plain)) == np.asarray(png(same))).all()


def test_with_omost_off_only_the_prompt_counts(paint):
    off = PictureSpec(prompt="toys", width=64, height=64, steps=2, seed=7)
    _, without = paint(off)
    _, with_canvas = paint(replace(off, canvas=CODE))
    assert (np.asarray(png(without)) == np.asarray(png(with_canvas))).all()
    assert "Omost" not in png(without).text["parameters"]


def test_lora_tags_are_said_to_have_no_effect(paint):
    _, picture = paint(replace(SPEC, prompt="soft <lora:ink:1>"))
    assert picture["remarks"] == [LORA_TAG_IGNORED]


def test_a_cancelled_picture_ends_within_a_step(paint):
    cancel = threading.Event()
    cancel.set()
    ((*_, end),) = paint(SPEC, cancel)
    assert end == Done("cancelled", 0)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"width": 60}, "sizes are multiples of 8"),
        ({"canvas": "I cannot."}, "its canvas cannot be read"),
        ({"negative": "a AND b"}, "the negative prompt has syntax"),
    ],
)
def test_what_cannot_be_painted_is_said(paint, changes, message):
    events = paint(replace(SPEC, **changes))[0]
    assert isinstance(events[-1], Failed)
    assert message in events[-1].message


def test_a_checkpoint_that_cannot_be_used_is_said():
    events = list(ImageWorker(ImageModel("absent.safetensors")).stream(SPEC, threading.Event()))
    assert "there is no checkpoint absent.safetensors" in events[-1].message


def test_a_region_of_a_picture_is_regenerated(paint):
    part = Regeneration(RED, (Box(0, 90, 0, 45),))
    events, picture = paint(replace(SPEC, width=128, regeneration=part))
    assert events[-1] == Done("finished", 1)
    before, after = np.asarray(part.opened), np.asarray(png(picture))
    changed = (before != after).any(axis=2)
    assert not changed[:, 72:].any()
    assert changed[:, :64].mean() > 0.9
    assert "Denoising strength: 0.75" in png(picture).text["parameters"]


@pytest.mark.parametrize("part", [None, Regeneration(RED, (Box(0, 90, 0, 45),))])
def test_what_is_wanted_survives_the_pipe(part):
    settings = Settings(enabled=True, method="couple")
    wanted = replace(SPEC, settings=settings, regeneration=part)
    assert parse_spec(json.loads(json.dumps(asdict(wanted)))) == wanted
