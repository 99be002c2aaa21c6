"""The composer that ships changes the canvas on the page: its real weights, in both gradios."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from lib_omost.canvas import formats
from tests.page.accordion_steps import Accordion
from tests.page.conftest import empty_tab, served
from tests.page.host_steps import LARGE

ONE_THREAD = {"OMP_NUM_THREADS": "1"}

SHAPES = (Path(__file__).parents[2] / "examples" / "shapes.txt").read_text(encoding="utf-8")


@pytest.fixture(scope="module", params=["gradio3", "gradio4"])
def url(request, tmp_path_factory):
    data = tmp_path_factory.mktemp("data")
    module = "tests.page.serve_composer"
    with served(request.param, module, data, sys.executable, **ONE_THREAD) as url:
        yield url


@pytest.fixture
def accordion(url, context):
    page = empty_tab(context, url, **LARGE)
    page.set_default_timeout(120_000)  # loading a model on a busy machine
    page.goto(url)
    page.wait_for_selector("#omost_txt2img_compose_button:enabled")
    yield Accordion(page)
    page.close()


def canvas(accordion):
    return formats.read(accordion.code).canvas


def test_a_dragged_circle_stays_where_it_is_when_it_becomes_green(accordion):
    accordion.compose("a red circle left of a blue star")
    accordion.wait_for_boxes(2)
    accordion.drag(0, 1 / 3, -1 / 3)
    circle, star = canvas(accordion).regions
    assert circle.place.location == "on the top"
    accordion.compose("make the circle green")
    changed, same = canvas(accordion).regions
    assert (changed.description, changed.place) == ("a green circle.", circle.place)
    assert same == star
    assert "with your changes" in accordion.part("messages").inner_text()
    accordion.undo()
    accordion.wait_for_boxes(2)
    assert canvas(accordion).regions == (circle, star)


def test_a_pasted_canvas_is_changed_and_its_other_regions_stay(accordion):
    accordion.part("canvas").locator("textarea").fill(SHAPES)
    accordion.wait_for_boxes(4)
    before = canvas(accordion)
    accordion.compose("make the red circle purple")
    after = canvas(accordion)
    assert after.regions[0].description == "a purple circle."
    assert after.regions[1:] == before.regions[1:]
    assert replace(after, regions=()) == replace(before, regions=())
