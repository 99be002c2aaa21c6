"""One program at a time has the lock of a folder."""

import sys

import pytest

from lib_omost.folder_lock import locked

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows opens no folders")


def test_who_asks_for_a_lock_that_is_held_is_told(tmp_path):
    with locked(tmp_path, 0):
        with pytest.raises(TimeoutError, match="keeps it locked"), locked(tmp_path, 0):
            pass
        with locked(tmp_path.parent, 0):
            pass
    with locked(tmp_path, 0):
        pass
    assert list(tmp_path.iterdir()) == []


def test_on_windows_the_lock_excludes_the_other_threads(tmp_path, monkeypatch):
    monkeypatch.setattr("sys.platform", "win32")
    with locked(tmp_path, 0):
        with pytest.raises(TimeoutError, match="keeps it locked"), locked(tmp_path, 0):
            pass
        with locked(tmp_path.parent, 0):
            pass
    with locked(tmp_path, 0):
        pass


def test_a_file_system_without_locks_is_used_without_one(tmp_path, monkeypatch):
    def refuse(descriptor, how):
        raise OSError("no locks")

    monkeypatch.setattr("fcntl.flock", refuse)
    with locked(tmp_path, 0), locked(tmp_path, 0):
        pass
