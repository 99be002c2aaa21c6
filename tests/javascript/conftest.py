"""The page's scripts, called from Python."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from lib_omost.ui.script_data import script_data

NODE = Path(sys.executable).parent / "node"


class Scripts:
    """The page's scripts in node; a call names a function and its arguments."""

    def __init__(self, process):
        self._process = process
        self._write(script_data())

    def _write(self, line):
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()

    def __call__(self, function, *values):
        self._write(json.dumps([function, *values]))
        return json.loads(self._process.stdout.readline())


@pytest.fixture(scope="module")
def scripts():
    script = Path(__file__).parent / "evaluate.mjs"
    with subprocess.Popen(
        [NODE, script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8"
    ) as process:
        yield Scripts(process)
        process.stdin.close()
