"""What the running WebUI tells: options, language, picture formats, restriction, callbacks."""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from lib_omost.program.webui import WebuiProgram
from tests.host_stand_in import run


@pytest.fixture
def host(monkeypatch, tmp_path):
    host = run(monkeypatch, tmp_path)
    host.opts = sys.modules["modules.shared"].opts = SimpleNamespace()
    return host


@pytest.fixture
def program(host):
    return WebuiProgram(lambda: host)


def test_an_option_is_that_of_settings_or_the_default(host, program):
    assert program.option("omost_model", "none") == "none"
    host.opts.omost_model = "composer"
    assert program.option("omost_model", "none") == "composer"


def test_an_unknown_program_has_no_options_and_no_language(monkeypatch):
    for name in ("modules.shared", "modules.localization"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    program = WebuiProgram(lambda: None)
    assert program.option("omost_model", "none") == "none"
    assert program.localisation_files() == ()
    assert not program.saves_jpeg()


@pytest.mark.parametrize(
    ("samples", "grids", "jpeg"),
    [("png", "webp", False), ("JPG", "png", True), ("png", "jpeg", True)],
)
def test_jpeg_is_found_in_both_formats(host, program, samples, grids, jpeg):
    host.opts.samples_format, host.opts.grid_format = samples, grids
    assert program.saves_jpeg() is jpeg


def test_folder_restriction_and_memory_are_the_host_s(host, program, tmp_path):
    assert program.data_folder == Path(tmp_path) / "omost"
    assert program.memory is host
    assert not program.restricts_visitors()
    host.cmd_opts.disable_extension_access = True
    assert program.restricts_visitors()


def test_the_idle_queue_is_held_without_a_wait(host, program):
    with program.idle_queue() as was_free:
        assert was_free
        assert host.queue_lock.held
        with program.idle_queue() as was_free:
            assert not was_free
        assert host.queue_lock.held
    assert not host.queue_lock.held


def test_a_callback_is_the_host_s(host, program):
    program.add_callback("app_started", print, "file.py")
    assert host.started == [print]
