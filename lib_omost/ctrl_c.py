"""Ends a program after Ctrl-C with a short message instead of a traceback."""

from __future__ import annotations

import os
import signal
import sys

# Not from typing: until the handler below is installed, Ctrl-C would print a traceback.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType
    from typing import Any, NoReturn

INTERRUPTED = 130
"""Exit status after Ctrl-C, by the convention of shells."""

IMPORT_SYSTEM = "<frozen importlib"
"""Beginning of the file names of Python's import system."""


def exit_with(command: Callable[[], int]) -> NoReturn:
    """Runs a command and ends the process with its exit status, or with INTERRUPTED after Ctrl-C.

    Args:
        command: The whole program including its imports, because Ctrl-C during an import must end
            the program in the same way.
    """
    interrupts = []

    def handle_interrupt(number: int, frame: FrameType | None) -> None:
        interrupts.append(number)
        if _is_importing(frame):
            # Libraries that are interrupted during their import hide the interrupt or crash.
            _end()
        raise KeyboardInterrupt

    def handle_lost_exception(lost: Any) -> None:
        """Ends the program if Python drops the interrupt, for example in a destructor."""
        if interrupts and isinstance(lost.exc_value, KeyboardInterrupt):
            _end()
        sys.__unraisablehook__(lost)

    signal.signal(signal.SIGINT, handle_interrupt)
    sys.unraisablehook = handle_lost_exception
    try:
        status = command()
        # A library may have converted the interrupt to an ordinary error of the command.
        status = INTERRUPTED if interrupts and status else status
    except BaseException as error:
        # A library may also have converted it to another exception.
        if not interrupts or isinstance(error, SystemExit):
            raise
        _end()
    if status == INTERRUPTED:
        _exit()
    sys.exit(status)


def _is_importing(frame: FrameType | None) -> bool:
    """Returns whether a module is being imported in a frame or in one that called it."""
    while frame is not None:
        if frame.f_code.co_filename.startswith(IMPORT_SYSTEM):
            return True
        frame = frame.f_back
    return False


def _end() -> NoReturn:
    """Prints the message and ends the process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a second Ctrl-C must not stop the message
    print("interrupted", file=sys.stderr)
    _exit()


def _exit() -> NoReturn:
    """Ends the process at once, with INTERRUPTED.

    A language model's thread may be inside torch, which Python's regular exit would crash.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(INTERRUPTED)
