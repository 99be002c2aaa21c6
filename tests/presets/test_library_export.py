"""Exported libraries: an import adds presets, replaces none, and fails as a whole."""

from __future__ import annotations

import base64
import errno
import io
import json
import os

import pytest
from PIL import Image, PngImagePlugin

from lib_omost.presets import library as library_module
from lib_omost.presets import library_export, preset_file
from lib_omost.presets.library import Library
from lib_omost.presets.preset import LibraryError, Preset
from tests.presets.examples import FOREST, HARBOUR


def test_one_damaged_preset_does_not_keep_the_others_from_being_exported(library, folder):
    library.save("Forest", FOREST)
    (folder / "Broken.json").write_text('{"omost_preset": 1, "canv')
    (folder / "Newer.json").write_text('{"omost_preset": 2}')
    export = library.export()
    assert list(json.loads(export.text)["presets"]) == ["Forest", "Harbour"]
    broken, newer = export.left_out
    assert "kept as 'Broken.damaged1'" in broken
    assert newer.startswith("Newer: the file has format version 2")
    with pytest.raises(LibraryError, match="version 2"):
        library.export(["Newer"])


def test_an_export_is_imported(library, tmp_path):
    library.save("Forest", FOREST)
    other = Library(tmp_path / "other")
    assert other.import_text(library.export().text) == ["Forest", "Harbour"]
    assert (other.load("Forest"), other.load("Harbour")) == (FOREST, HARBOUR)
    assert other.import_text(library.export(["Harbour"]).text) == ["Harbour"]
    assert other.names() == ["Forest", "Harbour"]


def test_an_import_replaces_nothing(library, tmp_path):
    other = Library(tmp_path / "other")
    other.save("Harbour", FOREST)
    assert other.import_text(library.export().text) == ["Harbour (2)"]
    assert other.import_text(library.export().text) == ["Harbour (2)"]
    assert (other.load("Harbour"), other.load("Harbour (2)")) == (FOREST, HARBOUR)


def test_a_preset_s_own_file_is_imported(library, folder):
    text = (folder / "Harbour.json").read_text()
    assert library.import_text(text, "Port") == ["Port"]
    assert library.load("Port") == HARBOUR


def data_url(picture):
    return f"data:application/octet-stream;base64,{base64.b64encode(picture).decode()}"


def test_a_layout_of_another_program_is_imported_unchanged(library):
    layout = '[{"bbox_2d": [200, 100, 900, 400], "label": "a red coat"}]'
    assert library.import_text(layout, "Coat") == ["Coat"]
    assert library.load("Coat") == Preset(layout)


def test_the_canvas_of_a_picture_is_imported(library):
    picture, info = io.BytesIO(), PngImagePlugin.PngInfo()
    info.add_text("parameters", "a street ADDCOMM a coat ADDCOL a hat")
    Image.new("RGB", (8, 8)).save(picture, "PNG", pnginfo=info)
    library.import_text(data_url(picture.getvalue()), "Street")
    assert library.load("Street") == Preset("a street ADDCOMM a coat ADDCOL a hat")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "neither presets nor a canvas"),
        ("[1]", "neither presets nor a canvas: this JSON array"),
        ("a cat on a sofa", "neither presets nor a canvas: this is a plain text"),
        ('{"spec": "chara_card_v2", "data": {}}', "nor a canvas: this is a character card"),
        (data_url(b"\x89PNG\r\n"), "the picture cannot be opened"),
        ('{"presets": {}}', "format version None"),
        (
            '{"omost_library": 1, "presets": {"a": {"canvas": "x"}, "../b": {"canvas": ""}}}',
            "unprintable",
        ),
        ('{"omost_library": 1, "presets": {"a": {"canvas": "x"}, "b": 1}}', "has no canvas"),
        ('{"omost_preset": 1}', "has no canvas"),
    ],
)
def test_of_a_bad_export_nothing_is_saved(library, text, sentence, monkeypatch):
    with pytest.raises(LibraryError, match=sentence):
        library.import_text(text)
    monkeypatch.setattr(library_export, "MAX_IMPORT", 10)
    with pytest.raises(LibraryError, match="more than 10 characters"):
        library.import_text(library.export().text)
    assert library.names() == ["Harbour"]


def export_of(count, name="Preset {}".format):
    presets = {name(number): {"canvas": str(number)} for number in range(count)}
    return json.dumps({"omost_library": 1, "presets": presets})


def test_an_import_that_fails_half_way_leaves_nothing(library, folder, monkeypatch):
    link, left = os.link, iter(range(3))

    def full(old, new):
        if next(left, None) is None:
            raise OSError(errno.ENOSPC, "No space left on device")
        link(old, new)

    monkeypatch.setattr(os, "link", full)
    with pytest.raises(OSError, match="No space left"):
        library.import_text(export_of(5))
    assert os.listdir(folder) == ["Harbour.json"]


def letters(number):
    """One of many ways to write one name."""
    return "".join(x.upper() if number >> bit & 1 else x for bit, x in enumerate("abcdefghijkl"))


@pytest.mark.parametrize("name", ["Preset {}".format, letters])
def test_the_work_of_an_import_grows_with_the_presets(tmp_path, monkeypatch, name):
    """Every name used to list the folder anew: importing 2,000 presets took a minute."""
    work = []
    listdir, is_valid, read = os.listdir, library_module.is_valid_name, preset_file.read_start

    def counted(function):
        def call(*args):
            work.append(function.__name__)
            return function(*args)

        return call

    monkeypatch.setattr(os, "listdir", counted(listdir))
    monkeypatch.setattr(library_module, "is_valid_name", counted(is_valid))
    monkeypatch.setattr(preset_file, "read_start", counted(read))
    counts = []
    for count in (100, 200):
        work.clear()
        export = export_of(count, name)
        imported = Library(tmp_path / str(count)).import_text(export)
        assert len({each.casefold() for each in imported}) == count
        assert work.count("listdir") <= 2
        counts.append(len(work))
        work.clear()
        assert Library(tmp_path / str(count)).import_text(export) == imported
        counts.append(len(work))
    assert counts[2] < 3 * counts[0] + 3
    assert counts[3] < 3 * counts[1]
