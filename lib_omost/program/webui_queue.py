"""The queue of A1111 and Forge: an answer holds the host's lock, and pictures wait for it."""

from __future__ import annotations

import sys
import threading
import traceback
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from queue import SimpleQueue
from types import FrameType

from lib_omost.llm.engine import Done, Event, Failed, Progress
from lib_omost.llm.event_stream import POLL, relay
from lib_omost.llm.failures import explain_failure
from lib_omost.program import webui_job_state
from lib_omost.program.port import WriteAnswer
from lib_omost.program.queueing import (
    WAITING_FOR_ANSWER,
    WAITING_FOR_PICTURE,
    StopCondition,
    wait_timed_out,
)
from lib_omost.program.waiting_line import WaitingLine

LINE = WaitingLine()
"""The answers that wait for the host's lock. Only the first waits at the lock itself, which a
thread cannot stop to wait for."""

LOCK_HOLDERS = (
    "modules.processing",
    "modules.scripts",
    "modules.scripts_postprocessing",
    "modules_forge.main_thread",
)
"""Modules of the hosts whose functions run while the lock is held."""

WITHIN_JOB = (
    "The picture that is being made asks for this answer itself and would wait for it for ever: "
    "compose before it is made, or choose a server."
)


class QueuedAnswer:
    """An answer that is written while this process holds the host's lock.

    Args:
        write: Writes the answer until its event is set.
        model: The model's name, for messages.
        cancel: Ends the answer, or the wait for the lock.
        steps: Length of the progress bar, in tokens.
        task: The id of the progress bar's task; "" for a new one.
        wait: The longest wait for the lock, in seconds; None for no limit.

    A thread of its own takes the lock. The host's lock has no time limit, so the reader could not
    leave if it waited there itself, and a reader that vanishes must not keep the lock.
    """

    def __init__(
        self,
        write: WriteAnswer,
        *,
        model: str,
        cancel: threading.Event,
        steps: int,
        task: str = "",
        wait: float | None = None,
    ) -> None:
        self._write = write
        self._model = model
        self._cancel = cancel
        self._steps = steps
        self._task = task
        self._wait = wait
        self._abandoned = threading.Event()  # the reader has left
        self._has_lock = threading.Event()
        self._events: SimpleQueue[Event] = SimpleQueue()

    def events(self) -> Generator[Event, None, None]:
        """Yields the engine's events, and at least one Progress each second.

        The host's Interrupt and Skip end the answer once it has the lock. Before, they are meant
        for the picture that has it.
        """
        if thread_holds_lock():
            yield Failed(WITHIN_JOB)
            return
        task = webui_job_state.add_task(self._task)
        thread = threading.Thread(
            target=self._run, args=(task,), name="omost queued answer", daemon=True
        )
        thread.start()
        try:
            yield from self._received()
        finally:
            self._abandoned.set()
            webui_job_state.remove_task(task)

    def _received(self) -> Iterator[Event]:
        """Yields the thread's events, and at least one Progress each second."""
        return relay(
            self._events,
            check_silence=self._end_of_wait,
            progress=lambda seconds: None if self._has_lock.is_set() else _waiting(),
        )

    def _end_of_wait(self, seconds: float) -> Done | Failed | None:
        """Returns the end if the wait for the lock is over without it, else None."""
        if self._has_lock.is_set():
            return None
        if self._cancel.is_set():
            return Done("cancelled", 0)
        if self._wait is not None and seconds > self._wait:
            return wait_timed_out(self._wait)
        return None

    def _run(self, task: str) -> None:
        """Waits for the lock, writes the answer and always passes its end to the reader."""
        place = LINE.join()
        try:
            from modules.call_queue import queue_lock

            while not place.is_first.wait(POLL):
                if self._abandoned.is_set():
                    return
            with queue_lock:
                end = self._answer(task)
        except BaseException as error:  # the reader waits for an end, whatever was raised
            traceback.print_exc()
            end = Failed(explain_failure(error, self._model))
        finally:
            place.leave()
        self._events.put(end)

    def _answer(self, task: str) -> Done | Failed:
        if self._abandoned.is_set():
            return Done("cancelled", 0)
        self._has_lock.set()
        with webui_job_state.answer_job(task, self._steps) as show:
            stop = StopCondition(
                self._cancel.is_set, self._abandoned.is_set, webui_job_state.interrupted
            )
            with closing(self._write(stop)) as events:
                for event in events:
                    if isinstance(event, (Done, Failed)):
                        return event
                    show(event)
                    self._events.put(event)
        return Failed(f"{self._model} ended without an answer. Try again.")


def _waiting() -> Progress:
    is_answer = webui_job_state.answer_is_current_job()
    return WAITING_FOR_ANSWER if is_answer else WAITING_FOR_PICTURE


def thread_holds_lock() -> bool:
    """Returns True if the calling thread works under the host's lock, so a wait would never end."""
    return _is_called_from(lambda frame: frame.f_globals.get("__name__") in LOCK_HOLDERS)


def within_job() -> bool:
    """Returns True if the calling thread makes a job's pictures, and so runs a job within it."""

    def makes_pictures(frame: FrameType) -> bool:
        is_function = frame.f_code.co_name == "process_images_inner"
        return is_function and frame.f_globals.get("__name__") == "modules.processing"

    return _is_called_from(makes_pictures)


def _is_called_from(matches: Callable[[FrameType], bool]) -> bool:
    """Returns True if a function on the calling thread's stack matches.

    The stack is the only place where both hosts tell this. Their lock knows no owner, and in Forge
    the thread that makes the pictures is not the one that took the lock. Our script's hooks would
    miss selectable scripts before their first job, the Extras tab, and jobs without scripts; after
    a job that failed no hook runs, so a note of a job's begin would become stale.
    """
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        if matches(frame):
            return True
        frame = frame.f_back
    return False
