from __future__ import annotations

import dataclasses
import json

import pytest

from lib_omost.batch import folder as module
from lib_omost.batch.folder import Folder
from lib_omost.batch.wanted import Line, Wanted

LINE = Line(7, Wanted(request="a cat", seed=3), "abc")


@pytest.fixture
def folder(tmp_path):
    return Folder(tmp_path / "made" / "pictures")


def test_a_line_is_begun_with_its_canvas_and_done_with_its_picture(folder):
    assert folder.find(LINE) is None
    folder.keep_canvas(LINE, "canvas = Canvas()", ["repaired"])
    assert (folder.canvas(LINE), folder.find(LINE).picture) == ("canvas = Canvas()", "")
    record = folder.keep_picture(LINE, b"png", ["cut"])
    assert record.picture == "0007-abc.png"
    assert (folder.path / record.picture).read_bytes() == b"png"
    assert json.loads((folder.path / "0007-abc.json").read_text()) == {
        "format": "omost batch",
        "line": 7,
        "fingerprint": "abc",
        "asked": LINE.wanted.to_line(),
        "canvas": "0007-abc.txt",
        "picture": "0007-abc.png",
        "remarks": ["repaired", "cut"],
    }


def test_what_is_done_is_found_again_wherever_its_line_stands_now(folder):
    folder.keep_canvas(LINE, "canvas")
    moved = dataclasses.replace(LINE, number=9)
    again = Folder(folder.path)
    assert again.find(moved).canvas == "0007-abc.txt"
    assert again.keep_picture(moved, b"png").picture == "0007-abc.png"
    assert Folder(folder.path).find(LINE).picture == "0007-abc.png"


def test_a_changed_line_knows_what_stood_there_before(folder):
    folder.keep_canvas(LINE, "canvas")
    changed = dataclasses.replace(LINE, fingerprint="def")
    assert folder.former(changed).canvas == "0007-abc.txt"
    assert folder.former(LINE) is None
    assert folder.former(dataclasses.replace(changed, number=8)) is None


@pytest.mark.parametrize(
    ("spoil", "problem", "rest"),
    [
        (lambda path: (path / "0007-abc.png").unlink(), "0007-abc.png is gone", "0007-abc.txt"),
        (lambda path: (path / "0007-abc.txt").unlink(), "0007-abc.txt is gone", None),
        (lambda path: (path / "0007-abc.json").write_text("{"), "0007-abc.json cannot be", None),
        (lambda path: (path / "0007-abc.json").write_text("[]"), "0007-abc.json cannot be", None),
    ],
)
def test_what_is_spoilt_is_told_and_made_again(folder, spoil, problem, rest):
    folder.keep_canvas(LINE, "canvas")
    folder.keep_picture(LINE, b"png")
    spoil(folder.path)
    again = Folder(folder.path)
    assert problem in again.problems[0]
    record = again.find(LINE)
    assert (record and (record.canvas, record.picture)) == (rest and (rest, ""))


def test_files_of_others_are_left_alone(folder):
    (folder.path / "my-notes.json").write_text('{"format": "notes"}')
    again = Folder(folder.path)
    assert again.problems == []


def test_a_crash_while_a_record_is_written_leaves_the_former_one(folder, monkeypatch):
    folder.keep_canvas(LINE, "canvas")
    monkeypatch.setattr(module.os, "fsync", lambda file: (_ for _ in ()).throw(OSError("full")))
    with pytest.raises(OSError, match="full"):
        folder.keep_picture(LINE, b"png")
    monkeypatch.undo()
    again = Folder(folder.path)
    assert again.problems == []
    assert again.find(LINE).picture == ""
