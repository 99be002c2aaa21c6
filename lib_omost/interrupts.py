"""Ends a program that Ctrl-C interrupts in one sentence instead of a traceback."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from typing import NoReturn

INTERRUPTED = 130
"""Exit status after Ctrl-C, as shells have it."""


def exit_with(command: Callable[[], int]) -> NoReturn:
    """Run a command and end the process with its exit status, or with INTERRUPTED after Ctrl-C.

    Args:
        command: Everything that the program does, its imports included, so that Ctrl-C while a
            library is imported ends the program in the same way.
    """
    pressed = []

    def press(number: int, frame: object) -> None:
        pressed.append(number)
        raise KeyboardInterrupt

    signal.signal(signal.SIGINT, press)
    try:
        status = command()
        # A library may also have told the command of an error in its place.
        status = INTERRUPTED if pressed and status else status
    except BaseException as error:
        # A library that is interrupted while it is imported may make another exception of it.
        if not pressed or isinstance(error, SystemExit):
            raise
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # the sentence itself is not interrupted
        print("interrupted", file=sys.stderr)
        status = INTERRUPTED
    if status == INTERRUPTED:
        # A language model's thread may be within torch, where Python's own end would crash it.
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)
    sys.exit(status)
