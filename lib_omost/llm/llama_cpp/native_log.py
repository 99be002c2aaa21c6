"""Collects the log that llama.cpp writes to standard error."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

WRITE_LIMIT = 1.0
"""Seconds that llama.cpp's logging thread may take for the last lines."""

LAST_LINE = b"exiting due to"
"""The beginning of the last line of a log if the model was not loaded."""


@contextmanager
def native_log() -> Iterator[Callable[[], str]]:
    """Collects the output of native libraries on standard error in a file.

    Returns:
        A context whose value is a function that returns the log of a model that was not loaded.
    """
    former = os.dup(2)
    with tempfile.TemporaryFile() as file:

        def read() -> str:
            end = time.monotonic() + WRITE_LIMIT
            while True:
                file.seek(0)
                log = file.read()
                if LAST_LINE in log or time.monotonic() > end:
                    return log.decode("utf-8", "replace")
                time.sleep(0.01)

        os.dup2(file.fileno(), 2)
        try:
            yield read
        finally:
            os.dup2(former, 2)
            os.close(former)
