"""Registration of callbacks in the host."""

from __future__ import annotations

import sys
from collections import namedtuple
from types import ModuleType

import pytest

from lib_omost.hosts import callbacks


@pytest.fixture
def script_callbacks(monkeypatch):
    """modules.script_callbacks with two empty lists of callbacks."""
    modules, host = ModuleType("modules"), ModuleType("modules.script_callbacks")
    host.callback_map = {"callbacks_ui_settings": [], "callbacks_cfg_denoiser": []}
    modules.script_callbacks = host
    monkeypatch.setitem(sys.modules, "modules", modules)
    monkeypatch.setitem(sys.modules, "modules.script_callbacks", host)
    return host


def test_a_callback_is_registered_with_category_and_file(script_callbacks):
    def add_callback(found, function, *, name=None, category="unknown", filename=None):
        found.append((function, category, filename))

    script_callbacks.add_callback = add_callback
    callbacks.register_callback("ui_settings", print, "omost/options.py")
    assert script_callbacks.callback_map == {
        "callbacks_ui_settings": [(print, "ui_settings", "omost/options.py")],
        "callbacks_cfg_denoiser": [],
    }


def test_forge_classic_s_function_searches_for_the_file_and_is_not_called(script_callbacks):
    def add_callback(found, function): ...

    script_callbacks.add_callback = add_callback
    script_callbacks.ScriptCallback = namedtuple("ScriptCallback", ["script", "callback"])
    callbacks.register_callback("ui_settings", print, "omost/options.py")
    [added] = script_callbacks.callback_map["callbacks_ui_settings"]
    assert (added.script, added.callback) == ("omost/options.py", print)
