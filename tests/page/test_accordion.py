"""The accordion in real gradio: 3.41 in A1111, 4.40 in Forge."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from types import ModuleType

import pytest

gr = pytest.importorskip("gradio")

from lib_omost.canvas import formats  # noqa: E402
from lib_omost.compose.settings import ComposeSettings  # noqa: E402
from lib_omost.hosts.recognition import Recognition  # noqa: E402
from lib_omost.settings import FIELDS, Settings  # noqa: E402
from lib_omost.ui.accordion import build  # noqa: E402
from lib_omost.ui.localisation import all_texts  # noqa: E402
from lib_omost.ui.script_arguments import (  # noqa: E402
    NAMES,
    read_compose_settings,
    read_settings,
    read_values,
)
from lib_omost.ui.tab import Tab  # noqa: E402
from lib_omost.ui.texts import CANVAS_PLACEHOLDER  # noqa: E402
from lib_omost.webui import host_detection  # noqa: E402


@contextmanager
def input_accordion(value, *, label, elem_id):
    """The host's: a checkbox whose accordion opens with it."""
    with gr.Accordion(label, open=value, elem_id=elem_id):
        yield gr.Checkbox(value, visible=False, elem_id=f"{elem_id}-checkbox")


@pytest.fixture
def page():
    with gr.Blocks() as page:
        for tab in ("txt2img", "img2img"):
            # The page asks for service and library at its first event.
            setattr(page, tab, build(Tab(tab), input_accordion, None, None, None))
    return page


def test_one_component_for_each_argument_in_order(page):
    assert list(page.txt2img) == list(NAMES)


def test_the_values_of_the_components_are_the_default_settings(page):
    values = read_values([part.value for part in page.img2img.values()], {})
    assert read_settings(values) == Settings()
    assert read_compose_settings(values) == ComposeSettings()


def test_each_tab_has_its_own_stable_element_ids(page):
    ids = [part.elem_id for part in (*page.txt2img.values(), *page.img2img.values())]
    assert len(set(ids)) == len(ids)
    assert page.txt2img["enabled"].elem_id == "omost_txt2img-checkbox"
    assert page.txt2img["canvas"].elem_id == "omost_txt2img_canvas"
    assert page.img2img["method"].elem_id == "omost_img2img_method"


def test_every_setting_has_its_help_as_tooltip(page):
    for name, field in FIELDS.items():
        assert page.txt2img[name].webui_tooltip == field.help


def people_see(page):
    """The components that somebody uses or reads, by gradio's own names of their kinds."""
    hidden = set()

    def walk(block, is_hidden=False):
        is_hidden = is_hidden or "omost-hidden" in (getattr(block, "elem_classes", None) or [])
        if is_hidden:
            hidden.add(block._id)
        for child in getattr(block, "children", []):
            walk(child, is_hidden)

    walk(page)
    return [
        block
        for block in page.blocks.values()
        if block._id not in hidden and block.get_block_name() not in ("state", "html")
    ]


def said_by(component):
    """The texts of a component, as both hosts find them in the page."""
    props = component.get_config()
    names = ("label", "placeholder", "info")
    own = [component.value] if component.get_block_name() == "button" else []
    return {text for text in (*own, *(props.get(name) for name in names)) if text}


CONTROLS = "button", "textbox", "dropdown", "slider", "number", "checkbox", "radio", "chatbot"


def test_every_control_has_one_sentence_as_its_tooltip(page):
    controls = [part for part in people_see(page) if part.get_block_name() in CONTROLS]
    hints = {part.elem_id: part.webui_tooltip for part in controls}
    assert len(hints) > 80
    assert [name for name, hint in hints.items() if not (hint or "").endswith(".")] == []


def test_every_text_of_the_page_can_be_translated(page):
    known = set(all_texts())
    parts = people_see(page)
    assert {text for part in parts for text in said_by(part)} - known == set()
    assert {getattr(part, "webui_tooltip", None) for part in parts} - known <= {None}


def test_the_page_can_be_served(page):
    assert page.get_config_file()["components"]


def test_the_placeholder_of_the_canvas_box_is_a_readable_canvas():
    reading = formats.read(CANVAS_PLACEHOLDER)
    assert reading.canvas.regions[0].description == "A red fishing boat."
    assert reading.diagnostics == ()


@pytest.fixture
def refused(monkeypatch):
    """The page of a WebUI that samples with another backend and has no other modules."""
    modules, scripts = ModuleType("modules"), ModuleType("modules.scripts")
    modules.scripts, scripts.Script, scripts.AlwaysVisible = scripts, object, True
    for module in (modules, scripts):
        monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setattr(host_detection, "recognise", lambda: Recognition(None, backend="diffusers"))
    host_detection.recognised.cache_clear()
    from lib_omost.webui.refused_script import RefusedScript

    with gr.Blocks() as page:
        assert RefusedScript().ui(False) == []
    yield page
    host_detection.recognised.cache_clear()
    del sys.modules["lib_omost.webui.refused_script"]


def test_a_refused_webui_shows_the_reason_and_a_report(refused):
    shown = {part.elem_id: part for part in refused.blocks.values() if part.elem_id}
    assert {"omost_txt2img_about_report", "omost_txt2img_about_copy"} <= shown.keys()
    [text] = [part.value for part in refused.blocks.values() if isinstance(part, gr.Markdown)]
    assert text == host_detection.refusal()
    functions = refused.fns.values() if isinstance(refused.fns, dict) else refused.fns
    [refresh] = [function.fn for function in functions if function.fn]
    report, message = refresh()
    assert f"- Works here: {host_detection.refusal()}\n" in report
    assert f"gradio {gr.__version__}" in report
    assert message == ""
