"""Registration of callbacks in the host."""

from __future__ import annotations

import sys
from types import ModuleType, SimpleNamespace

from lib_omost.hosts import callbacks


def test_a_callback_is_registered_with_category_and_file(monkeypatch):
    settings, denoiser = [], []

    def add_callback(found, function, *, name=None, category="unknown", filename=None):
        found.append(SimpleNamespace(call=function, category=category, filename=filename))

    modules, host = ModuleType("modules"), ModuleType("modules.script_callbacks")
    host.callback_map = {"callbacks_ui_settings": settings, "callbacks_cfg_denoiser": denoiser}
    host.add_callback = add_callback
    modules.script_callbacks = host
    monkeypatch.setitem(sys.modules, "modules", modules)
    monkeypatch.setitem(sys.modules, "modules.script_callbacks", host)

    callbacks.register_callback("ui_settings", print, "omost/options.py")

    [added] = settings
    assert (added.call, added.category, added.filename) == (
        print,
        "ui_settings",
        "omost/options.py",
    )
    assert denoiser == []
