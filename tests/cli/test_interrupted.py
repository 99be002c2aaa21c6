"""Tests that Ctrl-C ends every command with one sentence and exit status 130, at any time."""

from __future__ import annotations

import signal
import subprocess
import sys
import time

import pytest

from lib_omost.__main__ import COMMANDS, main
from lib_omost.renderer.image_model import DEMO_PAINTER_NOTE

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


def run(arguments, program=PROGRAM):
    """Runs a program, PROGRAM with the module whose import Ctrl-C interrupts."""
    command = [sys.executable, "-c", program, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


IMPORTS = {
    **dict.fromkeys(COMMANDS, "lib_omost.cli.common"),
    "doctor": "lib_omost.bug_report.report",  # works without Pillow, which common needs
}
"""A module that each command imports."""


@pytest.mark.parametrize("command", COMMANDS)
def test_its_help_says_so(command, capsys):
    with pytest.raises(SystemExit):
        main([command, "--help"])
    assert "130 interrupted." in " ".join(capsys.readouterr().out.split())


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
@pytest.mark.parametrize("command", COMMANDS)
def test_it_ends_while_it_imports(command):
    ended = run([IMPORTS[command], command, "--help"])
    assert (ended.returncode, ended.stderr, ended.stdout) == (130, "interrupted\n", "")


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_the_page_s_process_ends_while_it_imports():
    program = PROGRAM.replace("lib_omost.__main__", "lib_omost.serve.__main__")
    ended = run(["lib_omost.serve.process", "--help"], program)
    assert (ended.returncode, ended.stderr, ended.stdout) == (130, "interrupted\n", "")


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_a_library_that_makes_another_exception_of_it_changes_nothing():
    program = PROGRAM.replace(
        "os.kill(os.getpid(), signal.SIGINT)",
        "try:\n            os.kill(os.getpid(), signal.SIGINT)\n"
        "        except KeyboardInterrupt:\n            raise ImportError('loaded twice')",
    )
    ended = run(["lib_omost.cli.common", "canvas", "--help"], program)
    assert (ended.returncode, ended.stderr) == (130, "interrupted\n")


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
@pytest.mark.parametrize("module", ["argparse", "lib_omost.quiet_libraries"])
def test_it_ends_at_its_first_imports(module):
    ended = run([module, "canvas", "--help"])
    assert (ended.returncode, ended.stderr, ended.stdout) == (130, "interrupted\n", "")


def test_hardly_anything_is_imported_before_ctrl_c_is_handled():
    """Before, Python itself would print a traceback."""
    program = (
        "import sys; before = set(sys.modules); import lib_omost.__main__; "
        "print(*sorted(set(sys.modules) - before))"
    )
    imported = subprocess.check_output([sys.executable, "-S", "-c", program], text=True).split()
    own = [name for name in imported if name.startswith("lib_omost")]
    assert own == ["lib_omost", "lib_omost.__main__", "lib_omost.ctrl_c"]
    assert not {"argparse", "importlib.util", "re", "typing"} & set(imported)


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_a_library_that_drops_it_in_its_import_changes_nothing():
    program = PROGRAM.replace(
        "os.kill(os.getpid(), signal.SIGINT)",
        "try:\n            os.kill(os.getpid(), signal.SIGINT)\n"
        "        except BaseException:\n            pass",
    )
    ended = run(["lib_omost.cli.common", "canvas", "--help"], program)
    assert (ended.returncode, ended.stderr, ended.stdout) == (130, "interrupted\n", "")


DESTRUCTOR = """
import os, signal
from lib_omost.ctrl_c import exit_with

class Resource:
    def __del__(self):
        os.kill(os.getpid(), signal.SIGINT)

def command():
    Resource()
    return 0

exit_with(command)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_it_is_not_lost_in_a_destructor():
    ended = run([], DESTRUCTOR)
    assert (ended.returncode, ended.stderr) == (130, "interrupted\n")


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
@pytest.mark.parametrize("module", ["torch", "transformers", "lib_omost.renderer.renderer"])
def test_it_ends_while_the_image_model_is_imported(tmp_path, module):
    call = ["render", "examples/shapes.txt", "--out", str(tmp_path / "a.png")]
    ended = run([module, *call])
    assert ended.returncode == 130
    assert ended.stderr.splitlines()[-1] == "interrupted"
    assert "Traceback" not in ended.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_it_ends_while_a_picture_is_painted(tmp_path):
    call = ["render", "examples/shapes.txt", "--steps", "100000", "--out", str(tmp_path / "a.png")]
    command = [sys.executable, "-m", "lib_omost", *call]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr.readline() == f"{DEMO_PAINTER_NOTE}\n"
        time.sleep(1)
        process.send_signal(signal.SIGINT)
        assert process.stderr.read() == "interrupted\n"
        assert process.wait(60) == 130
