"""Tools for tests that record their processes and loads, and that fail on demand."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from lib_omost.batch.executors import UnusableToolError
from lib_omost.batch.job_spec import LineError


@dataclass(frozen=True)
class Upper:
    """Converts texts to capitals.

    "fail" fails, "bug" is a bug, "die" ends the process, "die once" ends the first process that
    gets it, "wait" never ends by itself. made: a folder that gets a file for each load.
    """

    made: Path
    usable: bool = True

    needs_gpu = False

    def load(self) -> Callable[[str], str]:
        if not self.usable:
            raise UnusableToolError("there is no such model")
        (self.made / f"{os.getpid()}-{time.monotonic_ns()}").touch()
        return self.upper

    def upper(self, text: str) -> str:
        if text == "fail":
            raise LineError("it cannot be done")
        if text == "bug":
            raise ZeroDivisionError("by zero")
        if text == "die" or (text == "die once" and not (self.made / "died").exists()):
            (self.made / "died").touch()
            os._exit(9)
        if text == "wait":
            (self.made / "waits").touch()
            time.sleep(600)
        return text.upper()
