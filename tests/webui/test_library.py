"""The canvas library: what is kept comes back, nothing is overwritten, damage is told."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
import threading
import time

import pytest

from lib_omost.webui import library
from lib_omost.webui.library import (
    DamagedError,
    ForeignError,
    Library,
    LibraryError,
    NoPresetError,
    Preset,
    TakenError,
    get_library,
)
from tests.webui.host_stand_in import run

HARBOUR = Preset("canvas = Canvas()", {"method": "couple", "start": 0.2})
FOREST = Preset("a forest; “quoted”")


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "library"


@pytest.fixture
def kept(folder):
    kept = Library(folder)
    kept.save("Harbour", HARBOUR)
    return kept


def test_an_empty_library_makes_no_folder(folder):
    assert Library(folder).names() == []
    assert not folder.exists()


def test_a_preset_comes_back(kept, folder):
    kept.save("Forest, at dawn", FOREST)
    assert kept.names() == ["Forest, at dawn", "Harbour"]
    assert Library(folder).load("Harbour") == HARBOUR
    assert Library(folder).load("Forest, at dawn") == FOREST
    assert sorted(file.name for file in folder.iterdir()) == [
        "Forest, at dawn.json",
        "Harbour.json",
    ]


def test_nothing_is_replaced_unasked(kept):
    with pytest.raises(TakenError, match="'Harbour' is there already"):
        kept.save("harbour", FOREST)
    assert kept.load("Harbour") == HARBOUR
    kept.save("harbour", FOREST, replace=True)
    assert (kept.names(), kept.load("HARBOUR")) == (["Harbour"], FOREST)


def test_renaming(kept):
    kept.rename("Harbour", "Port")
    assert (kept.names(), kept.load("Port")) == (["Port"], HARBOUR)
    kept.rename("Port", "port")
    assert kept.names() == ["port"]
    kept.save("Forest", FOREST)
    with pytest.raises(TakenError):
        kept.rename("port", "FOREST")
    with pytest.raises(NoPresetError, match="no preset is named 'Harbour'"):
        kept.rename("Harbour", "Haven")
    assert (kept.load("port"), kept.load("Forest")) == (HARBOUR, FOREST)


def test_deleting(kept):
    kept.delete("Harbour")
    assert kept.names() == []
    for missing in (kept.delete, kept.load):
        with pytest.raises(NoPresetError):
            missing("Harbour")


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("", "has no name"),
        (" \n", "has no name"),
        ("../Harbour", "without"),
        ("a\\b", "without"),
        ("C:", "without"),
        ("what?", "without"),
        ("two\nlines", "one line"),
        ("\ud800", "one line"),
        ("..", "full stop"),
        (".hidden", "full stop"),
        ("con", "device"),
        ("Com1.txt", "device"),
        ("ä" * 101, "too long"),
    ],
)
def test_names_that_are_no_file_names_are_refused(kept, name, sentence):
    for call in (
        lambda: kept.save(name, FOREST),
        lambda: kept.load(name),
        lambda: kept.delete(name),
        lambda: kept.rename("Harbour", name),
        lambda: kept.import_text(json.dumps({"omost_preset": 1, "canvas": ""}), name),
    ):
        with pytest.raises(LibraryError, match=sentence):
            call()
    assert kept.names() == ["Harbour"]


def test_letters_may_be_written_in_two_ways(kept):
    kept.save("Se\u0301ance", FOREST)  # as macOS writes an accent
    assert kept.names() == ["Harbour", "S\u00e9ance"]
    assert kept.load("s\u00e9ance") == FOREST


@pytest.mark.parametrize(
    ("preset", "sentence"),
    [
        (Preset("x" * 400_001), "at most 400,000 are read"),
        (Preset("\ud800"), "half a character"),
        (Preset("", {"canvas": "x"}), "cannot set 'canvas'"),
        (Preset("", {"methods": "omost"}), "cannot set 'methods'"),
        (Preset("", {"method": "magic"}), "method must be one of"),
        (Preset("", {"start": 1, "end": 0}), "must not be after end"),
    ],
)
def test_what_cannot_be_kept_is_refused(kept, preset, sentence):
    with pytest.raises(LibraryError, match=sentence):
        kept.save("Harbour", preset, replace=True)
    assert kept.load("Harbour") == HARBOUR


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
def test_a_damaged_file_is_reported_and_kept_aside(kept, folder, content):
    for number in (1, 2):
        (folder / "Harbour.json").write_bytes(content)
        with pytest.raises(DamagedError, match=rf"kept as 'Harbour.damaged{number}'"):
            kept.load("Harbour")
        assert (folder / f"Harbour.damaged{number}").read_bytes() == content
    assert kept.names() == []
    kept.save("Harbour", FOREST)
    assert kept.load("Harbour") == FOREST


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
def test_the_files_of_other_programs_are_left_alone(kept, folder, content):
    """The library may be pointed at any folder, and some are full of other programs' JSON."""
    (folder / "index.json").write_bytes(content)
    assert kept.names() == ["Harbour"]
    for missing in (kept.load, kept.delete, lambda name: kept.rename(name, "Mine")):
        with pytest.raises(NoPresetError, match="no preset is named 'index'"):
            missing("index")
    for taken in (
        lambda: kept.save("Index", FOREST),
        lambda: kept.save("index", FOREST, replace=True),
        lambda: kept.rename("Harbour", "index"),
    ):
        with pytest.raises(
            ForeignError, match=r"'index\.json' in the library's folder is no preset"
        ):
            taken()
    export = json.dumps({"omost_library": 1, "presets": {"index": {"canvas": "x"}}})
    assert kept.import_text(export) == ["index (2)"]
    assert kept.export().left_out == ()
    assert (folder / "index.json").read_bytes() == content
    assert sorted(os.listdir(folder)) == ["Harbour.json", "index (2).json", "index.json"]


def test_a_preset_that_someone_edited_is_still_one(kept, folder):
    (folder / "Edited.json").write_text('{"canvas": "x", "omost_preset": 1}')
    assert kept.names() == ["Edited", "Harbour"]
    assert kept.load("Edited") == Preset("x")


def test_one_damaged_preset_does_not_keep_the_others_from_being_exported(kept, folder):
    kept.save("Forest", FOREST)
    (folder / "Broken.json").write_text('{"omost_preset": 1, "canv')
    (folder / "Newer.json").write_text('{"omost_preset": 2}')
    export = kept.export()
    assert list(json.loads(export.text)["presets"]) == ["Forest", "Harbour"]
    broken, newer = export.left_out
    assert "kept as 'Broken.damaged1'" in broken
    assert newer.startswith("Newer: it is of version 2")
    with pytest.raises(LibraryError, match="version 2"):
        kept.export(["Newer"])


def test_what_a_newer_version_wrote_stays(kept, folder):
    newer = json.dumps({"omost_preset": 2, "canvas": "x"})
    (folder / "Harbour.json").write_text(newer)
    with pytest.raises(LibraryError, match="version 2, and this program reads version 1"):
        kept.load("Harbour")
    assert (folder / "Harbour.json").read_text() == newer


def test_settings_of_another_version_are_left_out_and_stay_in_the_file(kept, folder):
    written = {"method": "couple", "start": "soon", "glow": 3}
    old = {"omost_preset": 1, "canvas": "x", "settings": written}
    (folder / "Old.json").write_text(json.dumps(old))
    assert kept.load("Old") == Preset("x", {"method": "couple"})
    kept.rename("Old", "Older")
    assert json.loads((folder / "Older.json").read_text())["settings"] == written


def test_a_write_that_fails_leaves_what_was_there(kept, folder, monkeypatch):
    def full(descriptor):
        raise OSError("No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        kept.save("Harbour", FOREST, replace=True)
    assert (kept.names(), kept.load("Harbour")) == (["Harbour"], HARBOUR)


def test_an_export_is_imported(kept, tmp_path):
    kept.save("Forest", FOREST)
    other = Library(tmp_path / "other")
    assert other.import_text(kept.export().text) == ["Forest", "Harbour"]
    assert (other.load("Forest"), other.load("Harbour")) == (FOREST, HARBOUR)
    assert other.import_text(kept.export(["Harbour"]).text) == ["Harbour"]
    assert other.names() == ["Forest", "Harbour"]


def test_an_import_replaces_nothing(kept, tmp_path):
    other = Library(tmp_path / "other")
    other.save("Harbour", FOREST)
    assert other.import_text(kept.export().text) == ["Harbour (2)"]
    assert other.import_text(kept.export().text) == ["Harbour (2)"]
    assert (other.load("Harbour"), other.load("Harbour (2)")) == (FOREST, HARBOUR)


def test_a_preset_s_own_file_is_imported(kept, folder):
    text = (folder / "Harbour.json").read_text()
    assert kept.import_text(text, "Port") == ["Port"]
    assert kept.load("Port") == HARBOUR


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "no exported library"),
        ("[1]", "holds no presets"),
        ('{"presets": {}}', "of version None"),
        ('{"omost_library": 1, "presets": {"a": {"canvas": "x"}, "../b": {"canvas": ""}}}', "line"),
        ('{"omost_library": 1, "presets": {"a": {"canvas": "x"}, "b": 1}}', "holds no canvas"),
        ('{"omost_preset": 1}', "holds no canvas"),
    ],
)
def test_of_a_bad_export_nothing_is_saved(kept, text, sentence, monkeypatch):
    with pytest.raises(LibraryError, match=sentence):
        kept.import_text(text)
    monkeypatch.setattr(library, "MAX_IMPORT", 10)
    with pytest.raises(LibraryError, match="more than 10 characters"):
        kept.import_text(kept.export().text)
    assert kept.names() == ["Harbour"]


def test_of_many_that_save_one_name_at_once_one_does(kept):
    saved = []

    def save(number):
        try:
            kept.save("New", Preset(str(number)))
            saved.append(str(number))
        except TakenError:
            pass

    threads = [threading.Thread(target=save, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert [kept.load("New").canvas] == saved


SAVING = """
import sys, time
from pathlib import Path
from lib_omost.webui.library import Library, Preset, TakenError

folder, name, named = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
(folder / f"{name}.ready").touch()
while not (folder / "go").exists():
    time.sleep(0.001)
for number in range(200):
    try:
        Library(folder).save(f"{named} {number}", Preset(name))
        print(number)
    except TakenError:
        pass
"""


@pytest.mark.parametrize("other", ["Preset", "PRESET"])
def test_of_two_programs_that_save_one_name_at_once_one_does(tmp_path, other):
    programs = [
        subprocess.Popen(
            [sys.executable, "-c", SAVING, tmp_path, name, named],
            stdout=subprocess.PIPE,
            text=True,
        )
        for name, named in (("first", "Preset"), ("second", other))
    ]
    while len(list(tmp_path.glob("*.ready"))) < 2:
        assert all(program.poll() is None for program in programs)
        time.sleep(0.01)
    (tmp_path / "go").touch()
    saved = [program.communicate(timeout=120)[0].split() for program in programs]
    assert sorted([*saved[0], *saved[1]], key=int) == [str(number) for number in range(200)]
    for name, numbers in zip(("first", "second"), saved, strict=True):
        assert {Library(tmp_path).load(f"Preset {number}").canvas for number in numbers} <= {name}


@pytest.mark.skipif(sys.platform != "linux", reason="other disks have one name for both")
def test_names_that_another_program_gave_in_two_cases_can_both_be_used(kept, folder):
    (folder / "HARBOUR.json").write_bytes((folder / "Harbour.json").read_bytes())
    assert kept.names() == ["HARBOUR", "Harbour"]
    with pytest.raises(TakenError):
        kept.save("harbour", FOREST)
    kept.rename("HARBOUR", "Port")
    kept.delete("Harbour")
    assert kept.names() == ["Port"]


def test_renaming_takes_no_name_that_appears_meanwhile(kept, folder, monkeypatch):
    """Another program saves the name between our look and our rename."""
    link = os.link

    def slow(old, new):
        (folder / "Port.json").write_bytes(b'{"omost_preset": 1, "canvas": "theirs"}')
        link(old, new)

    monkeypatch.setattr(os, "link", slow)
    with pytest.raises(TakenError, match="'Port' is there already"):
        kept.rename("Harbour", "Port")
    assert (kept.load("Port"), kept.load("Harbour")) == (Preset("theirs"), HARBOUR)


def export_of(count, name="Preset {}".format):
    presets = {name(number): {"canvas": str(number)} for number in range(count)}
    return json.dumps({"omost_library": 1, "presets": presets})


def test_an_import_that_fails_half_way_leaves_nothing(kept, folder, monkeypatch):
    link, left = os.link, iter(range(3))

    def full(old, new):
        if next(left, None) is None:
            raise OSError(errno.ENOSPC, "No space left on device")
        link(old, new)

    monkeypatch.setattr(os, "link", full)
    with pytest.raises(OSError, match="No space left"):
        kept.import_text(export_of(5))
    assert os.listdir(folder) == ["Harbour.json"]


def letters(number):
    """One of many ways to write one name."""
    return "".join(x.upper() if number >> bit & 1 else x for bit, x in enumerate("abcdefghijkl"))


@pytest.mark.parametrize("name", ["Preset {}".format, letters])
def test_the_work_of_an_import_grows_with_the_presets(tmp_path, monkeypatch, name):
    """Every name used to list the folder anew: importing 2,000 presets took a minute."""
    work = []
    listdir, is_name, read = os.listdir, library._is_name, library._head

    def counted(function):
        def call(*args):
            work.append(function.__name__)
            return function(*args)

        return call

    monkeypatch.setattr(os, "listdir", counted(listdir))
    monkeypatch.setattr(library, "_is_name", counted(is_name))
    monkeypatch.setattr(library, "_head", counted(read))
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


def test_the_host_s_library_lies_in_its_data_folder(monkeypatch, tmp_path):
    run(monkeypatch, tmp_path)
    get_library().save("Harbour", HARBOUR)
    assert (tmp_path / "omost" / "library" / "Harbour.json").exists()
