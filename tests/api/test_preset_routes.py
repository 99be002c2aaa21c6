"""The canvas library over HTTP."""

from __future__ import annotations

import pytest

from lib_omost.presets.preset import Preset
from lib_omost.settings import FIELDS

PATH = "/omost/v1/presets"
HARBOUR = {"canvas": "canvas = Canvas()", "settings": {"method": "couple", "start": 0}}


@pytest.fixture
def presets(client):
    assert client.put(f"{PATH}/Harbour", json=HARBOUR).status_code == 200
    return client


def test_a_preset_is_saved_and_read(presets, library):
    assert presets.get(PATH).json() == {"presets": ["Harbour"]}
    assert library.load("Harbour") == Preset(HARBOUR["canvas"], HARBOUR["settings"])
    assert presets.get(f"{PATH}/Harbour").json() == HARBOUR


def test_nothing_is_replaced_unasked(presets, library):
    answer = presets.put(f"{PATH}/harbour", json={"canvas": "other"})
    assert answer.status_code == 409
    assert answer.json()["detail"].startswith("A preset named 'Harbour' exists already")
    assert presets.get(f"{PATH}/Harbour").json() == HARBOUR
    replaced = presets.put(f"{PATH}/Harbour?replace=true", json={"canvas": "other"})
    assert replaced.status_code == 200
    assert library.load("Harbour") == Preset("other")


def test_renaming_and_deleting(presets):
    renamed = presets.post(f"{PATH}/Harbour/rename", json={"name": "Port"})
    assert renamed.json() == {"presets": ["Port"]}
    assert presets.delete(f"{PATH}/Port").status_code == 204
    assert presets.get(PATH).json() == {"presets": []}


def test_what_is_not_there_is_told(presets):
    for answer in (
        presets.get(f"{PATH}/Port"),
        presets.delete(f"{PATH}/Port"),
        presets.post(f"{PATH}/Port/rename", json={"name": "Haven"}),
    ):
        assert (answer.status_code, answer.json()) == (
            404,
            {"detail": "No preset is named 'Port'."},
        )


def test_a_damaged_file_is_told_and_kept(presets, tmp_path):
    (tmp_path / "library" / "Harbour.json").write_text('{"omost_preset": 1, "canv')
    answer = presets.get(f"{PATH}/Harbour")
    assert answer.status_code == 404
    assert "kept as 'Harbour.damaged1'" in answer.json()["detail"]


def test_the_library_is_exported_and_imported_elsewhere(presets, library):
    exported = presets.get("/omost/v1/library")
    assert exported.json() == {
        "omost_library": 1,
        "presets": {"Harbour": HARBOUR},
        "left_out": [],
    }
    assert library.import_text(exported.text) == ["Harbour"]  # as the page's button does

    presets.delete(f"{PATH}/Harbour")
    added = presets.post("/omost/v1/library", json=exported.json())
    assert added.json() == {"presets": ["Harbour"]}
    assert presets.get(f"{PATH}/Harbour").json() == HARBOUR


def test_an_import_leaves_what_is_there(presets, library):
    other = {"omost_library": 1, "presets": {"Harbour": {"canvas": "other"}}}
    added = presets.post("/omost/v1/library", json=other)
    assert added.json() == {"presets": ["Harbour (2)"]}
    assert presets.get(f"{PATH}/Harbour").json() == HARBOUR
    assert library.load("Harbour (2)") == Preset("other")


@pytest.mark.parametrize(
    ("body", "beginning"),
    [
        ({"presets": {}}, "'omost_library': field required"),
        ({"omost_library": 1, "presets": {"a": {}}}, "'presets.a.canvas': field required"),
        ({"omost_library": 2, "presets": {}}, "The file has format version 2"),
        ({"omost_library": 1, "presets": {"b": {"canvas": ""}, "a:": {"canvas": ""}}}, "The name"),
    ],
)
def test_an_import_that_cannot_be_used_changes_nothing(client, body, beginning):
    answer = client.post("/omost/v1/library", json=body)
    assert answer.status_code == 422
    assert answer.json()["detail"].startswith(beginning)
    assert client.get(PATH).json() == {"presets": []}


@pytest.mark.parametrize(
    ("name", "body", "beginning"),
    [
        ("a:b", {}, "The name 'a:b' contains"),
        ("nul", {}, "'nul' is a reserved file name"),
        ("a", {"canvas": 1}, "'canvas': "),
        ("a", {"settings": {"method": "magic"}}, "'settings.method': "),
        ("a", {"settings": {"start": 1, "end": 0}}, "Start (1) must not be after end (0)"),
        ("a", {"settings": {"start": True}}, "'settings.start"),
        ("a", {"settings": {"enabled": True}}, "'settings.enabled': extra "),
        ("a", {"canvsa": ""}, "'canvsa': extra "),
    ],
)
def test_bad_input_is_refused_with_one_sentence(client, name, body, beginning):
    answer = client.put(f"{PATH}/{name}", json=body)
    assert answer.status_code == 422
    assert answer.json()["detail"].startswith(beginning)
    assert client.get(PATH).json() == {"presets": []}


def test_a_full_disk_is_told(client, library, monkeypatch):
    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(library, "save", full)
    answer = client.put(f"{PATH}/a", json={})
    assert answer.status_code == 503
    assert answer.json()["detail"] == "The library cannot be used: No space left on device."


def test_the_settings_are_described_by_their_one_class(app):
    described = app.openapi()["components"]["schemas"]["PresetSettings"]["properties"]
    assert described.keys() == FIELDS.keys() - {"enabled", "canvas"}
    for name, schema in described.items():
        assert schema["title"] == FIELDS[name].label
        assert schema["description"] == FIELDS[name].help
    assert '"maximum": 2' in str(described["sharpness"]).replace("'", '"')
