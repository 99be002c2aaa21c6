"""The axes of the host's X/Y/Z plot."""

from __future__ import annotations

import copy
import sys
from types import SimpleNamespace

import pytest

from lib_omost.presets.library import Library
from lib_omost.presets.preset import Preset
from lib_omost.settings import FIELDS
from lib_omost.webui import xyz_axes
from tests.webui.conftest import CODE


class AxisOption:
    """The host's, as far as it is used."""

    def __init__(self, label, type, apply, format_value=None, confirm=None, choices=None):
        self.label, self.type, self.apply = label, type, apply
        self.confirm, self.choices = confirm, choices


@pytest.fixture
def grid():
    return SimpleNamespace(AxisOption=AxisOption, axis_options=[AxisOption("Seed", int, None)])


@pytest.fixture
def axes(grid):
    xyz_axes.add(grid)
    return {option.label.removeprefix("[Omost] "): option for option in grid.axis_options}


@pytest.fixture
def library(monkeypatch, tmp_path):
    library = Library(tmp_path)
    library.save("Harbour", Preset(CODE))
    monkeypatch.setattr(xyz_axes, "get_library", lambda: library)
    return library


def set_by(*chosen):
    """What a cell's job is given by these axes and values."""
    job = SimpleNamespace()
    for axis, value in chosen:
        axis.confirm(job, [value])
        axis.apply(job, value, [value])
    return job.omost_axes


def test_each_setting_has_an_axis(axes):
    named = {FIELDS[name].label for name in set(FIELDS) - xyz_axes.LEFT_OUT}
    assert set(axes) == {"Seed", "Canvas of the library", *named}


def test_they_are_added_once(grid):
    for _ in range(2):
        xyz_axes.add(grid)
    labels = [option.label for option in grid.axis_options]
    assert len(labels) == len(set(labels))


def test_a_host_without_the_plot_is_left_alone(monkeypatch, grid):
    bring(monkeypatch, [])
    xyz_axes.register()
    bring(monkeypatch, [SimpleNamespace(script_class=of_module("omost.py"))])
    xyz_axes.register()
    plot = SimpleNamespace(script_class=of_module("xyz_grid.py"), module=grid)
    bring(monkeypatch, [plot])
    xyz_axes.register()
    assert len(grid.axis_options) > 1


def of_module(name):
    return type("Script", (), {"__module__": name})


def bring(monkeypatch, scripts_data):
    scripts = SimpleNamespace(scripts_data=scripts_data)
    monkeypatch.setitem(sys.modules, "modules", SimpleNamespace(scripts=scripts))


def test_values_are_offered_where_there_are_few(axes, library):
    assert axes["Method"].choices() == ["omost", "couple", "area"]
    assert axes["Enabled"].choices() == ["True", "False"]
    assert axes["Canvas of the library"].choices() == ["Harbour"]
    assert axes["Region strength"].choices is None
    assert (axes["Region strength"].type, axes["Composition seed"].type) == (float, int)


def test_values_reach_the_cell_s_job(axes):
    chosen = set_by((axes["Region strength"], 0.5), (axes["Enabled"], "True"))
    assert chosen == {"region_strength": 0.5, "enabled": True}


def test_a_copy_of_the_job_has_values_of_its_own(axes):
    job = SimpleNamespace()
    axes["Method"].apply(job, "area", [])
    cell = copy.copy(job)
    axes["End"].apply(cell, 0.5, [])
    assert job.omost_axes == {"method": "area"}
    assert cell.omost_axes == {"method": "area", "end": 0.5}


def test_an_axis_that_would_show_nothing_alone_sets_what_it_needs(axes, library):
    assert set_by((axes["Colour denoising"], 0.5))["start_from_colors"] is True
    assert set_by((axes["Composition seed"], 5))["canvas_source"] == "prompt"
    assert set_by((axes["Canvas of the library"], "Harbour")) == {
        "canvas": CODE,
        "canvas_source": "page",
    }


@pytest.mark.parametrize("swapped", [False, True])
def test_what_an_axis_says_itself_counts(axes, swapped):
    chosen = [(axes["Composition seed"], 5), (axes["Canvas from"], "page")]
    assert set_by(*(chosen[::-1] if swapped else chosen))["canvas_source"] == "page"


@pytest.mark.parametrize(
    ("axis", "value", "message"),
    [
        ("Region strength", 3.0, "region_strength must be between 0 and 2, not 3.0"),
        ("Method", "magic", "method must be one of omost, couple, area, not 'magic'"),
        ("Enabled", "perhaps", "enabled must be true or false, not 'perhaps'"),
        ("Canvas of the library", "Forest", "Forest"),
    ],
)
def test_a_wrong_value_is_refused_before_the_first_picture(axes, library, axis, value, message):
    with pytest.raises(RuntimeError, match=r"^\[Omost\] .*" + message):
        axes[axis].confirm(None, [value])
