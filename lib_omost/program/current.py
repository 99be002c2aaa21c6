"""Stores the program that this process runs in, for functions that do not get it as an argument.

The page's texts and the options' values are read in many small functions. All other code gets its
Program as a parameter.
"""

from __future__ import annotations

from lib_omost.program.port import Program
from lib_omost.program.standalone import StandaloneProgram

_current: Program = StandaloneProgram()


def set_program(program: Program) -> None:
    """Sets the program that this process runs in; scripts/omost.py and the page's process do."""
    global _current
    _current = program


def current() -> Program:
    """Returns the program that this process runs in; the stand-alone one by default."""
    return _current
