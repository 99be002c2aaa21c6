"""Files of presets: damaged files are moved aside, files of other programs stay."""

from __future__ import annotations

import json
import os

import pytest

from lib_omost.presets.preset import (
    DamagedPresetError,
    ForeignFileError,
    LibraryError,
    Preset,
    PresetNotFoundError,
)
from tests.presets.examples import FOREST, HARBOUR


@pytest.mark.parametrize(
    ("preset", "sentence"),
    [
        (Preset("x" * 400_001), "at most 400,000 are read"),
        (Preset("\ud800"), "half a Unicode character"),
        (Preset("", {"canvas": "x"}), "cannot set 'canvas'"),
        (Preset("", {"methods": "omost"}), "cannot set 'methods'"),
        (Preset("", {"method": "magic"}), "method must be one of"),
        (Preset("", {"start": 1, "end": 0}), "must not be after end"),
    ],
)
def test_what_cannot_be_kept_is_refused(library, preset, sentence):
    with pytest.raises(LibraryError, match=sentence):
        library.save("Harbour", preset, replace=True)
    assert library.load("Harbour") == HARBOUR


@pytest.mark.parametrize(
    "content",
    [
        b'{"omost_preset": 1, "canv',
        b'{"omost_preset": 1}',
        b'{"canvas": 1, "omost_preset": 1}',
        b'{"omost_preset": 1, "canvas": "", "settings": []}',
        b'{"omost_preset": 1, "canvas": "", "settings": {"start": 1, "end": 0}}',
        b'{"omost_preset": 1, "canvas": "\xff\xfe"}',
        b'{"omost_preset":' + b"[" * 100_000,
    ],
)
def test_a_damaged_file_is_reported_and_kept_aside(library, folder, content):
    for number in (1, 2):
        (folder / "Harbour.json").write_bytes(content)
        with pytest.raises(DamagedPresetError, match=rf"kept as 'Harbour.damaged{number}'"):
            library.load("Harbour")
        assert (folder / f"Harbour.damaged{number}").read_bytes() == content
    assert library.names() == []
    library.save("Harbour", FOREST)
    assert library.load("Harbour") == FOREST


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"\xff\xfe",
        b'{"canvas": "", "settings": {}}',
        b'{"version": "3.9", "note": "omost_preset"}',
        b'["omost_preset"]',
        b"[" * 100_000,
    ],
)
def test_the_files_of_other_programs_are_left_alone(library, folder, content):
    """The library may be pointed at any folder, and some are full of other programs' JSON."""
    (folder / "index.json").write_bytes(content)
    assert library.names() == ["Harbour"]
    for missing in (library.load, library.delete, lambda name: library.rename(name, "Mine")):
        with pytest.raises(PresetNotFoundError, match="no preset is named 'index'"):
            missing("index")
    for taken in (
        lambda: library.save("Index", FOREST),
        lambda: library.save("index", FOREST, replace=True),
        lambda: library.rename("Harbour", "index"),
    ):
        with pytest.raises(
            ForeignFileError, match=r"'index\.json' in the library's folder is no preset"
        ):
            taken()
    export = json.dumps({"omost_library": 1, "presets": {"index": {"canvas": "x"}}})
    assert library.import_text(export) == ["index (2)"]
    assert library.export().left_out == ()
    assert (folder / "index.json").read_bytes() == content
    assert sorted(os.listdir(folder)) == ["Harbour.json", "index (2).json", "index.json"]


def test_a_preset_that_someone_edited_is_still_one(library, folder):
    (folder / "Edited.json").write_text('{"canvas": "x", "omost_preset": 1}')
    assert library.names() == ["Edited", "Harbour"]
    assert library.load("Edited") == Preset("x")


def test_what_a_newer_version_wrote_stays(library, folder):
    newer = json.dumps({"omost_preset": 2, "canvas": "x"})
    (folder / "Harbour.json").write_text(newer)
    with pytest.raises(LibraryError, match="version 2, but this program only reads version 1"):
        library.load("Harbour")
    assert (folder / "Harbour.json").read_text() == newer


def test_settings_of_another_version_are_left_out_and_stay_in_the_file(library, folder):
    written = {"method": "couple", "start": "soon", "glow": 3}
    old = {"omost_preset": 1, "canvas": "x", "settings": written}
    (folder / "Old.json").write_text(json.dumps(old))
    assert library.load("Old") == Preset("x", {"method": "couple"})
    library.rename("Old", "Older")
    assert json.loads((folder / "Older.json").read_text())["settings"] == written


def test_a_write_that_fails_leaves_what_was_there(library, folder, monkeypatch):
    def full(descriptor):
        raise OSError("No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        library.save("Harbour", FOREST, replace=True)
    assert (library.names(), library.load("Harbour")) == (["Harbour"], HARBOUR)
