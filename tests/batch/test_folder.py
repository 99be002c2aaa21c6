from __future__ import annotations

import dataclasses
import json
import os

import pytest

from lib_omost.batch.folder import BatchFolder
from lib_omost.batch.job_spec import BatchLine, JobSpec

LINE = BatchLine(7, JobSpec(request="a cat", seed=3), "abc")


@pytest.fixture
def folder(tmp_path):
    return BatchFolder(tmp_path / "made" / "pictures")


def test_a_line_is_begun_with_its_canvas_and_done_with_its_picture(folder):
    assert folder.find(LINE) is None
    folder.save_canvas(LINE, "canvas = Canvas()", ["repaired"])
    assert (folder.read_canvas(LINE), folder.find(LINE).picture) == ("canvas = Canvas()", "")
    record = folder.save_picture(LINE, b"png", ["cut"])
    assert record.picture == "0007-abc.png"
    assert (folder.path / record.picture).read_bytes() == b"png"
    assert json.loads((folder.path / "0007-abc.json").read_text()) == {
        "format": "omost batch",
        "line": 7,
        "fingerprint": "abc",
        "asked": LINE.job.to_line(),
        "canvas": "0007-abc.txt",
        "picture": "0007-abc.png",
        "remarks": ["repaired", "cut"],
    }


def test_what_is_done_is_found_again_wherever_its_line_stands_now(folder):
    folder.save_canvas(LINE, "canvas")
    moved = dataclasses.replace(LINE, number=9)
    again = BatchFolder(folder.path)
    assert again.find(moved).canvas == "0007-abc.txt"
    assert again.save_picture(moved, b"png").picture == "0007-abc.png"
    assert BatchFolder(folder.path).find(LINE).picture == "0007-abc.png"


def test_a_changed_line_knows_what_stood_there_before(folder):
    folder.save_canvas(LINE, "canvas")
    changed = dataclasses.replace(LINE, fingerprint="def")
    assert folder.find_replaced(changed).canvas == "0007-abc.txt"
    assert folder.find_replaced(LINE) is None
    assert folder.find_replaced(dataclasses.replace(changed, number=8)) is None


@pytest.mark.parametrize(
    ("spoil", "problem", "rest"),
    [
        (lambda path: (path / "0007-abc.png").unlink(), "0007-abc.png is missing", "0007-abc.txt"),
        (lambda path: (path / "0007-abc.txt").unlink(), "0007-abc.txt is missing", None),
        (lambda path: (path / "0007-abc.json").write_text("{"), "0007-abc.json cannot be", None),
        (lambda path: (path / "0007-abc.txt").write_bytes(b"\xff"), "can't decode byte", None),
        (lambda path: (path / "0007-abc.json").write_text("[" * 99_999), "json cannot be", None),
        (lambda path: (path / "0007-abc.json").write_text("[]"), "0007-abc.json cannot be", None),
    ],
)
def test_what_is_spoilt_is_told_and_made_again(folder, spoil, problem, rest):
    folder.save_canvas(LINE, "canvas")
    folder.save_picture(LINE, b"png")
    spoil(folder.path)
    again = BatchFolder(folder.path)
    assert problem in again.problems[0]
    record = again.find(LINE)
    assert (record and (record.canvas, record.picture)) == (rest and (rest, ""))


@pytest.mark.parametrize(
    ("name", "value", "problem"),
    [
        ("line", "7", "its 'line' has a value of the wrong type: '7'"),
        ("line", True, "its 'line' has a value of the wrong type: True"),
        ("line", 8, "it belongs to another line"),
        ("fingerprint", ["abc"], "its 'fingerprint' has a value of the wrong"),
        ("fingerprint", "def", "it belongs to another line"),
        ("asked", None, "its 'asked' has a value of the wrong"),
        ("canvas", 5, "its 'canvas' has a value of the wrong"),
        ("canvas", "", "it names files that are not its own"),
        ("canvas", "../secret.txt", "it names files that are not its own: ../secret.txt"),
        ("canvas", "/etc/hostname", "it names files that are not its own: /etc/hostname"),
        ("picture", None, "its 'picture' has a value of the wrong"),
        ("picture", "../picture.png", "it names files that are not its own"),
        ("remarks", "cut", "its 'remarks' has a value of the wrong"),
        ("remarks", [1], "its remarks are not all texts"),
        ("more", 1, "it is not the record of a line"),
    ],
)
def test_a_record_of_wrong_types_or_other_files_is_told_and_made_again(
    folder, tmp_path, name, value, problem
):
    (tmp_path / "made" / "secret.txt").write_text("not to be shown")
    folder.save_canvas(LINE, "canvas")
    folder.save_picture(LINE, b"png")
    file = folder.path / "0007-abc.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), name: value}))
    again = BatchFolder(folder.path)
    assert len(again.problems) == 1
    assert again.problems[0].startswith(f"0007-abc.json cannot be used ({problem}")
    assert again.problems[0].endswith("; its line is made again")
    assert again.find(LINE) is None
    again.save_canvas(LINE, "canvas")
    again.save_picture(LINE, b"png")
    assert BatchFolder(folder.path).problems == []


@pytest.mark.parametrize("notes", ['{"format": "notes"}', "{}"])
@pytest.mark.parametrize("name", ["my-notes.json", "2024-notes.json"])
def test_files_of_others_are_left_alone(folder, name, notes):
    (folder.path / name).write_text(notes)
    again = BatchFolder(folder.path)
    assert again.problems == []


def test_a_crash_while_a_record_is_written_leaves_the_former_one(folder, monkeypatch):
    folder.save_canvas(LINE, "canvas")
    monkeypatch.setattr(os, "fsync", lambda file: (_ for _ in ()).throw(OSError("full")))
    with pytest.raises(OSError, match="full"):
        folder.save_picture(LINE, b"png")
    monkeypatch.undo()
    again = BatchFolder(folder.path)
    assert again.problems == []
    assert again.find(LINE).picture == ""
