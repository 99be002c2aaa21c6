"""The log that llama.cpp's own thread writes to standard error."""

import os
import threading
import time

from lib_omost.llm.llama_cpp import native_log as module
from lib_omost.llm.llama_cpp.native_log import native_log


def test_the_log_is_read_once_its_last_line_is_written():
    def write():
        os.write(2, b"E unknown model\n")
        time.sleep(0.2)
        os.write(2, b"E exiting due to model loading error\n")

    with native_log() as log:
        writer = threading.Thread(target=write)
        writer.start()
        assert log() == "E unknown model\nE exiting due to model loading error\n"
        writer.join()


def test_a_log_without_a_last_line_is_read_after_a_limit(monkeypatch):
    monkeypatch.setattr(module, "WRITE_LIMIT", 0.1)
    with native_log() as log:
        os.write(2, b"E unknown\n")
        assert log() == "E unknown\n"


def test_standard_error_is_restored(capfd):
    with native_log():
        os.write(2, b"inside")
    os.write(2, b"outside")
    assert capfd.readouterr().err == "outside"
