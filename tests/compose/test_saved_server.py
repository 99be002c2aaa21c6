"""The file of the server's address and key."""

from __future__ import annotations

import os
import threading

from lib_omost.compose.saved_server import SavedServer


def test_composes_to_different_servers_at_once_all_succeed(tmp_path):
    errors, gate = [], threading.Barrier(16)

    def use(number):
        gate.wait(20)
        try:
            for _ in range(20):
                SavedServer(tmp_path / "server.json").use(f"http://127.0.0.1:{number}")
        except OSError as error:
            errors.append(error)

    threads = [threading.Thread(target=use, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert errors == []
    assert os.listdir(tmp_path) == ["server.json"]


def test_the_file_is_closed_to_other_users(tmp_path):
    SavedServer(tmp_path / "omost" / "server.json").save("http://127.0.0.1:1", "secret")
    assert (tmp_path / "omost" / "server.json").stat().st_mode & 0o777 == 0o600


def test_what_a_crash_left_unfinished_is_cleared_by_the_next_that_is_saved(tmp_path):
    left = tmp_path / ".1.unfinished"
    left.write_text("half a ke")
    os.utime(left, (0, 0))
    SavedServer(tmp_path / "server.json").save("http://127.0.0.1:1", "secret")
    assert os.listdir(tmp_path) == ["server.json"]
