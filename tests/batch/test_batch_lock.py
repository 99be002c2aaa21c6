"""Tests that a second batch in a folder is refused, and that a killed batch releases the lock."""

from __future__ import annotations

import errno
import fcntl
import os
import subprocess
import sys

import pytest

from lib_omost.batch.batch_lock import BusyFolderError, lock_folder

HOLDER = """
import sys, time
from pathlib import Path
from lib_omost.batch.batch_lock import lock_folder

with lock_folder(Path(sys.argv[1]), print):
    print("locked", flush=True)
    time.sleep(600)
"""


def test_a_second_batch_is_told_who_works_there(tmp_path):
    folder = tmp_path / "made"
    with lock_folder(folder, print), pytest.raises(BusyFolderError) as refused:
        lock_folder(folder, print).__enter__()
    assert str(refused.value).startswith(f"another batch works in {folder} (process {os.getpid()} ")
    with lock_folder(folder, print), lock_folder(tmp_path / "other", print):
        pass


def test_the_lock_of_a_process_that_was_killed_is_taken_over(tmp_path):
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, tmp_path], stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout.readline() == "locked\n"
    with pytest.raises(BusyFolderError, match=f"process {holder.pid} on "):
        lock_folder(tmp_path, print).__enter__()
    holder.kill()
    holder.communicate(timeout=20)
    with lock_folder(tmp_path, print):
        pass


def test_a_file_system_without_locks_is_told_of(tmp_path, monkeypatch):
    def refuse(*_):
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", refuse)
    said = []
    with lock_folder(tmp_path, said.append):
        pass
    assert said == [
        f"note: the file system of {tmp_path} has no locks (No locks available); start no second "
        "batch in it while this one works"
    ]
