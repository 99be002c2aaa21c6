"""In a WebUI that Omost cannot work in, the extension shows the reason and the panel About."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path
from types import ModuleType

import pytest

from lib_omost.hosts.recognition import Recognition
from lib_omost.webui import host_detection

SCRIPT = Path(__file__).parents[2] / "scripts" / "omost.py"


class Shown(list):
    """Stands for gradio and for the panel About: remembers what is shown, in order."""

    def accordion(self, label, open):
        self.append(label)
        return self

    def markdown(self, text):
        self.append(text)

    def build_about(self, tab, report):
        self.append(tab.element("about"))

    def __enter__(self):
        return self

    def __exit__(self, *error):
        pass


class Script:
    """The host's class for scripts, with one of its hooks."""

    def before_process(self, p, *args): ...


@pytest.fixture
def shown(monkeypatch):
    """reForge as far as the extension may meet it: anything else in it is missing."""
    shown, modules, scripts = Shown(), ModuleType("modules"), ModuleType("modules.scripts")
    gradio = ModuleType("gradio")
    gradio.Accordion, gradio.Markdown = shown.accordion, shown.markdown
    scripts.Script, scripts.AlwaysVisible = Script, object()
    modules.scripts = scripts
    about = ModuleType("lib_omost.ui.about_panel")  # tests/page/test_accordion.py builds the panel
    about.build_about = shown.build_about
    for module in (gradio, modules, scripts, about):
        monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setattr(
        host_detection, "recognise", lambda: Recognition(None, backend="ldm_patched")
    )
    host_detection.recognised.cache_clear()
    monkeypatch.delitem(sys.modules, "lib_omost.webui.refused_script", raising=False)
    yield shown
    host_detection.recognised.cache_clear()
    sys.modules.pop("lib_omost.webui.refused_script", None)


def scripts_in(file):
    """The scripts that a host finds in a file, as the hosts look for them."""
    found = runpy.run_path(str(file)).values()
    return [part for part in found if isinstance(part, type) and issubclass(part, Script)]


def test_the_page_and_the_console_show_the_refusal(shown, capsys):
    [script_class] = scripts_in(SCRIPT)
    assert capsys.readouterr().out == f"{host_detection.refusal()}\n"
    for is_img2img, panel in ((False, "omost_txt2img_about"), (True, "omost_img2img_about")):
        shown.clear()
        assert script_class().ui(is_img2img) == []
        assert shown == ["Omost", host_detection.refusal(), panel]


def test_a_job_meets_no_hook_of_ours(shown):
    [script_class] = scripts_in(SCRIPT)
    assert script_class.before_process is Script.before_process
    assert not hasattr(script_class, "infotext_fields")


def test_a_request_for_regions_over_the_api_finds_no_omost(shown):
    """The hosts answer with an error; with the name, they would make a picture without regions."""
    [script_class] = scripts_in(SCRIPT)
    assert script_class().title().lower() != "omost"
