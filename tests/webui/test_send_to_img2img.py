"""A finished picture brings its own canvas along to img2img."""

from __future__ import annotations

import sys
from types import ModuleType, SimpleNamespace

import pytest

from lib_omost import infotext
from lib_omost.canvas import formats
from lib_omost.settings import FIELDS, Settings
from lib_omost.webui.send_to_img2img import BUTTONS, GALLERY, SendToImg2img, sent
from tests.webui.conftest import CODE

TXT2IMG = {name: f"txt2img {name}" for name in FIELDS}
IMG2IMG = {name: f"img2img {name}" for name in FIELDS}


class Script:
    """Tells of components as the host does, when they are made."""

    def __init__(self):
        self.callbacks = {}

    def on_after_component(self, callback, *, elem_id):
        self.callbacks[elem_id] = callback

    def make(self, elem_id):
        component = SimpleNamespace(clicks=[])
        component.click = lambda fn, **options: component.clicks.append((fn, options))
        self.callbacks[elem_id](SimpleNamespace(component=component))
        return component


def test_both_buttons_go_from_the_gallery_to_the_other_tab(monkeypatch):
    parts = SimpleNamespace(SCRIPT_ARGUMENT="js")  # which needs gradio
    monkeypatch.setitem(sys.modules, "lib_omost.ui.components", parts)
    sending, script = SendToImg2img(SimpleNamespace(infotext_of=None)), Script()
    sending.watch(script, TXT2IMG)
    gallery, *buttons = (script.make(element) for element in (GALLERY, *BUTTONS))
    sending.wire(IMG2IMG)
    for button in buttons:
        ((function, options),) = button.clicks
        assert function.func is sent
        assert options["inputs"] == [gallery, *TXT2IMG.values()]
        assert options["outputs"] == list(IMG2IMG.values())
    sending.wire(IMG2IMG)  # the API makes the accordions again, without a page
    assert len(buttons[0].clicks) == 1


def test_without_a_gallery_nothing_is_wired():
    sending, script = SendToImg2img(SimpleNamespace(infotext_of=None)), Script()
    sending.watch(script, TXT2IMG)
    button = script.make(BUTTONS[0])
    sending.wire(IMG2IMG)
    assert button.clicks == []


@pytest.fixture
def selected(monkeypatch):
    """The metadata of the picture that is selected in the gallery."""
    written = {}
    module = ModuleType("modules.infotext_utils")
    module.image_from_url_text = lambda picture: picture
    monkeypatch.setitem(sys.modules, "modules", ModuleType("modules"))
    monkeypatch.setitem(sys.modules, module.__name__, module)
    return written


PAGE = [field.default for field in FIELDS.values()]


def test_the_picture_s_own_go_before_the_page_s(selected):
    infotext.add_parameters(
        selected, Settings(enabled=True, method="area"), [formats.read(CODE).canvas]
    )
    selected = {key: value for key, value in selected.items() if value is not None}
    values = dict(zip(FIELDS, sent(lambda picture: selected, "picture", *PAGE), strict=True))
    assert (values["enabled"], values["method"]) == (True, "area")
    assert formats.read(values["canvas"]).canvas == formats.read(CODE).canvas


def test_a_picture_without_metadata_brings_what_stands_in_the_page(selected):
    assert sent(lambda picture: selected, "picture", *PAGE) == PAGE
    assert sent(lambda picture: selected, None, *PAGE) == PAGE
