"""Messages and stop conditions of the queue, the same in every program."""

from __future__ import annotations

import threading
from collections.abc import Callable

from lib_omost.llm.engine import Failed, Progress

WAITING_FOR_PICTURE = Progress("Waiting for the picture to be finished")
WAITING_FOR_ANSWER = Progress("Waiting for another answer to be finished")


class StopCondition(threading.Event):
    """An event that is set once one of its conditions is true, and remains set."""

    def __init__(self, *conditions: Callable[[], bool]) -> None:
        super().__init__()
        self._conditions = conditions

    def is_set(self) -> bool:
        """Returns True if a condition is true now or was true at an earlier call."""
        if not super().is_set() and any(condition() for condition in self._conditions):
            self.set()
        return super().is_set()


def wait_timed_out(seconds: float) -> Failed:
    """Returns the end of an answer that did not get the queue within its longest wait."""
    return Failed(f"A picture was still being made after {seconds:g} seconds: try again later.")
