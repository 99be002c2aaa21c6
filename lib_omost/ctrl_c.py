"""Ends a program after Ctrl-C with a short message instead of a traceback."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from typing import NoReturn

INTERRUPTED = 130
"""Exit status after Ctrl-C, by the convention of shells."""


def exit_with(command: Callable[[], int]) -> NoReturn:
    """Runs a command and ends the process with its exit status, or with INTERRUPTED after Ctrl-C.

    Args:
        command: The whole program including its imports, because Ctrl-C during an import must end
            the program in the same way.
    """
    interrupts = []

    def handle_interrupt(number: int, frame: object) -> None:
        interrupts.append(number)
        raise KeyboardInterrupt

    signal.signal(signal.SIGINT, handle_interrupt)
    try:
        status = command()
        # A library may have converted the interrupt to an ordinary error of the command.
        status = INTERRUPTED if interrupts and status else status
    except BaseException as error:
        # A library that is interrupted during its import may raise another exception.
        if not interrupts or isinstance(error, SystemExit):
            raise
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # a second Ctrl-C must not stop the message
        print("interrupted", file=sys.stderr)
        status = INTERRUPTED
    if status == INTERRUPTED:
        # A language model's thread may be inside torch, which Python's regular exit would crash.
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)
    sys.exit(status)
