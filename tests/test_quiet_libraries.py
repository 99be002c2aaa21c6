"""Programs of the command line print no messages of libraries."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

PROGRAM = """
import logging, warnings
from lib_omost.quiet_libraries import quieten_libraries
quieten_libraries()
logging.getLogger("library").warning("logged")
warnings.warn("warned")
"""


def errors(*options, **variables):
    """Returns what a program prints on standard error."""
    command = [sys.executable, *options, "-c", PROGRAM]
    ended = subprocess.run(
        command, capture_output=True, text=True, check=True, env=os.environ | variables
    )
    return ended.stderr


def test_a_library_s_warnings_and_logs_are_not_printed():
    assert errors() == ""


@pytest.mark.parametrize(
    ("options", "variables"), [(["-W", "always"], {}), ([], {"PYTHONWARNINGS": "always"})]
)
def test_the_user_can_turn_warnings_on(options, variables):
    assert errors(*options, **variables).startswith("<string>:6: UserWarning: warned")


def test_painting_prints_one_sentence_about_the_painter(tmp_path):
    command = [sys.executable, "-m", "lib_omost", "render", "examples/shapes.txt", "--steps", "1"]
    ended = subprocess.run(
        [*command, "--out", tmp_path / "a.png"], capture_output=True, text=True, check=True
    )
    assert len(ended.stderr.splitlines()) == 1
