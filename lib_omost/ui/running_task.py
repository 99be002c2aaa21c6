"""A task that runs for one page, such as an answer being written."""

from __future__ import annotations

import threading
from typing import TypeGuard


class RunningTask:
    """Two events of a task: `cancel` asks it to stop, and `over` is set once it has ended."""

    def __init__(self) -> None:
        self.cancel = threading.Event()
        self.over = threading.Event()

    def end(self) -> None:
        """Cancels the task and marks it as ended."""
        self.cancel.set()
        self.over.set()


def is_running(task: RunningTask | None) -> TypeGuard[RunningTask]:
    """Returns whether there is a task that has not ended."""
    return task is not None and not task.over.is_set()
