"""Files appear whole or not at all, and of many that create one, one does."""

from __future__ import annotations

import errno
import os
import threading

import pytest

from lib_omost import atomic_files


@pytest.fixture(params=["links", "no links"])
def links(request, monkeypatch):
    """A file system with and without hard links."""
    if request.param == "no links":

        def refuse(old, new):
            raise PermissionError(errno.EPERM, "Operation not permitted")

        monkeypatch.setattr(os, "link", refuse)


def test_writing_replaces(tmp_path):
    atomic_files.write(tmp_path / "a", b"one\n")
    atomic_files.write(tmp_path / "a", b"two\n")
    assert (tmp_path / "a").read_bytes() == b"two\n"
    assert os.listdir(tmp_path) == ["a"]


def test_creating_does_not_replace(tmp_path, links):
    atomic_files.create(tmp_path / "a", b"one")
    with pytest.raises(FileExistsError):
        atomic_files.create(tmp_path / "a", b"two")
    assert (tmp_path / "a").read_bytes() == b"one"
    assert os.listdir(tmp_path) == ["a"]


def test_moving_does_not_replace(tmp_path, links):
    (tmp_path / "a").write_bytes(b"one")
    (tmp_path / "b").write_bytes(b"two")
    with pytest.raises(FileExistsError):
        atomic_files.move(tmp_path / "a", tmp_path / "b")
    atomic_files.move(tmp_path / "a", tmp_path / "c")
    assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == {
        "b": b"two",
        "c": b"one",
    }


def test_of_many_that_create_a_file_at_once_one_does(tmp_path, links):
    made, gate = [], threading.Barrier(8)

    def create(number):
        gate.wait(20)
        try:
            atomic_files.create(tmp_path / "a", b"%d" % number)
        except FileExistsError:
            return
        made.append(b"%d" % number)

    threads = [threading.Thread(target=create, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert [(tmp_path / "a").read_bytes()] == made


@pytest.mark.parametrize(
    ("put", "step"),
    [
        (atomic_files.write, "os.fsync"),
        (atomic_files.write, "pathlib.Path.replace"),
        (atomic_files.create, "os.fsync"),
        (atomic_files.create, "os.link"),
    ],
)
def test_a_failure_leaves_nothing_behind(tmp_path, monkeypatch, put, step):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(step, full)
    with pytest.raises(OSError, match="No space left"):
        put(tmp_path / "a", b"one")
    assert os.listdir(tmp_path) == []


def test_a_secret_is_closed_to_others_from_the_beginning(tmp_path):
    atomic_files.write(tmp_path / "key", b"secret", mode=0o600)
    assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600


def test_what_a_crash_left_is_cleared_but_not_what_is_being_written(tmp_path):
    old, new = tmp_path / ".old.unfinished", tmp_path / ".new.unfinished"
    for file in (old, new, tmp_path / "mine.unfinished"):
        file.touch()
    os.utime(old, (1, 1))
    atomic_files.clear_unfinished(tmp_path)
    assert sorted(os.listdir(tmp_path)) == [".new.unfinished", "mine.unfinished"]
    atomic_files.clear_unfinished(tmp_path, older_than=0)
    assert os.listdir(tmp_path) == ["mine.unfinished"]
