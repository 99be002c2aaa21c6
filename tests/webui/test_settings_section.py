"""The section "Omost" in the host's Settings."""

from __future__ import annotations

import sys
from types import SimpleNamespace

import pytest

from lib_omost import options
from lib_omost.program import current
from lib_omost.program.standalone import StandaloneProgram
from lib_omost.program.webui import WebuiProgram
from lib_omost.settings import FIELDS
from lib_omost.webui import settings_section

PROGRAM = WebuiProgram(lambda: None)


class OptionInfo:
    def __init__(self, default, label, component=None, component_args=None, section=None):
        self.default, self.label, self.section = default, label, section
        self.component, self.component_args = component, component_args

    def info(self, text):
        self.text = text
        return self

    def needs_reload_ui(self):
        self.text += " (requires Reload UI)"
        return self


@pytest.fixture
def opts(monkeypatch):
    """The host's options, without any of ours."""
    opts = SimpleNamespace(added={})
    opts.add_option = opts.added.__setitem__
    shared = SimpleNamespace(
        opts=opts,
        OptionInfo=OptionInfo,
        cmd_opts=SimpleNamespace(disable_extension_access=False),
    )
    monkeypatch.setitem(sys.modules, "gradio", SimpleNamespace(Dropdown="a drop-down list"))
    monkeypatch.setitem(sys.modules, "modules", SimpleNamespace(shared=shared))
    monkeypatch.setitem(sys.modules, "modules.shared", shared)
    current.set_program(PROGRAM)
    return opts


def test_the_section_has_each_option(opts):
    settings_section.add_section(PROGRAM)
    assert list(opts.added) == list(options.OPTIONS)
    assert {info.section for info in opts.added.values()} == {("omost", "Omost")}
    assert opts.added["omost_method"].component_args == {"choices": ["omost", "couple", "area"]}
    assert all(info.text for info in opts.added.values())
    assert "Reload UI" in opts.added["omost_method"].text


def test_visitors_of_a_webui_open_to_the_network_cannot_move_the_library(opts):
    """The hosts refuse to change an option whose component is not visible, whoever asks."""
    settings_section.add_section(PROGRAM)
    assert opts.added["omost_library"].component_args is None
    sys.modules["modules.shared"].cmd_opts.disable_extension_access = True
    settings_section.add_section(PROGRAM)
    assert opts.added["omost_library"].component_args == {"visible": False}
    assert opts.added["omost_method"].component_args == {"choices": ["omost", "couple", "area"]}


def test_what_is_chosen_counts(opts):
    opts.omost_method = "couple"
    assert options.value("omost_method") == options.initial_value(FIELDS["method"]) == "couple"


def test_without_a_choice_or_a_host_the_defaults_count(opts):
    """A WebUI that serves the API alone makes no Settings."""
    assert options.value("omost_model") == "qwen2.5-coder-1.5b"
    current.set_program(StandaloneProgram())
    assert options.value("omost_model") == "composer"
    assert options.initial_value(FIELDS["overlap"]) == "all"
    assert options.initial_value(FIELDS["end"]) == 1.0
