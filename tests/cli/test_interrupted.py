"""Tests that Ctrl-C ends every command with one sentence and exit status 130, at any time."""

from __future__ import annotations

import subprocess
import sys

import pytest

from lib_omost.__main__ import COMMANDS, main

PROGRAM = """
import builtins, os, runpy, signal, sys
original, wanted = builtins.__import__, sys.argv.pop(1)

def interrupting(name, *rest, **named):
    if name == wanted:
        builtins.__import__ = original
        os.kill(os.getpid(), signal.SIGINT)
    return original(name, *rest, **named)

builtins.__import__ = interrupting
sys.argv[0] = "lib_omost"
runpy.run_module("lib_omost.__main__", run_name="__main__")
"""


IMPORTS = {
    **dict.fromkeys(COMMANDS, "lib_omost.cli.common"),
    "doctor": "lib_omost.bug_report.report",  # works without Pillow, which common needs
}
"""A module that each command imports."""


@pytest.mark.parametrize("command", sorted(set(COMMANDS) - {"serve"}))  # Ctrl-C is its usual end
def test_its_help_says_so(command, capsys):
    with pytest.raises(SystemExit):
        main([command, "--help"])
    assert "130 interrupted." in " ".join(capsys.readouterr().out.split())


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
@pytest.mark.parametrize("command", COMMANDS)
def test_it_ends_while_it_imports(command):
    arguments = [sys.executable, "-c", PROGRAM, IMPORTS[command], command, "--help"]
    ended = subprocess.run(arguments, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stderr, ended.stdout) == (130, "interrupted\n", "")


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_the_page_s_process_ends_while_it_imports():
    program = PROGRAM.replace("lib_omost.__main__", "lib_omost.serve.__main__")
    arguments = [sys.executable, "-c", program, "lib_omost.serve.process", "--help"]
    ended = subprocess.run(arguments, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stderr, ended.stdout) == (130, "interrupted\n", "")


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_a_library_that_makes_another_exception_of_it_changes_nothing():
    program = PROGRAM.replace(
        "os.kill(os.getpid(), signal.SIGINT)",
        "try:\n            os.kill(os.getpid(), signal.SIGINT)\n"
        "        except KeyboardInterrupt:\n            raise ImportError('loaded twice')",
    )
    arguments = [sys.executable, "-c", program, "lib_omost.cli.common", "canvas", "--help"]
    ended = subprocess.run(arguments, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stderr) == (130, "interrupted\n")


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_it_ends_while_the_image_model_is_imported(tmp_path):
    call = ["render", "--request", "a red circle", "--out", str(tmp_path / "a.png")]
    arguments = [sys.executable, "-c", PROGRAM, "lib_omost.renderer.renderer", *call]
    ended = subprocess.run(arguments, capture_output=True, text=True, check=False)
    assert ended.returncode == 130
    assert ended.stderr.endswith("interrupted\n")
    assert "Traceback" not in ended.stderr
