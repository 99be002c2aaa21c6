"""What the buttons of the panel "Presets" do."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from lib_omost.presets.library import Library
from lib_omost.presets.preset import Preset
from lib_omost.ui.preset_actions import PresetActions, PresetInputs, PresetQuestion, PresetView

ENTERED = PresetInputs(
    name="Harbour", new_name="Port", canvas="canvas = Canvas()", settings={"method": "couple"}
)


@pytest.fixture
def library(tmp_path):
    library = Library(tmp_path)
    library.save("Harbour", Preset("a harbour", {"start": 0.5}))
    return library


@pytest.fixture
def presets(library):
    return PresetActions(lambda: library)


def confirm(presets, action, name="Harbour", **entered):
    entered = replace(ENTERED, question=PresetQuestion(action, name), **entered)
    return presets.with_errors(presets.confirm)(entered)


def test_loading_says_what_is_to_change(presets):
    view = presets.load(ENTERED)
    assert (view.canvas, view.settings) == ("a harbour", {"start": 0.5})
    assert "Loaded: Harbour." in view.message


def test_what_a_preset_does_not_set_stays(presets, library):
    library.save("Settings", Preset("", {"start": 0.5}))
    library.save("Canvas", Preset("x"))
    assert presets.load(PresetInputs(name="Settings")).canvas is None
    assert presets.load(PresetInputs(name="Canvas")).settings is None


@pytest.mark.parametrize(("with_settings", "settings"), [(False, {}), (True, {"method": "couple"})])
def test_saving_asks_for_a_name(presets, library, with_settings, settings):
    assert presets.save(ENTERED).question == PresetQuestion("save", "Harbour")
    view = confirm(presets, "save", with_settings=with_settings)
    assert (view.names, view.name, view.question) == (["Harbour", "Port"], "Port", False)
    assert library.load("Port") == Preset("canvas = Canvas()", settings)


def test_saving_asks_before_it_replaces(presets, library):
    view = confirm(presets, "save", new_name=" harbour ")
    assert view.question == PresetQuestion("replace", "harbour")
    assert view.question.text == "A preset named “harbour” exists already. Replace it?"
    assert library.load("Harbour").canvas == "a harbour"
    assert "Saved" in confirm(presets, "replace").message
    assert library.load("Harbour") == Preset("canvas = Canvas()")


def test_an_empty_canvas_is_not_saved_alone(presets, library):
    view = confirm(presets, "save", canvas=" ")
    assert "There is nothing to save: the canvas is empty." in view.message
    confirm(presets, "save", canvas="", with_settings=True)
    assert library.load("Port") == Preset("", {"method": "couple"})


def test_renaming_and_deleting_ask(presets, library):
    assert presets.rename(ENTERED).question == PresetQuestion("rename", "Harbour")
    assert confirm(presets, "rename").name == "Port"
    assert presets.delete(replace(ENTERED, name="Port")).question == PresetQuestion(
        "delete", "Port"
    )
    assert presets.cancel(ENTERED) == PresetView(question=False)
    assert library.names() == ["Port"]
    view = confirm(presets, "delete", "Port")
    assert (view.names, view.name) == ([], "")
    assert presets.confirm(ENTERED) == PresetView()


def test_one_preset_or_all_are_exported(presets, library, tmp_path):
    library.save("Forest", Preset("a forest"))
    other = Library(tmp_path / "other")
    one, all_of_them = presets.export(ENTERED), presets.export(PresetInputs())
    assert (one.download, all_of_them.download) == ("Harbour.json", "omost-library.json")
    assert other.import_text(one.exported) == ["Harbour"]
    assert other.import_text(all_of_them.exported) == ["Forest", "Harbour"]


def test_an_export_tells_of_a_preset_that_it_leaves_out(presets, tmp_path):
    (tmp_path / "Broken.json").write_text('{"omost_preset": 1, "canv')
    view = presets.export(PresetInputs())
    assert list(json.loads(view.exported)["presets"]) == ["Harbour"]
    assert "all readable presets" in view.message
    assert "&#x27;Broken&#x27; is damaged" in view.message


def test_a_file_is_imported(presets, tmp_path):
    text = (tmp_path / "Harbour.json").read_text()
    view = presets.import_presets(PresetInputs(imported=text, file_name="Old.json"))
    assert (view.names, view.name) == (["Harbour", "Old"], "Old")


def test_without_a_choice_the_buttons_say_so(presets, library):
    for handler in (presets.load, presets.rename, presets.delete):
        assert "Choose a preset first." in handler(PresetInputs()).message
    library.delete("Harbour")
    assert "no presets to export" in presets.export(PresetInputs()).message


def test_what_went_wrong_is_said_and_shows_what_is_left(presets, library, tmp_path, monkeypatch):
    (tmp_path / "Harbour.json").write_text('{"omost_preset": 1, "canv')
    view = presets.with_errors(presets.load)(ENTERED)
    assert "The preset &#x27;Harbour&#x27; is damaged" in view.message
    assert (view.names, view.canvas) == ([], None)

    def full(*_):
        raise OSError("No space left on device")

    monkeypatch.setattr(library, "save", full)
    assert "No space left on device" in confirm(presets, "save", with_settings=True).message
