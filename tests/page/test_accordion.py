"""The accordion in real gradio: 3.41 in A1111, 4.40 in Forge."""

from __future__ import annotations

from contextlib import contextmanager

import pytest

gr = pytest.importorskip("gradio")

from lib_omost.canvas import files  # noqa: E402
from lib_omost.llm.conversation import Conversation  # noqa: E402
from lib_omost.settings import FIELDS, Settings  # noqa: E402
from lib_omost.webui.accordion import PLACEHOLDER, Tab, build  # noqa: E402
from lib_omost.webui.arguments import (  # noqa: E402
    NAMES,
    read_order,
    read_settings,
    read_values,
)
from lib_omost.webui.chat_page import Entered  # noqa: E402


@contextmanager
def input_accordion(value, *, label, elem_id):
    """The host's: a checkbox whose accordion opens with it."""
    with gr.Accordion(label, open=value, elem_id=elem_id):
        yield gr.Checkbox(value, visible=False, elem_id=f"{elem_id}-checkbox")


@pytest.fixture
def page():
    with gr.Blocks() as page:
        page.txt2img = build(Tab("txt2img"), input_accordion)
        page.img2img = build(Tab("img2img"), input_accordion)
    return page


def test_one_component_for_each_argument_in_order(page):
    assert list(page.txt2img) == list(NAMES)


def test_the_values_of_the_components_are_the_default_settings(page):
    values = read_values([part.value for part in page.img2img.values()], {})
    assert read_settings(values) == Settings()
    assert read_order(values) == Entered().order(Conversation())


def test_both_tabs_have_ids_of_their_own_that_do_not_change(page):
    ids = [part.elem_id for part in (*page.txt2img.values(), *page.img2img.values())]
    assert len(set(ids)) == len(ids)
    assert page.txt2img["enabled"].elem_id == "omost_txt2img-checkbox"
    assert page.txt2img["canvas"].elem_id == "omost_txt2img_canvas"
    assert page.img2img["method"].elem_id == "omost_img2img_method"


def test_every_setting_has_its_help_as_tooltip(page):
    for name, component in page.txt2img.items():
        if name in FIELDS and name != "enabled":
            assert component.webui_tooltip == FIELDS[name].metadata["help"]
        elif name != "enabled":
            assert component.webui_tooltip


def test_the_page_can_be_served(page):
    assert page.get_config_file()["components"]


def test_the_example_in_the_empty_canvas_can_be_read_as_it_stands():
    reading = files.read(PLACEHOLDER)
    assert reading.canvas.regions[0].description == "A red fishing boat."
    assert reading.diagnostics == ()
